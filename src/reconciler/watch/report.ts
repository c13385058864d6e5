/** What a watch says of itself to machines: status as JSON, metrics in Prometheus' text format, health as one word. */
import type { Journal } from './journal.ts'
import { outcomes, touchedCount, type RunRecord } from './run.ts'
import type { NoticeFacts } from './notices.ts'
import type { WatchRhythm, WatchState } from './watch.ts'

export interface Watched {
  readonly facts: NoticeFacts
  readonly mode: string
  readonly rhythm: WatchRhythm
  readonly state: WatchState
  readonly journal: Journal
  readonly version: string
  readonly startedAt: Date
}

export type Health = 'ok' | 'standby' | 'starting' | 'degraded' | 'stuck'

/** Failures in a row that are put down to the weather. */
const PATIENCE = 3

/** `degraded`: it works, and cannot do what it is there for. `stuck`: nothing has happened for far too long. */
export function healthOf({ state, journal, rhythm, startedAt }: Watched, now: Date): Health {
  const since = (state.lastCycle ?? startedAt).getTime()
  if (now.getTime() - since > Math.max(10 * rhythm.look, LONGEST_RUN)) return 'stuck'
  if (state.lastCycle === undefined) return 'starting'
  if (state.lookFailures >= PATIENCE || state.lockProblem !== undefined) return 'degraded'
  if (state.leads === false) return 'standby'
  const { last } = journal
  if (last?.outcome === 'failed' || last?.outcome === 'stopped') return 'degraded'
  return 'ok'
}

/** Milliseconds that one apply of many objects on a slow server may well take. */
const LONGEST_RUN = 30 * 60_000

export const isHealthy = (health: Health): boolean => health !== 'degraded' && health !== 'stuck'

export function statusJson(watched: Watched, now: Date): string {
  const { facts, mode, state, journal, version, startedAt } = watched
  const value = {
    format_version: '1.0',
    version,
    health: healthOf(watched, now),
    started_at: startedAt.toISOString(),
    repository: facts.repository,
    target: facts.target,
    owner: facts.owner,
    mode,
    leads: state.leads ?? null,
    ...(state.leader === undefined ? {} : { leader: state.leader }),
    seen_commit: state.seen?.id ?? null,
    current_commit: state.current?.id ?? null,
    ...(state.waitsFor === undefined ? {} : { waits_for: state.waitsFor }),
    ...(state.retryAt === undefined ? {} : { retry_at: state.retryAt.toISOString() }),
    ...(state.lookProblem === undefined ? {} : { look_problem: state.lookProblem, look_failures: state.lookFailures }),
    ...(state.lockProblem === undefined ? {} : { lock_problem: state.lockProblem }),
    last_good_at: journal.lastGood?.toISOString() ?? null,
    runs: journal.runs.map(runJson),
  }
  return `${JSON.stringify(value, null, 2)}\n`
}

const runJson = ({ kind, cause, commit, begunAt, took, outcome, counts, digest, message, retryAt }: RunRecord): object => ({
  kind,
  cause,
  outcome,
  commit: commit.id,
  subject: commit.subject,
  started_at: begunAt.toISOString(),
  took_ms: took,
  ...(counts === undefined ? {} : { counts }),
  ...(digest === undefined ? {} : { plan: digest }),
  ...(message === undefined ? {} : { message }),
  ...(retryAt === undefined ? {} : { retry_at: retryAt.toISOString() }),
})

/** Exposition format 0.0.4. */
export function metricsText(watched: Watched, now: Date): string {
  const { state, journal, version } = watched
  const { last } = journal
  const drifted = last?.counts === undefined || last.outcome === 'applied' ? 0 : touchedCount(last.counts)
  const total = Object.values(journal.counts).reduce((sum, it) => sum + it, 0)
  return [
    ...family('lockstep_watch_info', 'gauge', 'What runs.', [[`version="${label(version)}"`, 1]]),
    ...family('lockstep_watch_healthy', 'gauge', 'Whether it can do what it is there for.', [
      ['', isHealthy(healthOf(watched, now)) ? 1 : 0],
    ]),
    ...family('lockstep_watch_leader', 'gauge', 'Whether this watch works, and not another.', [['', state.leads === true ? 1 : 0]]),
    ...family(
      'lockstep_watch_runs_total',
      'counter',
      'Runs by how they ended.',
      outcomes.map(it => [`outcome="${it}"`, journal.counts[it]] as const),
    ),
    ...family(
      'lockstep_watch_run_seconds',
      'summary',
      'How long runs took.',
      [],
      [`lockstep_watch_run_seconds_sum ${journal.took / 1000}`, `lockstep_watch_run_seconds_count ${total}`],
    ),
    ...family('lockstep_watch_drifted_objects', 'gauge', 'Objects that differed in the last run.', [['', drifted]]),
    ...family('lockstep_watch_pending', 'gauge', 'Whether the newest commit is not dealt with yet.', [
      ['', state.waitsFor !== undefined || state.retryAt !== undefined ? 1 : 0],
    ]),
    ...family('lockstep_watch_last_good_timestamp_seconds', 'gauge', 'When the server was last seen to be as a commit says.', [
      ['', (journal.lastGood?.getTime() ?? 0) / 1000],
    ]),
    ...family('lockstep_watch_look_failures', 'gauge', 'Looks for a commit in a row that failed.', [['', state.lookFailures]]),
    ...family('lockstep_watch_notices_total', 'counter', 'Notices by whether they arrived.', [
      ['result="sent"', journal.noticesSent],
      ['result="failed"', journal.noticesFailed],
    ]),
    '',
  ].join('\n')
}

const label = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')

const family = (
  name: string,
  type: string,
  help: string,
  samples: readonly (readonly [string, number])[],
  more: readonly string[] = [],
): readonly string[] => [
  `# HELP ${name} ${help}`,
  `# TYPE ${name} ${type}`,
  ...samples.map(([labels, value]) => `${name}${labels === '' ? '' : `{${labels}}`} ${value}`),
  ...more,
]
