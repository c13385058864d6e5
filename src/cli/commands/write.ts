import { trimPath, write } from '../api/index.ts'
import { type Command, CommandFailed, defineCommand } from '../command.ts'
import { connect, connectionFlags } from '../connection.ts'
import { flag } from '../flag.ts'
import { expectArgs, pairsOf } from '../input/index.ts'
import { fieldFlags, formatFlags, printerOf } from '../output/index.ts'
import { printWritten } from './written.ts'

export const command: Command = defineCommand({
  usage: 'write [options] PATH [DATA K=V...]',
  about: `
Write data to a path: a secret, configuration, or the input of an operation.
What it does is up to what is mounted there.

Data is given as pairs; "@file" in place of a value reads it from a file, "-"
from stdin. A lone "@file.json" or "-" is a JSON object with all the pairs.

    $ {program} write auth/approle/role/ci token_policies=ci token_ttl=20m
    $ {program} write sys/policies/acl/ci policy=@ci.hcl
    $ {program} write -f transit/keys/orders
`,
  flags: {
    ...connectionFlags,
    ...fieldFlags,
    ...formatFlags,
    force: flag.bool('Write without any data, for paths that need none.', { aliases: ['f'] }),
  },
  async run(ctx, { flags, args }) {
    const out = printerOf(ctx, flags)
    expectArgs(args, 1, Number.POSITIVE_INFINITY)
    if (args.length === 1 && !flags.force) throw new CommandFailed('Must supply data or use -force')
    const path = trimPath(args[0] as string)
    const data = await pairsOf(ctx, args.slice(1), flags)
    const client = await connect(ctx, flags)
    return await printWritten(out, path, flags.field, () => write(client, path, args.length === 1 ? null : data))
  },
})
