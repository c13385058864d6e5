import type { GitHub } from './connect.ts'
import { GitHubFailure } from './failure.ts'

export type DeploymentState = 'in_progress' | 'success' | 'failure' | 'error'

export interface DeploymentRecord {
  readonly sha: string
  /** As GitHub lists it: each target has one. */
  readonly environment: string
  readonly planHash: string
  readonly description: string
  readonly state: DeploymentState
  readonly url?: string
}

const TASK = 'lockstep:apply'
const LONGEST = 140

/**
 * Records how an apply goes. The first state makes the deployment, the later ones are added to it: it is found by the commit, the
 * environment and the plan's hash.
 */
export async function recordDeployment(github: GitHub, record: DeploymentRecord): Promise<number> {
  const { rest, owner, repo } = github
  const { environment, state, url } = record
  const id = (state === 'in_progress' ? undefined : await found(github, record)) ?? (await made(github, record))
  await rest.repos.createDeploymentStatus({
    owner,
    repo,
    deployment_id: id,
    state,
    environment,
    description: record.description.slice(0, LONGEST - 1),
    auto_inactive: state === 'success',
    ...(url === undefined ? {} : { log_url: url }),
  })
  return id
}

async function found({ rest, owner, repo }: GitHub, { sha, environment, planHash }: DeploymentRecord): Promise<number | undefined> {
  const { data } = await rest.repos.listDeployments({ owner, repo, sha, environment, task: TASK, per_page: 100 })
  return data.find(it => hashOf(it.payload) === planHash)?.id
}

function hashOf(payload: unknown): unknown {
  const value: unknown = typeof payload === 'string' && payload !== '' ? JSON.parse(payload) : payload
  return (value as { readonly plan_hash?: unknown } | null)?.plan_hash
}

async function made({ rest, owner, repo }: GitHub, { sha, environment, planHash, description }: DeploymentRecord): Promise<number> {
  const { data } = await rest.repos.createDeployment({
    owner,
    repo,
    ref: sha,
    task: TASK,
    environment,
    payload: { plan_hash: planHash },
    description: description.slice(0, LONGEST - 1),
    auto_merge: false,
    // Checks were a matter of the review. This says what happens, and asks for nothing.
    required_contexts: [],
  })
  if ('id' in data) return data.id
  throw new GitHubFailure('GitHub made no deployment')
}
