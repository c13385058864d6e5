import { parsePolicy } from '../../hcl/index.ts'
import type { Diagnostic } from '../../kernel/index.ts'
import { compileAcl, DEFAULT_POLICY, type Acl, type HeldPolicy, type IdentityFacts } from '../../policy/index.ts'
import { classOf, isMountAddress, restOf, textOf, type Address } from '../model/index.ts'
import { holderOf, type Described, type Holder } from './holders.ts'
import { effectiveOf, type Effective } from './membership.ts'

export { type Described } from './holders.ts'

export interface AccessOptions {
  /** Rules that expired by then do not count. */
  readonly now: Date
}

/** Everything that says who can reach what. */
export interface Access {
  /** In the order of their addresses. */
  readonly holders: readonly Holder[]
  /** Lower-cased, in order. `default` is always one: where nothing describes it, it is the one that servers start with. */
  readonly policyNames: ReadonlySet<string>
  /** Those of them that something describes. */
  readonly described: ReadonlySet<string>
  /**
   * A policy as it is held; undefined for one that is not known, or whose text no server takes (see `findings`). The places of its
   * rules are those of its file, or of `policy/<name>` where it has none.
   */
  policy(name: string): HeldPolicy | undefined
  /** What a token with these policies may do. Those that are not known give nothing, as on a server; root goes alone. */
  acl(policies: readonly string[], facts?: IdentityFacts): Acl
  /** What a token gets by the holder: of an entity, also what its groups give, and what is known of it. */
  effective(holder: Holder): Effective
  /** The same with these policies beside the others, or in their place. */
  with(policies: readonly HeldPolicy[]): Access
  /** Paths of mounts of type pki, with their final slash: they have root-protected paths. */
  readonly pkiMounts: readonly string[]
  /** Policies whose text cannot be used. */
  readonly findings: readonly Diagnostic[]
}

/** From what a repository describes (`Workspace.resources`), or from what is live. */
export function readAccess(resources: Iterable<Described>, { now }: AccessOptions): Access {
  const all = [...resources]
  const findings: Diagnostic[] = []
  const policies = new Map<string, HeldPolicy | undefined>()
  const take = (name: string, file: string, text: string): void => {
    const read = parsePolicy({ name: file, text }, { now })
    if (read.value === undefined) findings.push(...read.findings.map(it => ({ ...it, about: `policy/${name}` })))
    policies.set(name, read.value === undefined ? undefined : { ...read.value, name })
  }
  for (const { address, values, from } of all)
    if (classOf(address) === 'policy') take(restOf(address).toLowerCase(), from?.file ?? address, textOf(values['policy']))
  const described = new Set([...policies.keys()].sort())
  if (!policies.has('default')) take('default', 'policy/default', DEFAULT_POLICY)
  policies.set('root', { name: 'root', rules: [] })
  const pkiMounts = all.flatMap(it => (isPki(it) ? restOf(it.address) : []))
  return accessOf(all, policies, { now, pkiMounts, findings, described })
}

interface Known extends Pick<Access, 'pkiMounts' | 'findings' | 'described'> {
  readonly now: Date
}

function accessOf(all: readonly Described[], policies: ReadonlyMap<string, HeldPolicy | undefined>, known: Known): Access {
  const { now, pkiMounts, findings, described } = known
  const policyNames = new Set([...policies.keys()].sort())
  // Many holders have the same policies, and many questions are asked of each.
  const acls = new Map<string, Acl>()
  const holders = all.flatMap(it => holderOf(it, policyNames) ?? [])
  return {
    holders: holders.sort((a, b) => compare(a.address, b.address)),
    effective: effectiveOf(all, holders),
    policyNames,
    described,
    policy: name => policies.get(name.toLowerCase()),
    acl(names, facts) {
      const wanted = new Set(names.map(it => it.toLowerCase()))
      const held = wanted.has('root') ? ['root'] : [...wanted].sort()
      const compiled = (): Acl =>
        compileAcl(
          held.flatMap(it => policies.get(it) ?? []),
          { now, facts },
        )
      if (facts !== undefined) return compiled()
      const key = held.join('\n')
      const known = acls.get(key) ?? compiled()
      acls.set(key, known)
      return known
    },
    with: more => accessOf(all, new Map([...policies, ...more.map(it => [it.name.toLowerCase(), it] as const)]), known),
    pkiMounts,
    findings,
  }
}

const isPki = ({ address, values }: Described): boolean =>
  classOf(address) === 'engine' && isMountAddress(address) && values['type'] === 'pki'

const compare = (a: Address, b: Address): number => (a < b ? -1 : a > b ? 1 : 0)
