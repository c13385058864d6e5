/** Keeps the try-it-out server in lockstep with its repository, telling a person at a terminal what it does. */
import { ApiError, ClientUnreachable, writerOf, type Client } from '../../client/index.ts'
import {
  headOf,
  reconcileOnce,
  SourceUnusable,
  TargetUnusable,
  watchRepository,
  type Planned,
  type Reconciled,
  type SourceChoice,
} from '../../reconciler/index.ts'
import {
  coloured,
  harmlessLine,
  plain,
  renderApplied,
  renderFindings,
  renderPlan,
  renderProgress,
  shortCommit,
  type Paint,
} from '../../reconciler/report/index.ts'
import type { Context } from '../command.ts'
import { complain } from '../complain.ts'
import { standIns, type StandIns } from './stand-ins.ts'

export interface LockstepOptions {
  readonly ctx: Context
  readonly dir: string
  readonly url: string
  readonly token: string
  readonly signal: AbortSignal
}

/** As the reconciler's commands end: 0 in order, 1 could not, 3 refused by a guard. */
const CODES: Readonly<Record<Reconciled['outcome'], number>> = { clean: 0, applied: 0, broken: 1, stopped: 1, unsettled: 1, refused: 3 }

export class Lockstep {
  readonly #o: LockstepOptions
  readonly #client: Client
  readonly #paint: Paint
  readonly #standIns: StandIns
  #told = 0
  #applied: string | undefined

  constructor(options: LockstepOptions) {
    this.#o = options
    const { ctx, url, token } = options
    this.#client = ctx.client({ address: url, token, clock: ctx.clock, random: ctx.random })
    this.#standIns = standIns(ctx.env, token)
    this.#paint = ctx.colour && ctx.stdout.isTerminal ? coloured : plain
  }

  close(): void {
    this.#client.close()
  }

  /** What is committed, or a folder that is under no version control as it lies. */
  async reconcile(): Promise<number> {
    const { ctx, dir } = this.#o
    const head = await headOf(dir)
    if (head === undefined) ctx.stdout.write(`${dir} is no Git repository, so its files are taken as they lie.\n\n`)
    else if (head.commit === undefined) ctx.stdout.write('There is no commit yet, so the files are taken as they lie.\n\n')
    const code = await this.#once(head?.commit === undefined ? 'worktree' : { commit: head.commit.id })
    this.#applied = head?.commit?.id
    return code
  }

  /** Until the signal. What goes wrong is told, and the next commit is tried. */
  async watch(): Promise<void> {
    const { ctx, dir, signal } = this.#o
    try {
      await watchRepository({
        dir,
        clock: ctx.clock,
        signal,
        ...(this.#applied !== undefined && { since: this.#applied }),
        onCommit: async commit => {
          ctx.stdout.write(`${this.#paint('bold', `Commit ${shortCommit(commit.id)}`)} ${harmlessLine(commit.subject)}\n\n`)
          await this.#once({ commit: commit.id })
          ctx.stdout.write('\n')
        },
        onTrouble: error => complain(ctx, `cannot look for commits: ${error instanceof Error ? error.message : String(error)}`),
      })
    } catch (thrown) {
      if (!(thrown instanceof SourceUnusable)) throw thrown
      // Nothing to watch: the server goes on until it is stopped.
      await new Promise<void>(resolve => (signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve(), { once: true })))
    }
  }

  async #once(source: SourceChoice): Promise<number> {
    const { ctx, dir, url, signal } = this.#o
    try {
      const done = await reconcileOnce({
        dir,
        source,
        writer: writerOf(this.#client),
        target: { address: url },
        env: this.#standIns.env,
        now: () => ctx.clock.now(),
        signal,
        onPlan: planned => this.#tellPlan(planned),
        onEvent: event => {
          if (event.is === 'finished') ctx.stdout.write(renderProgress(event.step, event.count, event.of, this.#paint))
        },
      })
      this.#tellEnd(done)
      return CODES[done.outcome]
    } catch (thrown) {
      if (!(
        thrown instanceof ApiError ||
        thrown instanceof ClientUnreachable ||
        thrown instanceof SourceUnusable ||
        thrown instanceof TargetUnusable
      ))
        throw thrown
      complain(ctx, thrown.message)
      return 1
    }
  }

  #tellPlan(planned: Planned): void {
    const { ctx } = this.#o
    if (planned.is === 'broken') ctx.stderr.write(renderFindings(planned.findings, this.#paint))
    else ctx.stdout.write(`${renderPlan(planned.plan, { paint: this.#paint })}\n`)
    const { asked } = this.#standIns
    if (asked.size > this.#told) ctx.stdout.write(`Not set, so a stand-in takes its place here: ${[...asked].sort().join(', ')}\n\n`)
    this.#told = asked.size
  }

  #tellEnd({ outcome, applied, after }: Reconciled): void {
    const { ctx } = this.#o
    if (outcome === 'broken') complain(ctx, 'the files are not right, so nothing was asked of the server; mend them and commit')
    if (applied?.is === 'applied') ctx.stdout.write(renderApplied(applied.report, this.#paint))
    if (outcome === 'applied') ctx.stdout.write(`${this.#paint('green', 'Planned again: nothing to do.')}\n`)
    if (outcome === 'unsettled') {
      ctx.stdout.write('Planned again, and it is not empty:\n\n')
      if (after) ctx.stdout.write(renderPlan(after, { paint: this.#paint }))
    }
  }
}
