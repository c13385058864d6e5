import { statusOf, type GitHub } from './connect.ts'
import { carries, isBy, markerOf } from './marker.ts'

export interface DriftIssue {
  readonly target: string
  /** Undefined: there is no drift, and an issue that stands open is closed. */
  readonly drift?: { readonly title: string; readonly body: string }
  /** What the issue is found by; the first one at least is always on it. */
  readonly labels: readonly [string, ...string[]]
  /** Said when it is closed. */
  readonly resolved: string
}

export type IssueOutcome =
  { readonly is: 'opened' | 'updated' | 'unchanged' | 'closed'; readonly number: number } | { readonly is: 'nothing' }

interface Existing {
  readonly number: number
  readonly title: string
  readonly body: string
}

/**
 * One issue tells of the drift of a target: opened when there is one, edited while it changes, closed when it is gone. Should
 * several stand open (two runs at once), the oldest is kept and the others are closed as its duplicates.
 */
export async function keepDriftIssue(github: GitHub, issue: DriftIssue): Promise<IssueOutcome> {
  const [open, ...doubles] = await ownIssues(github, issue)
  const { drift, target, labels } = issue
  if (open !== undefined) for (const it of doubles) await close(github, it, `The same as #${open.number}.`, 'not_planned')
  if (drift === undefined) {
    if (open === undefined) return { is: 'nothing' }
    await close(github, open, issue.resolved, 'completed')
    return { is: 'closed', number: open.number }
  }
  const { rest, owner, repo } = github
  const body = `${markerOf('drift', target)}\n${drift.body}`
  if (open === undefined) {
    for (const name of labels) await ensureLabel(github, name)
    const { data } = await rest.issues.create({ owner, repo, title: drift.title, body, labels: [...labels] })
    return { is: 'opened', number: data.number }
  }
  if (open.title === drift.title && open.body.replaceAll('\r\n', '\n') === body) return { is: 'unchanged', number: open.number }
  await rest.issues.update({ owner, repo, issue_number: open.number, title: drift.title, body })
  return { is: 'updated', number: open.number }
}

/** The oldest first. Pull requests are issues for this API, and are none for us. */
async function ownIssues(
  { rest, paginate, owner, repo, author }: GitHub,
  { target, labels: [label] }: DriftIssue,
): Promise<readonly Existing[]> {
  const [login, marker] = [await author(), markerOf('drift', target)]
  const found: Existing[] = []
  const pages = paginate.iterator(rest.issues.listForRepo, { owner, repo, state: 'open', labels: label, per_page: 100 })
  for await (const { data } of pages) {
    for (const { number, title, body, user, pull_request: pullRequest } of data) {
      if (pullRequest === undefined && isBy(user, login) && carries(body, marker)) found.push({ number, title, body: body ?? '' })
    }
  }
  return found.toSorted((a, b) => a.number - b.number)
}

async function close({ rest, owner, repo }: GitHub, { number }: Existing, why: string, reason: 'completed' | 'not_planned'): Promise<void> {
  await rest.issues.createComment({ owner, repo, issue_number: number, body: why })
  await rest.issues.update({ owner, repo, issue_number: number, state: 'closed', state_reason: reason })
}

async function ensureLabel({ rest, owner, repo }: GitHub, name: string): Promise<void> {
  try {
    await rest.issues.getLabel({ owner, repo, name })
  } catch (cause) {
    if (statusOf(cause) !== 404) throw cause
    try {
      await rest.issues.createLabel({ owner, repo, name, color: 'd93f0b', description: 'The server differs from the repository' })
    } catch (made) {
      // Another run made it meanwhile.
      if (statusOf(made) !== 422) throw made
    }
  }
}
