import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Log } from '../../../kernel/index.ts'
import { plain } from '../../../reconciler/report/index.ts'
import { defaultWatchSettings, type WatchSettings } from '../../../reconciler/watch/index.ts'
import type { Server } from '../../../server/index.ts'
import { CommandFailed, type Context, type Env } from '../../command.ts'
import { parseArgs } from '../../parse.ts'
import { connectionAndRepository, folderOf, type SessionGiven } from '../../reconcile/index.ts'
import { loadWatchSettings, Watching } from '../../watch/watching.ts'
import { productFacts, type Undo } from './serve.ts'

export interface ReconcileWish {
  /** A managed folder, or what `git clone` takes. */
  readonly from: string | undefined
  /** The settings of the watch, as `watch -config` takes them. */
  readonly config: string | undefined
}

/** How the watch reaches the server that it runs in: over its API, like everybody else. */
export interface OwnTarget {
  readonly address: string
  readonly token?: string
  readonly caFile?: string
}

const REMOTE = /^(?:https?|ssh|git|file):\/\/|^[\w.-]+@[\w.-]+:/

/** @throws CommandFailed */
async function settingsOf(
  ctx: Context,
  { from, config }: ReconcileWish,
  undo: Undo,
): Promise<Awaited<ReturnType<typeof loadWatchSettings>>> {
  const { settings, home } = config === undefined ? { settings: defaultWatchSettings, home: ctx.cwd } : await loadWatchSettings(ctx, config)
  if (from === undefined || !REMOTE.test(from)) return { settings, home }
  if (settings.upstream !== undefined) return { settings: { ...settings, upstream: { ...settings.upstream, url: from } }, home }
  const checkout = await mkdtemp(join(tmpdir(), 'lockstep-checkout-'))
  undo.add(() => rm(checkout, { recursive: true, force: true }))
  return { settings: { ...settings, upstream: { url: from, branch: 'main', path: '', checkout } }, home }
}

async function folderFor(ctx: Context, { from }: ReconcileWish, { upstream }: WatchSettings): Promise<string | undefined> {
  if (upstream !== undefined) return undefined
  if (from === undefined) throw new CommandFailed('-reconcile-config names no repository: say one there, or a folder with -reconcile')
  const dir = resolve(ctx.cwd, from)
  const there = await stat(dir).catch(() => undefined)
  if (there?.isDirectory() !== true) throw new CommandFailed(`-reconcile: ${from} is neither a folder nor the address of a repository`)
  return await folderOf(ctx, dir)
}

/**
 * Keeps the server in lockstep with a repository from inside its own process. It begins when the server is unsealed, pauses while it is
 * sealed, and has no right that its token does not give.
 *
 * @throws CommandFailed when it cannot begin at all
 */
export async function reconcileWithin(
  ctx: Context,
  wish: ReconcileWish,
  target: OwnTarget,
  server: Server,
  log: Log,
  undo: Undo,
): Promise<void> {
  const { settings, home } = await settingsOf(ctx, wish, undo)
  const env: Env = {
    ...ctx.env,
    BAO_ADDR: target.address,
    ...(target.token === undefined ? {} : { BAO_TOKEN: target.token }),
    ...(target.caFile === undefined ? {} : { BAO_CACERT: target.caFile }),
  }
  const own = Object.create(ctx, { env: { value: env, enumerable: true } }) as Context
  const watching = await Watching.open({
    ctx: own,
    given: parseArgs({ ...connectionAndRepository }, [], env) as SessionGiven,
    settings,
    home,
    dir: await folderFor(ctx, wish, settings),
    log,
    paint: plain,
    version: (await productFacts()).lockstepVersion,
    print: text => ctx.stdout.write(text),
  })
  const stop = new AbortController()
  const signal = AbortSignal.any([ctx.signal, stop.signal])
  const done = (async () => {
    await untilUnsealed(ctx, server, signal)
    if (!signal.aborted) await watching.run(signal)
  })().catch((thrown: unknown) => {
    log.write('error', 'the repository is watched no longer', { error: thrown instanceof Error ? thrown.message : String(thrown) })
  })
  undo.add(async () => {
    stop.abort()
    await done
  })
}

const LOOK_MS = 500

async function untilUnsealed({ clock }: Context, { core }: Server, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && core.operator.sealStatus().sealed)
    await new Promise<void>(resolve => {
      const cancel = clock.after(LOOK_MS, resolve)
      signal.addEventListener('abort', () => (cancel(), resolve()), { once: true })
    })
}
