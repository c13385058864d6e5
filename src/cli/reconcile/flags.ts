import { CommandFailed } from '../command.ts'
import { connectionFlags, type ConnectionFlags } from '../connection.ts'
import { flag, type Flag } from '../flag.ts'

type Text = Flag<string | undefined>

/** What `plan`, `apply` and `drift` share. */
export interface RepositoryFlags {
  readonly dir: Text
  readonly commit: Text
  readonly environment: Text
  readonly target: Flag<readonly string[]>
  readonly exclude: Flag<readonly string[]>
  readonly ignore: Flag<readonly string[]>
  readonly refresh: Flag<boolean>
  readonly parallelism: Flag<number>
  readonly format: Flag<string>
  readonly json: Flag<boolean>
  readonly noColor: Flag<boolean>
  readonly full: Flag<boolean | undefined>
}

const group = 'Repository Options'
const output = 'Output Options'

export const repositoryFlags: RepositoryFlags = {
  dir: flag.string('The managed repository. Without it, the nearest one around the current folder.', { group, env: 'LOCKSTEP_DIR' }),
  commit: flag.string('Take the files as this commit has them (HEAD, a branch, a tag, an id), not as they lie.', { group }),
  environment: flag.string('Which of the targets in lockstep.yaml, with the files of targets/<name>/ laid over the others.', {
    group,
    env: 'LOCKSTEP_ENVIRONMENT',
  }),
  target: flag.strings('Only objects with this address; * stands for anything. May be repeated.', { group }),
  exclude: flag.strings('No objects with this address; * stands for anything. May be repeated.', { group }),
  ignore: flag.strings(
    'Do not look at objects with this address (* stands for anything), or at ADDRESS#attribute, in this run. May be repeated.',
    { group },
  ),
  refresh: flag.bool('Look at everything. With -refresh=false, only at what the files do not say as it was last applied.', {
    group,
    default: true,
  }),
  parallelism: flag.int('How many requests are under way at once.', { group, default: 32 }),
  format: flag.string('How to print: "terminal", "json" or "markdown".', { group: output, default: 'terminal', env: 'LOCKSTEP_FORMAT' }),
  json: flag.bool('The same as -format=json.', { group: output }),
  noColor: flag.bool('Print without colours.', { group: output }),
  full: flag.maybe('Show what every new object says. Without it, only where there are few.', { group: output }),
}

/** What somebody allows for one run. Each answers one guard, which names it. */
export interface ConsentFlags {
  readonly maxDeletes: Flag<number | undefined>
  readonly maxUpdates: Flag<number | undefined>
  readonly allowDataLoss: Flag<boolean>
  readonly allowTakeover: Flag<boolean>
  readonly allowEmpty: Flag<boolean>
  readonly allowLosingAccess: Flag<boolean>
}

const guards = 'Guard Options'

export const consentFlags: ConsentFlags = {
  maxDeletes: flag.int('Allow so many deletes in this run, whatever limits.deletes says.', { group: guards }),
  maxUpdates: flag.int('Allow so many changes in this run, whatever limits.updates says.', { group: guards }),
  allowDataLoss: flag.bool('Allow to remove or replace mounts, with everything on them.', { group: guards }),
  allowTakeover: flag.bool('Allow to take over objects that another repository manages.', { group: guards }),
  allowEmpty: flag.bool('Allow to delete the last object of a folder.', { group: guards }),
  allowLosingAccess: flag.bool('Allow to take away rights that the token of this run uses.', { group: guards }),
}

export type AllFlags = ConnectionFlags & RepositoryFlags

export const connectionAndRepository: AllFlags = { ...connectionFlags, ...repositoryFlags }

export type Values<F> = { readonly [K in keyof F]: F[K] extends Flag<infer T> ? T : never }
export type RepositoryValues = Values<RepositoryFlags>
export type ConsentValues = Values<ConsentFlags>

const FORMATS = ['terminal', 'json', 'markdown'] as const
export type ReportFormat = (typeof FORMATS)[number]

/** @throws CommandFailed */
export function formatOf({ format, json }: RepositoryValues): ReportFormat {
  if (json) return 'json'
  // `table` is how BAO_FORMAT calls what people read.
  const found = FORMATS.find(it => it === format)
  if (found === undefined) throw new CommandFailed(`invalid output format "${format}"; expected one of ${FORMATS.join(', ')}`)
  return found
}
