import { readFile } from 'node:fs/promises'
import { CommandFailed, type Context } from '../command.ts'

interface Event {
  readonly pull_request?: { readonly number?: unknown; readonly head?: { readonly sha?: unknown } }
  readonly comment?: { readonly id?: unknown; readonly body?: unknown; readonly user?: { readonly login?: unknown } }
  readonly action?: unknown
  readonly issue?: { readonly number?: unknown; readonly pull_request?: unknown }
}

/** The event that started the run, as GitHub Actions has written it; empty outside of a run. */
async function eventOf({ env }: Context): Promise<Event> {
  const path = env['GITHUB_EVENT_PATH'] ?? ''
  if (path === '') return {}
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Event
  } catch (cause) {
    throw new CommandFailed(`cannot read the event (GITHUB_EVENT_PATH): ${(cause as Error).message}`, 1, { cause })
  }
}

/** @throws CommandFailed where the run is of no pull request */
export async function pullRequestOf(ctx: Context, given: number | undefined): Promise<number> {
  const event = await eventOf(ctx)
  const found = given ?? event.pull_request?.number ?? (event.issue?.pull_request === undefined ? undefined : event.issue.number)
  if (Number.isSafeInteger(found) && (found as number) > 0) return found as number
  throw new CommandFailed(
    given === undefined ? 'this run is of no pull request: say -pull-request=NUMBER' : 'invalid value for flag -pull-request',
  )
}

/** The head of a pull request: GITHUB_SHA is then a merge that nobody sees. @throws CommandFailed */
export async function shaOf(ctx: Context, given: string | undefined): Promise<string> {
  const found = given ?? (await eventOf(ctx)).pull_request?.head?.sha ?? ctx.env['GITHUB_SHA']
  if (typeof found === 'string' && /^[0-9a-f]{40}$/.test(found)) return found
  throw new CommandFailed('say which commit: -sha with its 40 digits, or GITHUB_SHA')
}

export interface Said {
  readonly id: number
  readonly body: string
  readonly by: string
}

/** The comment that the run is of; undefined: of none, or of one that was edited or deleted, which nobody says anything by. */
export async function commentOf(ctx: Context): Promise<Said | undefined> {
  const { action, comment } = await eventOf(ctx)
  const { id, body, user } = comment ?? {}
  if (action !== 'created' || typeof id !== 'number' || typeof body !== 'string' || typeof user?.login !== 'string') return undefined
  return { id, body, by: user.login }
}
