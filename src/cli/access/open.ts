import { readerOf, type Client } from '../../client/index.ts'
import { nearest, type Diagnostic } from '../../kernel/index.ts'
import { accessOps, type AccessOp, type IdentityFacts } from '../../policy/index.ts'
import { findManagedFolder, liveAccess, repositoryAccess } from '../../reconciler/index.ts'
import {
  HolderNotFound,
  identityFacts,
  readAccess,
  UnknownSelector,
  type Access,
  type AskedRequest,
} from '../../reconciler/access/index.ts'
import { placeText } from '../../reconciler/model/index.ts'
import { CommandFailed, type Context, type Given } from '../command.ts'
import { connect, connectionFlags, type ConnectionFlags } from '../connection.ts'
import { flag, type Flag, type Flags, type ValuesOf } from '../flag.ts'
import { pairsOf } from '../input/index.ts'
import { exitCodes, folderOf, openSession } from '../reconcile/index.ts'

type Text = Flag<string | undefined>

export interface AccessFlags extends ConnectionFlags {
  readonly dir: Text
  readonly commit: Text
  readonly environment: Text
  readonly live: Flag<boolean>
  readonly noColor: Flag<boolean>
}

const group = 'Repository Options'

export const accessFlags: AccessFlags = {
  ...connectionFlags,
  dir: flag.string('The managed repository. Without it, the nearest one around the current folder.', { group, env: 'LOCKSTEP_DIR' }),
  commit: flag.string('Take the files as this commit has them (HEAD, a branch, a tag, an id), not as they lie.', { group }),
  environment: flag.string('Which of the targets in lockstep.yaml, with the files of targets/<name>/ laid over the others.', {
    group,
    env: 'LOCKSTEP_ENVIRONMENT',
  }),
  live: flag.bool('Ask what stands on the server, not what the files say. Nothing is written there.', { group }),
  noColor: flag.bool('Print without colours.', { group: 'Output Options' }),
}

export type AccessGiven = Given<Flags> & { readonly flags: ValuesOf<AccessFlags> }

export interface OpenedAccess {
  readonly access: Access
  /** What could not be looked at. */
  readonly notes: readonly string[]
}

/** The server to ask: the target of the repository, or without one what flags and environment say. */
export async function openLive(ctx: Context, given: AccessGiven): Promise<Client> {
  // -wrap-ttl is of the request that is judged, not of those that it takes to judge it.
  const flags = { ...given.flags, wrapTtl: undefined, parallelism: 32, target: [], exclude: [] }
  const isAlone = (flags.dir ?? '') === '' && (await findManagedFolder(ctx.cwd)) === undefined
  return isAlone ? await connect(ctx, flags) : (await openSession(ctx, { ...given, flags })).client
}

/** @throws CommandFailed where the files are not right: nothing may be concluded from them */
export async function openAccess(ctx: Context, given: AccessGiven): Promise<OpenedAccess> {
  const { flags } = given
  return flags.live ? await accessOfTarget(ctx, given) : await accessOfFiles(ctx, given)
}

export async function accessOfTarget(ctx: Context, given: AccessGiven): Promise<OpenedAccess> {
  const { resources, notes } = await liveAccess(readerOf(await openLive(ctx, given)))
  const access = readAccess(resources, { now: ctx.clock.now() })
  return { access, notes: [...notes, ...access.findings.map(it => `${it.about ?? ''}: ${it.summary}`)] }
}

export async function accessOfFiles(ctx: Context, { flags }: AccessGiven): Promise<OpenedAccess> {
  const read = await repositoryAccess({
    dir: await folderOf(ctx, flags.dir),
    source: flags.commit === undefined ? 'worktree' : { commit: flags.commit },
    ...(flags.environment === undefined ? {} : { environment: flags.environment }),
    now: ctx.clock.now(),
  })
  if (read.is === 'read') return { access: read.access, notes: [] }
  return refuseFiles('the files of the repository are not right', read.findings)
}

/** Ends the command: nothing may be concluded from files that are not right. */
export function refuseFiles(what: string, findings: readonly Diagnostic[]): never {
  const lines = findings
    .filter(it => it.severity === 'error')
    .map(it => `${it.at === undefined ? '' : `${placeText(it.at)}: `}${it.summary}`)
  throw new CommandFailed([`${what}:`, ...lines].join('\n  '), exitCodes.failed)
}

/** OP PATH [k=v …] as a request. @throws CommandFailed */
export async function askedRequest(
  ctx: Context,
  [said = '', path = '', ...pairs]: readonly string[],
  flags: { readonly wrapTtl: number | undefined; readonly nonInteractive: boolean },
): Promise<AskedRequest> {
  const data = pairs.length === 0 ? undefined : await pairsOf(ctx, pairs, { nonInteractive: flags.nonInteractive })
  return {
    op: operationOf(said),
    path: path.replace(/^\/*(?:v1\/)?/, ''),
    ...(data === undefined ? {} : { data }),
    ...(flags.wrapTtl === undefined ? {} : { wrapTtl: flags.wrapTtl }),
  }
}

function operationOf(said: string): AccessOp {
  const found = accessOps.find(it => it === said.toLowerCase())
  if (found !== undefined) return found
  const near = said === 'write' ? 'create or update' : nearest(said, accessOps)
  throw new CommandFailed(
    `unknown operation "${said}"; expected one of ${accessOps.join(', ')}${near === undefined ? '' : `; did you mean ${near}?`}`,
  )
}

/** @throws CommandFailed */
export const factsOf = (values: ReadonlyMap<string, string>): IdentityFacts | undefined => orUsage(() => identityFacts(values))

/** A name that means nothing here ends the command with its message. */
export function orUsage<T>(work: () => T): T {
  try {
    return work()
  } catch (cause) {
    if (cause instanceof UnknownSelector || cause instanceof HolderNotFound)
      throw new CommandFailed(cause.message, exitCodes.failed, { cause })
    throw cause
  }
}
