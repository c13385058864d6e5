import { isAbsolute, resolve } from 'node:path'
import { writerOf, type Client, type Writer } from '../../client/index.ts'
import { findManagedFolder, isExpectedFailure, readSettings, type PlanOptions, type SourceChoice } from '../../reconciler/index.ts'
import { addressMatcher, referenceText, type LoginSettings, type Settings, type TargetSettings } from '../../reconciler/model/index.ts'
import { isRequestFailure } from '../api/index.ts'
import { CommandFailed, type Context, type Given } from '../command.ts'
import { connect, type Connection } from '../connection.ts'
import type { Flags } from '../flag.ts'
import { readEnv } from '../parse.ts'
import type { RepositoryValues } from './flags.ts'
import { logIn, stoppable } from './login.ts'

/** Everything that a command of the reconciler works with. */
export interface Session {
  readonly dir: string
  readonly source: SourceChoice
  readonly writer: Writer
  /** For what only reads. */
  readonly client: Client
  readonly plan: Omit<PlanOptions, 'reader' | 'now'>
}

/** Codes of the reconciler's commands, unlike those of the client verbs. */
export const exitCodes: { readonly clean: 0; readonly failed: 1; readonly changes: 2; readonly refused: 3 } = {
  clean: 0,
  failed: 1,
  changes: 2,
  refused: 3,
}

/** What is wrong with files, repository, target or network ends the command with its message and code 1. */
export async function orFail<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    if (cause instanceof CommandFailed) throw new CommandFailed(cause.message, exitCodes.failed, { cause })
    if (isExpectedFailure(cause) || isRequestFailure(cause)) throw new CommandFailed(cause.message, exitCodes.failed, { cause })
    throw cause
  }
}

export const absolute = (ctx: Context, path: string): string => (isAbsolute(path) ? path : resolve(ctx.cwd, path))

export async function folderOf(ctx: Context, dir: string | undefined): Promise<string> {
  if (dir !== undefined && dir !== '') return absolute(ctx, dir)
  const found = await findManagedFolder(ctx.cwd)
  if (found !== undefined) return found
  throw new CommandFailed(`there is no managed repository around ${ctx.cwd}; name it with -dir, or make a folder policies/ here`)
}

type SessionValues = Connection &
  Pick<RepositoryValues, 'dir' | 'commit' | 'environment' | 'target' | 'exclude' | 'parallelism'> &
  Partial<Pick<RepositoryValues, 'ignore' | 'refresh'>>

export type SessionGiven = Given<Flags> & { readonly flags: SessionValues }

export async function openSession(ctx: Context, given: SessionGiven): Promise<Session> {
  const { flags } = given
  const dir = await folderOf(ctx, flags.dir)
  const source: SourceChoice = flags.commit === undefined ? 'worktree' : { commit: flags.commit }
  const settings = await readSettings(dir, source, ctx.clock.now())
  const chosen = targetOf(ctx, settings, given)
  const connected = await connect(retrying(ctx), { ...flags, ...chosen?.connection })
  const { client, writer } = await withToken(ctx, connected, chosen, dir)
  const isSelected = selectionOf(flags.target, flags.exclude)
  const namespace = chosen?.connection.namespace ?? flags.ns ?? flags.namespace
  return {
    dir,
    source,
    client,
    writer: writerOf(writer),
    plan: {
      dir,
      ...filesOf(flags),
      target: { address: client.address, ...(namespace === undefined || namespace === '' ? {} : { namespace }) },
      env: ctx.env,
      refresh: flags.refresh === false ? 'changed' : 'all',
      ...(isSelected === undefined ? {} : { isSelected }),
    },
  }
}

/** What flags say of the files and of the run, whatever the target. */
export const filesOf = (flags: SessionValues): Pick<PlanOptions, 'source' | 'environment' | 'parallelism' | 'ignore'> => ({
  source: flags.commit === undefined ? 'worktree' : { commit: flags.commit },
  ...(flags.environment === undefined ? {} : { environment: flags.environment }),
  parallelism: atLeastOne(flags.parallelism),
  ignore: ignoredOnce(flags.ignore ?? []),
})

