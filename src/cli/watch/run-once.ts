import type { Writer } from '../../client/index.ts'
import type { Clock } from '../../kernel/index.ts'
import {
  isDrift,
  isExpectedFailure,
  planPhase,
  readerPart,
  reconcileOnce,
  SourceUnusable,
  standingRefusals,
  type Plan,
  type Planned,
  type Reconciled,
} from '../../reconciler/index.ts'
import { countSteps, statusOf } from '../../reconciler/model/index.ts'
import type { RunKind, RunResult, WatchedCommit } from '../../reconciler/watch/index.ts'
import { isRequestFailure } from '../api/index.ts'
import { CommandFailed, type Context } from '../command.ts'
import { openSession, type SessionGiven } from '../reconcile/index.ts'

export interface RunPorts {
  readonly ctx: Context
  /** The flags of a session, for the managed folder that is watched. */
  readonly given: SessionGiven
  readonly onPlan: (plan: Plan) => void
  readonly onFindings: (planned: Planned & { readonly is: 'broken' }) => void
}

/** One run of a watch, from its login to the revocation of its token. Rejects for nothing but mistakes in this program. */
export async function runOnce(ports: RunPorts, kind: RunKind, commit: WatchedCommit, signal: AbortSignal): Promise<RunResult> {
  try {
    return await withSession(ports, commit, signal, async (session, clock) => {
      const { plan } = session
      const { writer, hadTrouble } = attentive(session.writer)
      if (kind === 'plan') {
        const planned = await planPhase({ ...plan, reader: readerPart(writer), now: clock.now() })
        tell(ports, planned)
        return planned.is === 'broken' ? broken(planned) : lookedAt(planned.plan)
      }
      const done = await reconcileOnce({
        ...plan,
        writer,
        now: () => clock.now(),
        signal,
        onPlan: planned => tell(ports, planned),
      })
      return endOf(done, hadTrouble())
    })
  } catch (thrown) {
    if (!(thrown instanceof CommandFailed || isExpectedFailure(thrown) || isRequestFailure(thrown))) throw thrown
    // What the commit itself says is wrong stays wrong; a server, a network and a file system may come back.
    const isOfCommit = thrown instanceof CommandFailed || thrown instanceof SourceUnusable
    return { outcome: 'failed', message: thrown.message, mayRepeat: !isOfCommit }
  }
}

/** Remembers whether anything failed that may well not fail another time: no answer, a server in trouble, or too many requests. */
function attentive(writer: Writer): { readonly writer: Writer; readonly hadTrouble: () => boolean } {
  let trouble = false
  const watched = async <T>(asked: Promise<T>): Promise<T> => {
    try {
      return await asked
    } catch (thrown) {
      const status = statusOf(thrown)
      if (status === undefined || status === 429 || status >= 500) trouble = true
      throw thrown
    }
  }
  return {
    writer: {
      address: writer.address,
      read: (path, query) => watched(writer.read(path, query)),
      list: path => watched(writer.list(path)),
      write: (path, body) => watched(writer.write(path, body)),
      delete: path => watched(writer.delete(path)),
    },
    hadTrouble: () => trouble,
  }
}

type Session = Awaited<ReturnType<typeof openSession>>

/** A session whose end does not wait for the end of the command. */
export async function withSession<T>(
  { ctx, given }: Pick<RunPorts, 'ctx' | 'given'>,
  commit: WatchedCommit,
  signal: AbortSignal,
  work: (session: Session, clock: Clock) => Promise<T>,
): Promise<T> {
  const endings: (() => Promise<void>)[] = []
  const own = {
    atEnd: { value: (ending: () => Promise<void>): void => void endings.push(ending) },
    signal: { value: signal },
  }
  const runCtx = Object.create(ctx, own) as Context
  try {
    const session = await openSession(runCtx, { ...given, flags: { ...given.flags, commit: commit.id } })
    try {
      return await work(session, ctx.clock)
    } finally {
      session.client.close()
    }
  } finally {
    for (const ending of endings.toReversed()) await ending()
  }
}

function tell({ onPlan, onFindings }: RunPorts, planned: Planned): void {
  if (planned.is === 'broken') onFindings(planned)
  else onPlan(planned.plan)
}

const seenIn = (plan: Plan): Pick<RunResult, 'counts' | 'digest'> => ({ counts: countSteps(plan.steps), digest: plan.digest })

function lookedAt(plan: Plan): RunResult {
  const refusals = standingRefusals(plan, {})
  const message = refusals.length === 0 ? {} : { message: refusals.map(it => it.summary).join('; ') }
  return { outcome: isDrift(plan) ? 'drift' : 'clean', ...seenIn(plan), ...message, mayRepeat: false }
}

function broken({ findings }: Planned & { readonly is: 'broken' }): RunResult {
  const errors = findings.filter(it => it.severity === 'error')
  const [first] = errors
  const place = first?.at === undefined ? '' : `${first.at.file}:${first.at.start.line}: `
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : ''
  return { outcome: 'broken', message: `${place}${first?.summary ?? 'the files are not right'}${more}`, mayRepeat: false }
}

function endOf(done: Reconciled, hadTrouble: boolean): RunResult {
  const { outcome, planned, applied, after } = done
  if (planned.is === 'broken') return broken(planned)
  const seen = seenIn(planned.plan)
  if (applied?.is === 'refused') return { outcome, ...seen, message: applied.refusals.map(it => it.summary).join('; '), mayRepeat: false }
  if (outcome === 'stopped' && applied !== undefined) {
    const { report } = applied
    const why =
      report.failed[0]?.message ??
      report.ledger ??
      (report.moved.length > 0 ? 'the server moved while it was applied' : 'stopped before its end')
    const told = `${report.done.length} of ${planned.plan.steps.length} steps are done, ${report.rolledBack.length} were rolled back: ${why}`
    // A new plan sees what moved, and what got no answer; what the server refused it refuses again.
    return { outcome, ...seen, message: told, mayRepeat: report.moved.length > 0 || hadTrouble }
  }
  if (outcome === 'unsettled' && after !== undefined)
    return { outcome, ...seen, message: `${after.steps.length} objects still differ`, mayRepeat: false }
  return { outcome, ...seen, mayRepeat: false }
}
