import { attempt, mountPath, secretOf, send, trimPath } from '../../api/index.ts'
import { type Command, CommandFailed, defineCommand } from '../../command.ts'
import { connect, connectionFlags } from '../../connection.ts'
import { expectArgs } from '../../input/index.ts'
import { printerOf } from '../../output/index.ts'
import { loginMethods } from '../login/methods.ts'

export const command: Command = defineCommand({
  usage: 'auth help [options] TYPE | PATH',
  about: `
Print how to log in by a kind of auth method, or by the one that is mounted at a
path.

    $ {program} auth help approle
`,
  flags: { ...connectionFlags },
  async run(ctx, { flags, args }) {
    const out = printerOf(ctx, {})
    expectArgs(args, 1)
    const given = (args[0] as string).trim()
    let type = given
    if (!Object.hasOwn(loginMethods, type)) {
      const client = await connect(ctx, flags)
      const path = mountPath(trimPath(given))
      const mounts =
        (await attempt('Error listing auth methods', async () => secretOf(await send(client, { method: 'GET', path: 'sys/auth' }))))
          ?.data ?? {}
      const mount = mounts[path] as { readonly type?: string } | undefined
      if (mount === undefined) throw new CommandFailed(`No auth method available on the server at "${path}"`)
      type = mount.type ?? ''
    }
    const method = Object.hasOwn(loginMethods, type) ? loginMethods[type] : undefined
    if (method === undefined) throw new CommandFailed(`This program cannot log in by an auth method of type "${type}"`, 2)
    out.line(method.help.trim().replaceAll('{program}', ctx.program))
    return 0
  },
})
