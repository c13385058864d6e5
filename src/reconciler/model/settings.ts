import type { Severity, SourceRange } from '../../kernel/index.ts'
import type { Address } from './address.ts'
import type { Move } from './move.ts'
import type { Reference } from './reference.ts'

/** What lockstep.yaml says. Everything in it is optional. */
export interface Settings {
  readonly targets: ReadonlyMap<string, TargetSettings>
  readonly ownership: OwnershipSettings
  readonly limits: LimitSettings
  readonly ignore: readonly IgnoreRule[]
  readonly moved: readonly Move[]
  readonly lint: LintSettings
}

export interface TargetSettings {
  readonly name: string
  readonly address: string
  readonly namespace?: string
  readonly token?: Reference
  /** How a run logs in, when nobody gives it a token. */
  readonly login?: LoginSettings
  readonly caCert?: string
  readonly at: SourceRange
}

export interface LoginSettings {
  /** Of the auth method, below `auth/`. */
  readonly mount: string
  /** What the method is told: `role_id`, `jwt`, `role`. What is secret is given by reference. */
  readonly fields: Readonly<Record<string, string | Reference>>
}

export interface OwnershipSettings {
  /** Tells this repository's objects from those of another on the same target. */
  readonly owner: string
  /** Whether the name was given. */
  readonly named: boolean
  /** What happens to an adopted object that is taken out of the files. */
  readonly adopted: 'keep' | 'delete'
  /** Where the key is kept by which the ledger tells a changed secret from one that is as it was. */
  readonly ledgerKey?: Reference
}

/** How many of the managed objects one plan may touch: both must hold. */
export interface Cap {
  readonly count: number
  readonly percent: number
}

export interface LimitSettings {
  readonly deletes: Cap
  readonly updates: Cap
}

export interface IgnoreRule {
  readonly pattern: string
  readonly matches: (address: Address) => boolean
  /** Only these attributes; the rest of the object is managed. Absent: the object is not looked at. */
  readonly attributes?: readonly string[]
  readonly reason?: string
  readonly until?: Date
  readonly at: SourceRange
}

/** What `lint` makes of its rules, where it is not what they say of themselves. */
export interface LintSettings {
  readonly rules: ReadonlyMap<string, { readonly level: Severity | 'off'; readonly at: SourceRange }>
}

export const defaultOwner = 'default'

/**
 * Deletes are held short because a wrong one takes access away at once; updates only when they are so many that nobody can have
 * read them.
 */
export const defaultLimits: LimitSettings = { deletes: { count: 25, percent: 30 }, updates: { count: 500, percent: 100 } }

export const defaultSettings: Settings = {
  targets: new Map(),
  ownership: { owner: defaultOwner, named: false, adopted: 'keep' },
  limits: defaultLimits,
  ignore: [],
  moved: [],
  lint: { rules: new Map() },
}

/** One object may always be touched: a share of nearly nothing would refuse every change of a small repository. */
export const allowedBy = (cap: Cap, of: number): number => Math.min(cap.count, Math.max(1, Math.floor((of * cap.percent) / 100)))
