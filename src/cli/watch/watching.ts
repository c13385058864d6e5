/** A watch with everything around it: where commits come from, what is printed, served and sent. */
import { readFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import type { Log } from '../../kernel/index.ts'
import { cloneOf, headOf, readSettings, verifyCommit, watchRepository, type Clone, type Plan } from '../../reconciler/index.ts'
import { referenceText, type Reference } from '../../reconciler/model/index.ts'
import { renderFindings, renderPlan, type Paint } from '../../reconciler/report/index.ts'
import {
  defaultWatchSettings,
  headline,
  Journal,
  News,
  readWatchSettings,
  Watch,
  type NoticeFacts,
  type RunOutcome,
  type RunRecord,
  type Watched,
  type WatchedCommit,
  type WatchSettings,
} from '../../reconciler/watch/index.ts'
import { CommandFailed, type Context } from '../command.ts'
import type { SessionGiven } from '../reconcile/index.ts'
import { sessionLock } from './lock.ts'
import { runOnce } from './run-once.ts'
import { Sender, type Receiver } from './send-notice.ts'
import { serveWatch, type WatchServer } from './serve-watch.ts'

export interface WatchingOptions {
  readonly ctx: Context
  readonly given: SessionGiven
  readonly settings: WatchSettings
  /** Of a watched folder, or what is in front of a clone. */
  readonly dir: string | undefined
  /** What `$file` and the paths of the settings are relative to. */
  readonly home: string
  readonly log: Log
  readonly paint: Paint
  readonly version: string
  /** Where plans are printed. */
  readonly print: (text: string) => void
}

/** @throws CommandFailed with what is wrong, each with its place */
export async function loadWatchSettings(
  ctx: Context,
  path: string | undefined,
): Promise<{ readonly settings: WatchSettings; readonly home: string }> {
  if (path === undefined) return { settings: defaultWatchSettings, home: ctx.cwd }
  const file = resolve(ctx.cwd, path)
  const text = await readFile(file, 'utf8').catch((cause: Error) => {
    throw new CommandFailed(`cannot read ${path}: ${cause.message}`, 1, { cause })
  })
  const { value, findings } = readWatchSettings({ name: path, text }, dirname(file))
  if (value !== undefined) return { settings: value, home: dirname(file) }
  throw new CommandFailed(`${path} is not right:\n${findings.map(it => `  ${place(it)}${it.summary}`).join('\n')}`)
}

const place = ({
  at,
}: {
  readonly at?: { readonly file: string; readonly start: { readonly line: number; readonly column: number } } | undefined
}): string => (at === undefined ? '' : `${at.file}:${at.start.line}:${at.start.column}: `)

/** A secret that is needed before there is a server to ask. */
async function secretOf({ env }: Context, home: string, what: string, reference: Reference): Promise<string> {
  const missing = (why: string): CommandFailed => new CommandFailed(`${what}: ${referenceText(reference)}: ${why}`)
  if (reference.from === 'env') {
    const value = env[reference.name]
    if (value === undefined || value === '') throw missing('the variable is not set')
    return value
  }
  const text = await readFile(resolve(home, reference.name), 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw missing(`the file cannot be read (${cause.code ?? 'unknown error'})`)
  })
  const value = text.replace(/\r?\n$/, '')
  if (value === '') throw missing('the file is empty')
  return value
}

interface Upstream {
  readonly dir: string
  readonly repository: string
  readonly look: (signal: AbortSignal) => Promise<WatchedCommit>
  /** Rings when there may be news, until the signal aborts. */
  readonly listen: (ring: () => void, signal: AbortSignal) => Promise<void>
}

