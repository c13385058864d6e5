/**
 * What is worth telling, and the words. A state is told when it begins: a drift that stands is told once and not at every look, and
 * its end is told too.
 */
import { createHmac } from 'node:crypto'
import { touchedCount, type RunOutcome, type RunRecord } from './run.ts'

export interface NoticeFacts {
  /** Without credentials. */
  readonly repository: string
  readonly target: string
  readonly owner: string
}

/** The outcomes that begin a state, of which the same again is no news. */
const isSame = (a: RunRecord | undefined, b: RunRecord): boolean =>
  a !== undefined && a.outcome === b.outcome && a.commit.id === b.commit.id && a.digest === b.digest && a.message === b.message

/** Chooses, from one run to the next. */
export class News {
  #last: RunRecord | undefined

  /** What there is to tell of a run; `clean` is news only where it was not before. */
  of(record: RunRecord): RunOutcome | undefined {
    const before = this.#last
    this.#last = record
    if (record.outcome === 'applied') return 'applied'
    if (record.outcome === 'clean')
      return before === undefined || before.outcome === 'clean' || before.outcome === 'applied' ? undefined : 'clean'
    return isSame(before, record) ? undefined : record.outcome
  }
}

const SAYS: Readonly<Record<RunOutcome, string>> = {
  clean: 'in order again',
  applied: 'applied',
  drift: 'has drifted',
  waiting: 'waits for its window',
  refused: 'refused by a guard',
  broken: 'the files are not right',
  unverified: 'not applied: its signature does not count',
  stopped: 'stopped on the way',
  unsettled: 'applied, and still differs',
  failed: 'could not be looked at',
}

/** One line for people. */
export function headline({ outcome, commit, counts, message }: Omit<RunRecord, 'kind'>, { target }: NoticeFacts): string {
  const changes = counts === undefined ? '' : ` (${countsText(counts)})`
  return `${target}: ${SAYS[outcome]}${changes}, commit ${commit.id.slice(0, 12)}${message === undefined ? '' : `: ${message}`}`
}

const countsText = (counts: NonNullable<RunRecord['counts']>): string =>
  touchedCount(counts) === 0
    ? 'nothing to do'
    : `${counts.create} to add, ${counts.update + counts.move + counts.replace} to change, ${counts.delete} to delete`

/** Our own JSON: `format_version` grows when a field changes its meaning. */
export function noticeJson(record: RunRecord, facts: NoticeFacts): string {
  const { kind, outcome, commit, cause, begunAt, took, counts, digest, message, retryAt } = record
  return JSON.stringify({
    format_version: '1.0',
    event: outcome,
    text: headline(record, facts),
    repository: facts.repository,
    target: facts.target,
    owner: facts.owner,
    run: {
      kind,
      cause,
      commit: commit.id,
      subject: commit.subject,
      started_at: begunAt.toISOString(),
      took_ms: took,
      ...(counts === undefined ? {} : { counts }),
      ...(digest === undefined ? {} : { plan: digest }),
      ...(message === undefined ? {} : { message }),
      ...(retryAt === undefined ? {} : { retry_at: retryAt.toISOString() }),
    },
  })
}

/** The control characters of Slack's markup; a commit's subject comes from somebody else. */
const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

export const slackJson = (record: RunRecord, facts: NoticeFacts): string =>
  JSON.stringify({ text: escaped(`Lockstep: ${headline(record, facts)}\n${record.commit.subject}`) })

/** As GitHub signs its webhooks, so that the same check can be used. */
export const signatureOf = (secret: string, body: string | Uint8Array): string =>
  `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`
