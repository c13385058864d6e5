import { readFile } from 'node:fs/promises'
import { readerOf } from '../../client/index.ts'
import {
  applyPhase,
  isEmptyPlan,
  openSavedPlan,
  planPhase,
  standingRefusals,
  type SourceChoice,
  type Applied,
  type ApplyEvent,
  type Plan,
  type Planned,
} from '../../reconciler/index.ts'
import {
  applyJson,
  findingsJson,
  renderApplied,
  renderFindings,
  renderMarkdown,
  renderPlan,
  renderProgress,
  type Paint,
} from '../../reconciler/report/index.ts'
import { CommandFailed, defineCommand, type Command, type Context } from '../command.ts'
import { flag } from '../flag.ts'
import {
  absolute,
  connectionAndRepository,
  consentFlags,
  consentsOf,
  eventLine,
  exitCodes,
  formatOf,
  openSession,
  orFail,
  paintOf,
  timeLeft,
  whileReading,
  type ReportFormat,
  type Session,
} from '../reconcile/index.ts'

export const command: Command = defineCommand({
  usage: 'apply [options] [PLAN]',
  about: `
Bring the server to what the repository says. The plan is shown and asked for,
unless it is one that was saved and reviewed: that one is applied as it is, or,
where the server is no longer as it was then, not at all.

    $ {program} apply
    $ {program} apply -auto-approve -commit=HEAD
    $ {program} plan -out=plan.json && {program} apply plan.json

If a step fails, what was done before it is taken back as far as it can be, and
the report says what was not. With -format=json it
tells each step on standard error, one JSON object a line. Afterwards it plans again. The exit code tells how it went:

    0  all is done, and a fresh plan is empty
    1  something is wrong with the files, the server or the network
    2  all is done, and yet a fresh plan is not empty
    3  a guard refused, or the server has moved since the plan was made
`,
  flags: {
    ...connectionAndRepository,
    ...consentFlags,
    plan: flag.string('A saved plan, in place of a new one.', { group: 'Repository Options' }),
    autoApprove: flag.bool('Do not ask.', { group: 'Guard Options' }),
    rollback: flag.bool('When a step fails, take back what this run did. With -rollback=false it stays done.', {
      group: 'Guard Options',
      default: true,
    }),
  },
  async run(ctx, given) {
    const { flags, args } = given
    const [file, surplus] = [...(flags.plan === undefined ? [] : [flags.plan]), ...args]
    if (surplus !== undefined) throw new CommandFailed('too many arguments: expected at most one saved plan')
    const format = formatOf(flags)
    return await orFail(async () => {
      const session = await openSession(ctx, given)
      const applying = new Applying(ctx, session, format, paintOf(ctx, flags), flags)
      const fresh = (source: SourceChoice = session.source): Promise<Planned> =>
        whileReading(ctx, session.client, client => planPhase({ ...session.plan, source, reader: readerOf(client), now: ctx.clock.now() }))
      return file === undefined
        ? await applying.freshPlan(fresh, consentsOf(flags), flags.autoApprove)
        : await applying.savedPlan(absolute(ctx, file), fresh, consentsOf(flags))
    })
  },
})

interface ApplyFlags {
  readonly full: boolean | undefined
  readonly rollback: boolean
}

type Consents = ReturnType<typeof consentsOf>

/** One run of the command, from a plan to what a fresh plan says. */
class Applying {
  readonly #ctx: Context
  readonly #session: Session
  readonly #format: ReportFormat
  readonly #paint: Paint
  readonly #full: boolean | undefined
  readonly #rollBack: boolean
  #told = ''
  #begun: number | undefined

  constructor(ctx: Context, session: Session, format: ReportFormat, paint: Paint, flags: ApplyFlags) {
    this.#ctx = ctx
    this.#session = session
    this.#format = format
    this.#paint = paint
    this.#full = flags.full
    this.#rollBack = flags.rollback
  }