/** The token that the target names, or one that a login gives for this run alone; else what the environment or the token store has. */
async function withToken(
  ctx: Context,
  connected: Client,
  chosen: ChosenTarget | undefined,
  dir: string,
): Promise<{ readonly client: Client; readonly writer: Client }> {
  if (chosen?.login !== undefined) {
    const writer = await logIn(ctx, connected.with({ token: undefined }), chosen.login, dir)
    return { client: stoppable(writer, ctx.signal), writer }
  }
  const client = chosen?.token === undefined ? connected : connected.with({ token: chosen.token })
  return { client, writer: client }
}

function atLeastOne(parallelism: number): number {
  if (parallelism >= 1) return parallelism
  throw new CommandFailed('invalid value for flag -parallelism: expected 1 or more')
}

/** Nobody sits beside each request here, so what may be repeated is repeated, as the API's libraries do. */
function retrying(ctx: Context): Context {
  if (readEnv(ctx.env, 'BAO_MAX_RETRIES') !== undefined) return ctx
  return Object.create(ctx, { env: { value: { ...ctx.env, BAO_MAX_RETRIES: '2' }, enumerable: true } }) as Context
}

interface ChosenTarget {
  readonly connection: { readonly address: string; readonly namespace?: string; readonly caCert?: string }
  readonly token?: string
  readonly login?: LoginSettings
}

/**
 * A target that was asked for by name is taken as lockstep.yaml has it. Without a name, -address and the environment go before
 * the file, as everywhere; so a shell that points at a test server reaches the test server.
 */
function targetOf(
  ctx: Context,
  settings: Settings,
  { flags, set }: Given<Flags> & { readonly flags: SessionValues },
): ChosenTarget | undefined {
  const names = [...settings.targets.keys()]
  if (flags.environment !== undefined) {
    const target = settings.targets.get(flags.environment)
    // An environment may be files alone; then the server is named as usual.
    if (target !== undefined) return chosenTarget(ctx, target, set.has('address') ? flags.address : undefined)
    if (names.length > 0) throw new CommandFailed(`lockstep.yaml has no target "${flags.environment}"; it has ${names.join(', ')}`)
    return undefined
  }
  const isNamed = set.has('address') || set.has('agentAddress') || (readEnv(ctx.env, 'BAO_ADDR') ?? '') !== ''
  if (isNamed || names.length === 0) return undefined
  const [only] = settings.targets.values()
  if (names.length === 1 && only !== undefined) return chosenTarget(ctx, only, undefined)
  throw new CommandFailed(`lockstep.yaml has several targets: say -environment with one of ${names.join(', ')}`)
}

function chosenTarget(ctx: Context, target: TargetSettings, address: string | undefined): ChosenTarget {
  const { token } = target
  const given = readEnv(ctx.env, 'BAO_TOKEN') ?? ''
  return {
    connection: {
      address: address ?? target.address,
      ...(target.namespace === undefined ? {} : { namespace: target.namespace }),
      ...(target.caCert === undefined ? {} : { caCert: target.caCert }),
    },
    ...(given !== '' || token === undefined ? {} : { token: tokenOf(ctx, target) }),
    ...(given !== '' || target.login === undefined ? {} : { login: target.login }),
  }
}

function tokenOf(ctx: Context, { name, token }: TargetSettings): string {
  if (token === undefined) return ''
  const value = token.from === 'env' ? ctx.env[token.name] : undefined
  if (value !== undefined && value !== '') return value
  throw new CommandFailed(`the token of the target ${name} cannot be found: ${referenceText(token)}`)
}

function ignoredOnce(patterns: readonly string[]): readonly string[] {
  const wrong = patterns.find(it => !/^[a-z]+\/./.test(it) || it.endsWith('#'))
  if (wrong === undefined) return patterns
  throw new CommandFailed(`invalid value for flag -ignore: "${wrong}"; expected an address such as policy/legacy-*, or ADDRESS#attribute`)
}

/** Undefined: everything. */
export function selectionOf(targets: readonly string[], excluded: readonly string[]): PlanOptions['isSelected'] {
  if (targets.length === 0 && excluded.length === 0) return undefined
  const [wanted, unwanted] = [targets.map(addressMatcher), excluded.map(addressMatcher)]
  return address => (wanted.length === 0 || wanted.some(it => it(address))) && !unwanted.some(it => it(address))
}
