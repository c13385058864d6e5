import { statusOf, type GitHub } from './connect.ts'
import { carries, isBy, markerOf } from './marker.ts'

export interface StickyComment {
  readonly pullRequest: number
  /** The target that the plan is for: each has comments of its own. */
  readonly target: string
  /** What each comment says, below its marker. Most plans need one. */
  readonly bodies: readonly string[]
}

interface Existing {
  readonly id: number
  readonly body: string
}

/**
 * Puts the comments of a target in place: those that stand there are edited, so that a pull request with twenty pushes has one
 * comment and not twenty; what is missing is made anew; what is not needed any more is deleted.
 */
export async function writeStickyComment(github: GitHub, { pullRequest, target, bodies }: StickyComment): Promise<void> {
  const existing = await ownComments(github, pullRequest)
  for (const [i, text] of bodies.entries()) {
    const marker = markerOf('plan', target, i + 1)
    const body = `${marker}\n${text}`
    const [found, ...doubles] = existing.filter(it => carries(it.body, marker))
    if (found === undefined || !(await edited(github, found, body))) await created(github, pullRequest, body)
    for (const it of doubles) await removed(github, it)
  }
  for (let part = bodies.length + 1; ; part++) {
    const surplus = existing.filter(it => carries(it.body, markerOf('plan', target, part)))
    if (surplus.length === 0) return
    for (const it of surplus) await removed(github, it)
  }
}

async function ownComments({ rest, paginate, owner, repo, author }: GitHub, pullRequest: number): Promise<readonly Existing[]> {
  const login = await author()
  const found: Existing[] = []
  for await (const { data } of paginate.iterator(rest.issues.listComments, { owner, repo, issue_number: pullRequest, per_page: 100 })) {
    found.push(...data.flatMap(({ id, body, user }) => (isBy(user, login) ? [{ id, body: body ?? '' }] : [])))
  }
  return found
}

/** False where somebody has deleted it meanwhile. */
async function edited({ rest, owner, repo }: GitHub, { id, body: before }: Existing, body: string): Promise<boolean> {
  if (before.replaceAll('\r\n', '\n') === body) return true
  try {
    await rest.issues.updateComment({ owner, repo, comment_id: id, body })
    return true
  } catch (cause) {
    if (statusOf(cause) === 404) return false
    throw cause
  }
}

async function created({ rest, owner, repo }: GitHub, pullRequest: number, body: string): Promise<void> {
  await rest.issues.createComment({ owner, repo, issue_number: pullRequest, body })
}

async function removed({ rest, owner, repo }: GitHub, { id }: Existing): Promise<void> {
  try {
    await rest.issues.deleteComment({ owner, repo, comment_id: id })
  } catch (cause) {
    if (statusOf(cause) !== 404) throw cause
  }
}
