import { attempt, mountPath, secretOf, send } from '../../api/index.ts'
import { type Command, CommandFailed, defineCommand } from '../../command.ts'
import { connect, connectionFlags } from '../../connection.ts'
import { expectArgs } from '../../input/index.ts'
import { goText, printerOf } from '../../output/index.ts'

/** Most moves are done within a moment; a large one need not be asked about more often than this. */
const FIRST_LOOKS = [50, 200, 1000]
const LATER = 10_000

/** Moving a mount: starts it and waits until the server is done. `thing` is what the messages call it. */
export function moveCommand(group: 'secrets' | 'auth', thing: string, about: string): Command {
  return defineCommand({
    usage: `${group} move [options] SOURCE DESTINATION`,
    about,
    flags: { ...connectionFlags },
    async run(ctx, { flags, args }) {
      const out = printerOf(ctx, {})
      expectArgs(args, 2)
      const [from, to] = args.map(mountPath) as [string, string]
      const client = await connect(ctx, flags)
      const started = await attempt(`Error moving ${thing} ${from} to ${to}`, async () =>
        secretOf(await send(client, { method: 'POST', path: 'sys/remount', body: { from, to } })),
      )
      const id = goText(started?.data?.['migration_id'] ?? '')
      out.line(`Started moving ${thing} ${from} to ${to}, with migration ID ${id}`)
      for (let look = 0; ; look++) {
        const status = await attempt(`Error checking migration status of ${thing} ${from} to ${to}`, async () =>
          secretOf(await send(client, { method: 'GET', path: `sys/remount/status/${id}` })),
        )
        const { status: state } = (status?.data?.['migration_info'] ?? {}) as { readonly status?: string }
        if (state === 'success') {
          out.line(`Success! Finished moving ${thing} ${from} to ${to}, with migration ID ${id}`)
          return 0
        }
        if (state === 'failure')
          throw new CommandFailed(`Failure! Error encountered moving ${thing} ${from} to ${to}, with migration ID ${id}`, 2)
        if (look >= FIRST_LOOKS.length)
          out.line(`Waiting for terminal status in migration of ${thing} ${from} to ${to}, with migration ID ${id}`)
        await ctx.sleep(FIRST_LOOKS[look] ?? LATER)
      }
    },
  })
}
