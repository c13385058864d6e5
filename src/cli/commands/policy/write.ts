import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { attempt, send } from '../../api/index.ts'
import { type Command, CommandFailed, defineCommand } from '../../command.ts'
import { connect, connectionFlags } from '../../connection.ts'
import { expectArgs } from '../../input/index.ts'
import { printerOf } from '../../output/index.ts'

export const command: Command = defineCommand({
  usage: 'policy write [options] NAME PATH',
  about: `
Upload a policy from a file, or from stdin where the path is "-". What the name
held before is replaced.

    $ {program} policy write payments-read policies/payments-read.hcl
`,
  flags: { ...connectionFlags },
  async run(ctx, { flags, args }) {
    const out = printerOf(ctx, {})
    expectArgs(args, 2)
    const client = await connect(ctx, flags)
    const [given, file] = args as readonly [string, string]
    const name = given.trim().toLowerCase()
    const path = file.trim()
    const policy =
      path === '-'
        ? await ctx.stdin.text()
        : await readFile(resolve(ctx.cwd, path), 'utf8').catch((cause: NodeJS.ErrnoException) => {
            throw new CommandFailed(`Error opening policy file: ${cause.message}`, 2, { cause })
          })
    await attempt('Error uploading policy', () => send(client, { method: 'PUT', path: `sys/policies/acl/${name}`, body: { policy } }))
    if (given !== name) out.warn(`Policy name was converted from "${given}" to "${name}"`)
    out.line(`Success! Uploaded policy: ${name}`)
    return 0
  },
})
