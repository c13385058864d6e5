import { attempt, mountPath, send } from '../../api/index.ts'
import { type Command, CommandFailed, defineCommand } from '../../command.ts'
import { connect, connectionFlags } from '../../connection.ts'
import { flag } from '../../flag.ts'
import { pairsOf, textPairs } from '../../input/index.ts'
import { printerOf } from '../../output/index.ts'

export const command: Command = defineCommand({
  usage: 'audit enable [options] TYPE [CONFIG K=V...]',
  about: `
Enable an audit device. From then on no request is answered that no device has
written down.

    $ {program} audit enable file file_path=/var/log/lockstep/audit.log
`,
  flags: {
    ...connectionFlags,
    description: flag.string('What it is for, in words for people.'),
    path: flag.string('The name of the device; that of its type without it.'),
    local: flag.bool('Keep it out of replication.'),
  },
  async run(ctx, { flags, args }) {
    const type = (args[0] ?? '').trim()
    if (args.length < 1)
      throw new CommandFailed("Error enabling audit device: audit type missing. Valid types include 'file', 'socket' and 'syslog'.")
    const path = mountPath(flags.path === undefined || flags.path === '' ? type : flags.path)
    const options = textPairs(await pairsOf(ctx, args.slice(1), flags))
    const client = await connect(ctx, flags)
    const body = { type, description: flags.description ?? '', options, local: flags.local }
    await attempt('Error enabling audit device', () => send(client, { method: 'PUT', path: `sys/audit/${path}`, body }))
    printerOf(ctx, {}).line(`Success! Enabled the ${type} audit device at: ${path}`)
    return 0
  },
})
