import { attempt, send } from '../../api/index.ts'
import { type Command, CommandFailed, defineCommand } from '../../command.ts'
import { connect, connectionFlags } from '../../connection.ts'
import { flag } from '../../flag.ts'
import { expectArgs } from '../../input/index.ts'
import { printerOf, wrapText } from '../../output/index.ts'

export const command: Command = defineCommand({
  usage: 'lease revoke [options] ID',
  about: `
Revoke a lease, and with it the credentials it stands for; or, with -prefix, all
leases whose ids begin so.

    $ {program} lease revoke database/creds/readonly/2f6a614c
    $ {program} lease revoke -prefix database/creds/readonly
`,
  flags: {
    ...connectionFlags,
    force: flag.bool('Forget the leases even if what they stand for cannot be revoked. Needs -prefix.', { aliases: ['f'] }),
    prefix: flag.bool('The argument is a prefix of ids.'),
    sync: flag.bool('Wait until it is done.'),
  },
  async run(ctx, { flags, args }) {
    const out = printerOf(ctx, {})
    expectArgs(args, 1)
    if (flags.force && !flags.prefix) throw new CommandFailed('Specifying -force requires also specifying -prefix')
    const client = await connect(ctx, flags)
    const id = (args[0] as string).trim()
    if (flags.force) out.warn(wrapText('Warning! A lease that is removed by force may leave its credentials behind, working.'))
    const how = flags.force ? 'revoke-force' : flags.prefix ? 'revoke-prefix' : 'revoke'
    const doing = flags.force
      ? 'Error force revoking leases with prefix'
      : flags.prefix
        ? 'Error revoking leases with prefix'
        : 'Error revoking lease'
    const body = flags.force ? {} : { body: { sync: flags.sync } }
    await attempt(`${doing} ${id}`, () => send(client, { method: 'PUT', path: `sys/leases/${how}/${id}`, ...body }))
    if (flags.force) out.line(`Success! Force revoked any leases with prefix: ${id}`)
    else if (flags.sync) out.line(flags.prefix ? `Success! Revoked any leases with prefix: ${id}` : `Success! Revoked lease: ${id}`)
    else out.line('All revocation operations queued successfully!')
    return 0
  },
})
