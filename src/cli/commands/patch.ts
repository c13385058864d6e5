import { trimPath, write } from '../api/index.ts'
import { type Command, CommandFailed, defineCommand } from '../command.ts'
import { connect, connectionFlags } from '../connection.ts'
import { flag } from '../flag.ts'
import { expectArgs, pairsOf } from '../input/index.ts'
import { fieldFlags, formatFlags, printerOf } from '../output/index.ts'
import { printWritten } from './written.ts'

export const command: Command = defineCommand({
  usage: 'patch [options] PATH [DATA K=V...]',
  about: `
Change some fields of what lives at a path and leave the others as they are, on
paths that can do so. Data is given as for "write".

    $ {program} patch pki/roles/web allow_localhost=false
`,
  flags: {
    ...connectionFlags,
    ...fieldFlags,
    ...formatFlags,
    force: flag.bool('Send the request without any data.', { aliases: ['f'] }),
  },
  async run(ctx, { flags, args }) {
    const out = printerOf(ctx, flags)
    expectArgs(args, 1, Number.POSITIVE_INFINITY)
    if (args.length === 1 && !flags.force) throw new CommandFailed('Must supply data or use -force')
    const path = trimPath(args[0] as string)
    const data = await pairsOf(ctx, args.slice(1), flags)
    const client = await connect(ctx, flags)
    return await printWritten(out, path, flags.field, () => write(client, path, args.length === 1 ? null : data, 'PATCH'))
  },
})
