import { attempt, remove, trimPath } from '../../api/index.ts'
import { type Command, defineCommand } from '../../command.ts'
import { connect, connectionFlags } from '../../connection.ts'
import { expectArgs } from '../../input/index.ts'
import { printerOf } from '../../output/index.ts'

export const command: Command = defineCommand({
  usage: 'namespace delete [options] NAME',
  about: `
Delete a namespace with all that it holds: leases are revoked at their source,
then mounts, secrets, policies and identities are gone for good. The server does
it in the background; until it is done, "namespace lookup" shows it as tainted.

    $ {program} namespace delete payments
    $ {program} namespace delete -namespace=payments ledger
`,
  flags: { ...connectionFlags },
  async run(ctx, { flags, args }) {
    expectArgs(args, 1)
    const name = trimPath(args[0] as string)
    const client = await connect(ctx, flags)
    const secret = await attempt('Error deleting namespace', () => remove(client, `sys/namespaces/${name}`))
    const isBegun = secret?.data !== undefined && secret.data !== null
    const out = printerOf(ctx, {})
    if (isBegun) out.line(`Success! Namespace deletion scheduled: ${name}/`)
    else out.warn('Requested namespace does not exist')
    return 0
  },
})