async function upstreamOf(o: WatchingOptions): Promise<Upstream> {
  const { settings, ctx, home } = o
  if (settings.upstream !== undefined) {
    const { url, branch, path, checkout, token } = settings.upstream
    const password = token === undefined ? {} : { token: await secretOf(ctx, home, 'token', token) }
    const cloneFor = (signal?: AbortSignal): Clone =>
      cloneOf({ url, branch, folder: checkout, env: ctx.env, ...password, ...(signal === undefined ? {} : { signal }) })
    return {
      dir: join(cloneFor().folder, path),
      repository: url.replace(/\/\/[^/@]*@/, '//'),
      look: signal => cloneFor(signal).update(),
      listen: () => Promise.resolve(),
    }
  }
  const { dir } = o
  if (dir === undefined) throw new CommandFailed('there is nothing to watch: expected -dir, or repository in the settings')
  if ((await headOf(dir)) === undefined) throw new CommandFailed(`${dir} is in no Git repository, so there are no commits to watch for`)
  return {
    dir,
    repository: dir,
    async look() {
      const commit = (await headOf(dir))?.commit
      if (commit === undefined) throw new Error(`there is no commit in ${dir} yet`)
      return commit
    },
    listen: (ring, signal) => watchRepository({ dir, clock: ctx.clock, signal, onCommit: async () => ring(), onTrouble: () => undefined }),
  }
}

async function receiversOf({ ctx, settings, home }: WatchingOptions): Promise<readonly Receiver[]> {
  const receivers: Receiver[] = []
  for (const { url, secret, format, on } of settings.notices) {
    const address = await secretOf(ctx, home, 'notify: url', url)
    if (!/^https?:\/\/./.test(address))
      throw new CommandFailed(`notify: url: ${referenceText(url)} holds no address that begins with https:// or http://`)
    receivers.push({
      url: address,
      ...(secret === undefined ? {} : { secret: await secretOf(ctx, home, 'notify: secret', secret) }),
      format,
      on,
    })
  }
  return receivers
}

export class Watching {
  readonly #o: WatchingOptions
  readonly #upstream: Upstream
  readonly #journal: Journal
  readonly #news = new News()
  readonly #sender: Sender
  readonly #watch: Watch
  readonly #webhookSecret: string | undefined
  readonly #startedAt: Date
  #facts: NoticeFacts
  #server: WatchServer | undefined
  #printed: string | undefined

  static async open(options: WatchingOptions): Promise<Watching> {
    const { ctx, settings, home } = options
    const [upstream, receivers] = await Promise.all([upstreamOf(options), receiversOf(options)])
    const secret = settings.webhookSecret === undefined ? undefined : await secretOf(ctx, home, 'webhook_secret', settings.webhookSecret)
    return new Watching(options, upstream, receivers, secret)
  }