  async freshPlan(fresh: () => Promise<Planned>, consents: Consents, isApproved: boolean): Promise<number> {
    const planned = await fresh()
    if (planned.is === 'broken') return this.#broken(planned)
    const { plan, stored } = planned
    const standing = standingRefusals(plan, consents)
    this.#show(plan, new Set(plan.refusals.filter(it => !standing.includes(it))))
    if (standing.length > 0) return this.#end(plan, undefined, undefined, exitCodes.refused)
    if (isEmptyPlan(plan)) return this.#end(plan, undefined, plan, exitCodes.clean)
    if (!isApproved && !(await this.#isApproved())) return exitCodes.failed
    const applied = await applyPhase(plan, { ...this.#applyOptions(consents), stored, lookFirst: !isApproved })
    return await this.#after(plan, applied, fresh)
  }

  async savedPlan(path: string, fresh: (source?: SourceChoice) => Promise<Planned>, consents: Consents): Promise<number> {
    const text = await readFile(path, 'utf8').catch((cause: Error) => {
      throw new CommandFailed(`cannot read ${path}: ${cause.message}`, exitCodes.failed, { cause })
    })
    const { client } = this.#session
    const plan = await openSavedPlan(text, readerOf(client), client.address, this.#ctx.clock.now())
    const standing = standingRefusals(plan, consents)
    this.#show(plan, new Set(plan.refusals.filter(it => !standing.includes(it))))
    if (standing.length > 0) return this.#end(plan, undefined, undefined, exitCodes.refused)
    const applied = await applyPhase(plan, { ...this.#applyOptions(consents), lookFirst: true })
    // What was planned from a commit is compared with that commit, wherever the work tree has gone since.
    const { kind, commit } = plan.source
    return await this.#after(plan, applied, () => fresh(kind === 'commit' && commit !== undefined ? { commit } : undefined))
  }

  #applyOptions(consents: Consents): Omit<Parameters<typeof applyPhase>[1], 'lookFirst'> {
    const { writer, dir } = this.#session
    const { clock } = this.#ctx
    return {
      writer,
      dir,
      env: this.#ctx.env,
      clock,
      rollBack: this.#rollBack,
      consents,
      signal: this.#ctx.signal,
      onEvent: event => this.#tell(event),
    }
  }

  #broken(planned: Planned & { readonly is: 'broken' }): number {
    if (this.#format === 'json') this.#ctx.stdout.write(findingsJson(planned.findings))
    else this.#ctx.stderr.write(renderFindings(planned.findings, this.#paint))
    return exitCodes.failed
  }

  #show(plan: Plan, consented: ReadonlySet<Plan['refusals'][number]>): void {
    if (this.#format === 'json') return
    const full = this.#full === undefined ? {} : { full: this.#full }
    const text = this.#format === 'markdown' ? renderMarkdown(plan) : renderPlan(plan, { paint: this.#paint, consented, ...full })
    this.#ctx.stdout.write(`${text}\n`)
  }

  async #isApproved(): Promise<boolean> {
    if (!this.#ctx.interactive || this.#format !== 'terminal') {
      throw new CommandFailed(
        'nobody can be asked here; say -auto-approve, or apply a plan that was saved with plan -out',
        exitCodes.failed,
      )
    }
    const answer = await this.#ctx.stdin.ask('Apply this? Only "yes" is taken for yes: ')
    if (answer.trim() === 'yes') return true
    this.#ctx.stderr.write('Nothing was applied.\n')
    return false
  }

  #tell(event: ApplyEvent): void {
    if (this.#format === 'json') this.#ctx.stderr.write(eventLine(event))
    if (this.#format !== 'terminal' || event.is !== 'finished') return
    this.#begun ??= this.#ctx.clock.now().getTime()
    // One write for what is done in one turn: a thousand small ones take longer than the steps.
    if (this.#told === '') setImmediate(() => this.#flush())
    const { count, of } = event
    const left = this.#ctx.stdout.isTerminal ? timeLeft(this.#ctx.clock.now().getTime() - this.#begun, count, of) : ''
    this.#told += renderProgress(event.step, count, of, this.#paint, left)
  }

  #flush(): void {
    this.#ctx.stdout.write(this.#told)
    this.#told = ''
  }

  /** A fresh plan, which says what the apply has come to. */
  async #after(plan: Plan, applied: Applied, fresh: () => Promise<Planned>): Promise<number> {
    if (applied.is === 'refused') return this.#end(plan, undefined, undefined, exitCodes.refused)
    const { report } = applied
    this.#flush()
    if (this.#format !== 'json') this.#ctx.stdout.write(`\n${renderApplied(report, this.#paint)}`)
    if (report.outcome !== 'done') {
      return this.#end(plan, report, undefined, report.outcome === 'moved' ? exitCodes.refused : exitCodes.failed)
    }
    const planned = await fresh()
    if (planned.is === 'broken') return this.#broken(planned)
    const after = planned.plan
    if (this.#format !== 'json') this.#ctx.stdout.write(`\n${renderPlan(after, { paint: this.#paint })}`)
    return this.#end(plan, report, after, isEmptyPlan(after) ? exitCodes.clean : exitCodes.changes)
  }

  #end(plan: Plan, report: Parameters<typeof applyJson>[1], after: Plan | undefined, code: number): number {
    if (this.#format === 'json') this.#ctx.stdout.write(applyJson(plan, report, after))
    return code
  }
}
