import type { SourceRange } from '../../kernel/index.ts'
import { classOf, type Address, type Values } from '../model/index.ts'

/**
 * - `role`: somebody logs in by it: a role of any auth method, a user, a certificate, a group that a directory tells of
 * - `token-role`: tokens are made by it from other tokens
 * - `entity`, `group`: what identities hold beside what their login gives
 */
export type HolderKind = 'role' | 'token-role' | 'entity' | 'group'

/** Something that gives policies to tokens. */
export interface Holder {
  readonly address: Address
  readonly kind: HolderKind
  /** Lower-cased names in order, each once; `default` is among them where a token gets it without asking. */
  readonly policies: readonly string[]
  /** A token has all of `policies`; else whoever makes one chooses some of them (see `policySets`). */
  readonly together: boolean
  /** Those of `policies` that nothing is known of: they may stand on a server and not in a repository. */
  readonly unknown: readonly string[]
  /** Where it is described; absent for what was read from a target. */
  readonly from?: SourceRange
  /** Where it names its policies; absent where it does not, or was read from a target. */
  readonly policiesAt?: SourceRange
}

/** As much of a resource as is needed to know whom it gives what; what is live has no places. */
export interface Described {
  readonly address: Address
  readonly values: Values
  readonly from?: SourceRange
  readonly at?: Readonly<Record<string, SourceRange>>
}

const DEFAULT = 'default'

/** Undefined for what gives no policies to anybody. `known`: the names of all policies, which patterns choose from. */
export function holderOf(it: Described, known: ReadonlySet<string>): Holder | undefined {
  const giving = givingOf(it)
  if (giving === undefined) return undefined
  const { kind, attribute, together } = giving
  const said = kind === 'token-role' ? allowedBy(it.values, known) : names(it.values[attribute])
  const policies = [...new Set(giving.addsDefault ? [...said, DEFAULT] : said)].sort()
  const policiesAt = it.at?.[attribute]
  return {
    address: it.address,
    kind,
    policies,
    together,
    unknown: policies.filter(name => !known.has(name)),
    ...(it.from === undefined ? {} : { from: it.from }),
    ...(policiesAt === undefined ? {} : { policiesAt }),
  }
}

interface Giving {
  readonly kind: HolderKind
  /** The attribute that names the policies. */
  readonly attribute: string
  readonly together: boolean
  readonly addsDefault: boolean
}

const TOKEN_ROLES = 'auth/token/roles/'

function givingOf({ address, values }: Described): Giving | undefined {
  const home = classOf(address) as string
  if (home === 'identity') {
    const kind = address.startsWith('identity/entity/') ? 'entity' : address.startsWith('identity/group/') ? 'group' : undefined
    return kind === undefined ? undefined : { kind, attribute: 'policies', together: true, addsDefault: false }
  }
  if (home !== 'auth') return undefined
  if (address.startsWith(TOKEN_ROLES)) {
    const refused = names(values['disallowed_policies']).includes(DEFAULT)
    const addsDefault = values['token_no_default_policy'] !== true && !refused
    return { kind: 'token-role', attribute: 'allowed_policies', together: false, addsDefault }
  }
  if (Array.isArray(values['token_policies']))
    return { kind: 'role', attribute: 'token_policies', together: true, addsDefault: values['token_no_default_policy'] !== true }
  // Groups and teams of a directory add theirs to what the login gives.
  return Array.isArray(values['policies']) ? { kind: 'role', attribute: 'policies', together: true, addsDefault: false } : undefined
}

function names(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.flatMap(it => (typeof it === 'string' && it !== '' ? it.toLowerCase() : [])) : []
}

/** What may be asked for by a token role that says so. One that says nothing gives no more than its maker has, so nothing of its own. */
function allowedBy(values: Values, known: ReadonlySet<string>): readonly string[] {
  const patterns = names(values['allowed_policies_glob'])
  const refused = new Set(names(values['disallowed_policies']))
  const refusedPatterns = names(values['disallowed_policies_glob'])
  const byPattern = [...known].filter(name => name !== 'root' && patterns.some(it => fits(name, it)))
  return [...names(values['allowed_policies']), ...byPattern].filter(
    name => !refused.has(name) && !refusedPatterns.some(it => fits(name, it)),
  )
}

/** `*` at the ends stands for any text, as the server takes it. */
function fits(name: string, pattern: string): boolean {
  const core = pattern.replace(/^\*/, '').replace(/\*$/, '')
  const [open, goesOn] = [pattern.startsWith('*'), pattern.length > 1 && pattern.endsWith('*')]
  if (open && goesOn) return name.includes(core)
  if (open) return name.endsWith(core)
  return goesOn ? name.startsWith(core) : name === core
}

/** Up to here every choice is looked at; beyond, each policy by itself, each two, and all. */
const EVERY_CHOICE = 8

/**
 * The sets of policies that a token by this holder can have. One policy more can take away what another gives, and can also widen
 * its limits, so that a choice counts and not only its members. `default` comes without asking, and is in every set.
 */
export function policySets({ policies, together }: Pick<Holder, 'policies' | 'together'>): readonly (readonly string[])[] {
  if (together) return [policies]
  const always = policies.filter(it => it === DEFAULT)
  const free = policies.filter(it => it !== DEFAULT)
  if (free.length === 0) return [always]
  return choices(free).map(it => [...it, ...always].sort())
}

function choices(free: readonly string[]): readonly (readonly string[])[] {
  if (free.length > EVERY_CHOICE) {
    const pairs = free.flatMap((a, i) => free.slice(i + 1).map(b => [a, b]))
    return [free, ...free.map(it => [it]), ...pairs]
  }
  const some = Array.from({ length: 2 ** free.length - 1 }, (_, i) => free.filter((_name, at) => ((i + 1) & (2 ** at)) !== 0))
  return some.toSorted((a, b) => b.length - a.length)
}