  private constructor(options: WatchingOptions, upstream: Upstream, receivers: readonly Receiver[], webhookSecret: string | undefined) {
    const { ctx, settings, log } = options
    this.#o = options
    this.#upstream = upstream
    this.#webhookSecret = webhookSecret
    this.#startedAt = ctx.clock.now()
    this.#facts = { repository: upstream.repository, target: 'the server', owner: '' }
    this.#journal = new Journal(settings.history)
    const given: SessionGiven = { ...options.given, flags: { ...options.given.flags, dir: upstream.dir } }
    const { signers } = settings
    const facts = (): NoticeFacts => this.#facts
    this.#sender = new Sender({
      receivers,
      facts,
      journal: this.#journal,
      log,
      sleep: ms => ctx.sleep(ms),
    })
    const ports = {
      ctx,
      given,
      onPlan: (plan: Plan) => this.#tellPlan(plan),
      onFindings: ({ findings }: { readonly findings: Parameters<typeof renderFindings>[0] }) =>
        options.print(renderFindings(findings, options.paint)),
    }
    this.#watch = new Watch({
      clock: ctx.clock,
      random: ctx.random,
      log,
      rhythm: settings.rhythm,
      windows: settings.windows,
      mode: settings.mode,
      heal: settings.heal,
      look: signal => upstream.look(signal),
      ...(signers === undefined ? {} : { verify: commit => verifyCommit(upstream.dir, commit.id, signers, ctx.env) }),
      run: async (kind, commit, signal) => {
        await this.#learnOwner(commit)
        return await runOnce(ports, kind, commit, signal)
      },
      ...(settings.lock === undefined
        ? {}
        : {
            lock: sessionLock({
              ctx,
              given,
              dir: upstream.dir,
              term: settings.lock.term,
              id: ctx.random.uuid(),
              host: hostname(),
              commit: () => this.#watch.state.trusted,
              signal: ctx.signal,
            }),
          }),
      onRun: record => this.#onRun(record),
    })
  }

  /** Looks once, and does what is due. What the last run came to; undefined: another watch works. */
  async once(signal: AbortSignal): Promise<RunOutcome | undefined> {
    await this.#watch.cycle(signal)
    await this.#watch.end()
    await this.#sender.drained()
    const { lookProblem, lockProblem } = this.#watch.state
    const problem = lookProblem ?? lockProblem
    if (problem !== undefined && this.#journal.last === undefined) throw new CommandFailed(problem)
    return this.#journal.last?.outcome
  }

  /** Until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { settings, log, ctx } = this.#o
    if (settings.listen !== undefined) {
      this.#server = await serveWatch({
        ...settings.listen,
        watched: () => this.#watched,
        now: () => ctx.clock.now(),
        ...(this.#webhookSecret === undefined
          ? {}
          : { webhook: { secret: this.#webhookSecret, branch: settings.upstream?.branch, onLook: () => this.#watch.wake() } }),
      })
      log.write('info', 'serving health, metrics and status', { address: this.#server.address, webhook: this.#webhookSecret !== undefined })
    }
    try {
      log.write('info', 'watching', { repository: this.#facts.repository, mode: settings.mode, every: `${settings.rhythm.look / 1000}s` })
      await Promise.all([this.#watch.run(signal), this.#upstream.listen(() => this.#watch.wake(), signal)])
      await this.#sender.drained()
    } finally {
      await this.#server?.close()
    }
  }

  get #watched(): Watched {
    const { settings, version } = this.#o
    return {
      facts: this.#facts,
      mode: settings.mode,
      rhythm: settings.rhythm,
      state: this.#watch.state,
      journal: this.#journal,
      version,
      startedAt: this.#startedAt,
    }
  }

  async #learnOwner(commit: WatchedCommit): Promise<void> {
    const settings = await readSettings(this.#upstream.dir, { commit: commit.id }, this.#o.ctx.clock.now()).catch(() => undefined)
    if (settings !== undefined) this.#facts = { ...this.#facts, owner: settings.ownership.owner }
  }

  #tellPlan(plan: Plan): void {
    this.#facts = { ...this.#facts, target: plan.target.address, owner: plan.owner }
    // A drift that stands is looked at again and again, and printed once.
    if (plan.steps.length > 0 && plan.digest !== this.#printed) this.#o.print(`${renderPlan(plan, { paint: this.#o.paint })}\n`)
    this.#printed = plan.digest
  }

  #onRun(record: RunRecord): void {
    const { log } = this.#o
    this.#journal.add(record)
    const { outcome, kind, cause, commit, took, counts, message, retryAt } = record
    log.write(BAD.has(outcome) ? 'error' : outcome === 'drift' || outcome === 'waiting' ? 'warn' : 'info', headline(record, this.#facts), {
      kind,
      cause,
      commit: commit.id,
      took_ms: took,
      ...(counts === undefined ? {} : { counts }),
      ...(message === undefined ? {} : { why: message }),
      ...(retryAt === undefined ? {} : { retry_at: retryAt.toISOString() }),
    })
    const event = this.#news.of(record)
    if (event !== undefined) this.#sender.send(record, event)
  }
}

const BAD: ReadonlySet<RunOutcome> = new Set(['refused', 'broken', 'unverified', 'stopped', 'unsettled', 'failed'])
