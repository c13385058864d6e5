import type { GitHub } from './connect.ts'

export interface CommitStatus {
  readonly sha: string
  readonly state: 'success' | 'failure' | 'error' | 'pending'
  /** Tells this status from others of the commit: `lockstep/plan/production`. */
  readonly context: string
  readonly description: string
  readonly url?: string
}

/** GitHub refuses a longer one. */
const LONGEST = 140

export async function writeCommitStatus({ rest, owner, repo }: GitHub, status: CommitStatus): Promise<void> {
  const { sha, state, context, description, url } = status
  await rest.repos.createCommitStatus({
    owner,
    repo,
    sha,
    state,
    context,
    description: description.length > LONGEST ? `${description.slice(0, LONGEST - 1)}…` : description,
    ...(url === undefined ? {} : { target_url: url }),
  })
}
