import { statusOf, type GitHub } from './connect.ts'
import { carries, isBy, markerOf } from './marker.ts'

export interface PullRequest {
  readonly number: number
  readonly isOpen: boolean
  /** The commit that it is about now. */
  readonly sha: string
  readonly isFork: boolean
  readonly base: string
}

export async function readPullRequest({ rest, owner, repo }: GitHub, number: number): Promise<PullRequest> {
  const { data } = await rest.pulls.get({ owner, repo, pull_number: number })
  // The repository of a fork that was deleted is null.
  const head = (data.head.repo as { readonly full_name: string } | null)?.full_name.toLowerCase()
  return {
    number,
    isOpen: data.state === 'open',
    sha: data.head.sha,
    isFork: head !== `${owner}/${repo}`.toLowerCase(),
    base: data.base.ref,
  }
}

/** Whether somebody's last word about this very commit is an approval, and nobody's is that it be changed. Authors do not count. */
export async function isApproved({ rest, paginate, owner, repo }: GitHub, { number, sha }: PullRequest): Promise<boolean> {
  const last = new Map<string, { readonly state: string; readonly sha: string | null }>()
  for (const it of await paginate(rest.pulls.listReviews, { owner, repo, pull_number: number, per_page: 100 })) {
    if (!['APPROVED', 'CHANGES_REQUESTED', 'DISMISSED'].includes(it.state)) continue
    if (['OWNER', 'MEMBER', 'COLLABORATOR'].includes(it.author_association))
      last.set(it.user?.login ?? '', { state: it.state, sha: it.commit_id })
  }
  const words = [...last.values()]
  return words.some(it => it.state === 'APPROVED' && it.sha === sha) && words.every(it => it.state !== 'CHANGES_REQUESTED')
}

export type Permission = 'admin' | 'maintain' | 'write' | 'triage' | 'read' | 'none'

const ORDER: readonly Permission[] = ['none', 'read', 'triage', 'write', 'maintain', 'admin']

/** What somebody may do in the repository, asked of GitHub: the event says only how they belong to it. */
export async function permissionOf({ rest, owner, repo }: GitHub, username: string): Promise<Permission> {
  try {
    const { data } = await rest.repos.getCollaboratorPermissionLevel({ owner, repo, username })
    // `permission` calls "maintain" write and "triage" read; `role_name` may be an organisation's own word.
    return ORDER.find(it => it === data.role_name) ?? ORDER.find(it => it === data.permission) ?? 'none'
  } catch (cause) {
    if (statusOf(cause) === 404) return 'none'
    throw cause
  }
}

export const atLeast = (permission: Permission, wanted: Permission): boolean => ORDER.indexOf(permission) >= ORDER.indexOf(wanted)

/** The pull request that brought a commit to its branch; undefined: it was pushed. */
export async function pullRequestOfCommit({ rest, owner, repo }: GitHub, sha: string): Promise<number | undefined> {
  const { data } = await rest.repos.listPullRequestsAssociatedWithCommit({ owner, repo, commit_sha: sha })
  return data.find(it => it.merged_at !== null)?.number
}

/** The hash of the plan that stands in a pull request's comment; undefined: there is none. */
export async function reviewedHash(github: GitHub, pullRequest: number, target: string): Promise<string | undefined> {
  const { rest, paginate, owner, repo } = github
  const login = await github.author()
  const all = await paginate(rest.issues.listComments, { owner, repo, issue_number: pullRequest, per_page: 100 })
  const own = all.find(it => isBy(it.user, login) && carries(it.body, markerOf('plan', target)))
  // The foot is ours, and the last line: what comes before it may quote anything.
  return /<sub>plan <code>((?:sha256:)?[\w-]+)<\/code>[^\n]*\n*$/.exec(own?.body ?? '')?.[1]
}

/** Shown beside the comment that asked for something, so that whoever wrote it sees that it was read. */
export async function react({ rest, owner, repo }: GitHub, comment: number, content: 'eyes' | 'rocket' | '-1'): Promise<void> {
  await rest.reactions.createForIssueComment({ owner, repo, comment_id: comment, content })
}

export async function say({ rest, owner, repo }: GitHub, issue: number, body: string): Promise<void> {
  await rest.issues.createComment({ owner, repo, issue_number: issue, body })
}
