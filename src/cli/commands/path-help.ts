import { attempt, send, trimPath } from '../api/index.ts'
import { type Command, defineCommand } from '../command.ts'
import { connect, connectionFlags } from '../connection.ts'
import { expectArgs } from '../input/index.ts'
import { compactJson, formatFlags, printerOf } from '../output/index.ts'

export const command: Command = defineCommand({
  usage: 'path-help [options] PATH',
  about: `
Print what the server says about a path: what it is for, which parameters it
takes, and which paths are below it. With -format=json it is OpenAPI.

    $ {program} path-help auth/approle/role
`,
  flags: { ...connectionFlags, ...formatFlags },
  async run(ctx, { flags, args }) {
    const out = printerOf(ctx, flags)
    expectArgs(args, 1)
    const client = await connect(ctx, flags)
    const path = trimPath(args[0] as string)
    const answer = await attempt('Error retrieving help', () => send(client, { method: 'GET', path, query: { help: '1' } }))
    const { help, openapi = null } = (answer.body ?? {}) as { readonly help?: string; readonly openapi?: unknown }
    out.line(out.format === 'json' ? compactJson(openapi) : (help ?? ''))
    return 0
  },
})
