import { readFile } from 'node:fs/promises'
import type { Diagnostic } from '../../kernel/index.ts'
import { readSavedPlan } from '../../reconciler/index.ts'
import type { Plan } from '../../reconciler/model/index.ts'
import { maskedFindings, maskedPlan, type CommentOptions } from '../../reconciler/report/comment/index.ts'
import { CommandFailed, type Context, type Env } from '../command.ts'
import { flag, type Flag, type ValuesOf } from '../flag.ts'
import { absolute, orFail } from '../reconcile/index.ts'

type Text = Flag<string | undefined>

export interface JobFlags {
  readonly plan: Text
  readonly environment: Flag<string>
  readonly url: Text
}

export interface RepositoryFlags {
  readonly repository: Text
  readonly author: Text
}

export type GitHubFlags = JobFlags & RepositoryFlags

export const environmentFlag: Flag<string> = flag.string(
  'What the target is called. Each has a comment, a check, an issue and a lock of its own.',
  { default: 'default', env: 'LOCKSTEP_ENVIRONMENT' },
)

export const jobFlags: JobFlags = {
  plan: flag.string('What "plan -json" printed: a plan, or why there is none.'),
  environment: environmentFlag,
  url: flag.string('Where to read more. Without it, the run of GitHub Actions that this is.'),
}

/** Of commands that are about no plan. */
export const repositoryFlags: RepositoryFlags = {
  repository: flag.string('The repository on GitHub, OWNER/NAME.', { group: 'GitHub Options', env: 'GITHUB_REPOSITORY' }),
  author: flag.string(
    'The login under which the token writes; what others wrote is left alone. Without it, GitHub is asked. An app is NAME[bot].',
    { group: 'GitHub Options' },
  ),
}

export const githubFlags: GitHubFlags = { ...jobFlags, ...repositoryFlags }

/** The plan that is told about; where there is none, what is wrong. Without secrets, wherever somebody typed them. */
export interface Job {
  readonly options: CommentOptions
  readonly plan: Plan | undefined
  readonly findings: readonly Diagnostic[]
}

/** @throws CommandFailed */
export async function openJob(ctx: Context, flags: ValuesOf<JobFlags>): Promise<Job> {
  const { plan: file } = flags
  if (file === undefined || file === '') throw new CommandFailed('say -plan=FILE, with what "plan -json" printed')
  const text = await readFile(absolute(ctx, file), 'utf8').catch((cause: Error) => {
    throw new CommandFailed(`cannot read ${file}: ${cause.message}`, 1, { cause })
  })
  const url = flags.url ?? runUrl(ctx.env)
  const options = { target: flags.environment, ...(url === undefined ? {} : { url }) }
  // A plan that ended with an error of the network or of the server has printed nothing.
  if (text.trim() === '') return { options, plan: undefined, findings: [] }
  const saved = await orFail(() => Promise.resolve().then(() => readSavedPlan(text)))
  if (saved.is === 'broken') return { options, plan: undefined, findings: maskedFindings(saved.findings, secretsOf(ctx.env)) }
  const plan = maskedPlan(saved.plan, secretsOf(ctx.env, saved.plan))
  return { options, plan, findings: plan.findings }
}

function runUrl(env: Env): string | undefined {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: run } = env
  return [server, repository, run].some(it => it === undefined || it === '') ? undefined : `${server}/${repository}/actions/runs/${run}`
}

/** Names that are given to secrets in the environment of a job, whether or not a plan refers to them. */
const SECRET_NAME = /TOKEN|SECRET|PASSW|API_?KEY|PRIVATE_?KEY|LEDGER_KEY|CREDENTIAL/

function secretsOf(env: Env, plan?: Plan): readonly string[] {
  const referred = new Set(
    [
      ...(plan?.steps ?? []).flatMap(it => Object.values(it.references)),
      ...(plan?.ledgerKey === undefined ? [] : [plan.ledgerKey]),
    ].flatMap(it => (it.from === 'env' ? [it.name] : [])),
  )
  return Object.entries(env).flatMap(([name, value]) =>
    value !== undefined && !name.endsWith('_URL') && (SECRET_NAME.test(name) || referred.has(name)) ? [value] : [],
  )
}
