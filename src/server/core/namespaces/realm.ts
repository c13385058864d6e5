/** What one namespace has of its own: mounts, policies, identities, and the ports that its system backend works with. */
import type { Clock, Log, Random } from '../../../kernel/index.ts'
import type { Barrier } from '../../barrier/index.ts'
import type { AuthMethod, SecretsEngine } from '../../framework/index.ts'
import {
  faults,
  type AuditPort,
  type LeaseDefaults,
  type LockoutPort,
  type QuotasPort,
  type SealPort,
  type ServerFacts,
  type SettingsPort,
  type SystemPorts,
} from '../../logical/index.ts'
import { Identity } from '../identity/index.ts'
import type { Leases } from '../leases.ts'
import { logIn } from '../login.ts'
import { SecondFactors } from '../mfa/index.ts'
import { dataPrefix, Mounts, type BuiltIn } from '../mounts.ts'
import { PasswordPolicies } from '../password/index.ts'
import { Policies } from '../policies.ts'
import type { Tokens } from '../tokens.ts'
import type { Wrapping } from '../wrapping.ts'
import { portsOf } from './ports.ts'
import type { Realms } from './realms.ts'
import type { Namespace } from './tree.ts'

/** Told of mounts that have moved or ended, by their paths from the root. */
export interface MountsWatch {
  mountMoved(from: string, to: string): Promise<void>
  mountGone(path: string): Promise<void>
}

/** What all of them share. */
export interface RealmParts {
  readonly barrier: Barrier
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly engines: Readonly<Record<string, SecretsEngine>>
  readonly authMethods: Readonly<Record<string, AuthMethod>>
  readonly serverDefaults: LeaseDefaults
  readonly strictReplies: boolean
  readonly tokens: Tokens
  readonly leases: Leases
  readonly wrapping: Wrapping
  readonly seal: SealPort
  readonly audit: AuditPort
  readonly quotas: QuotasPort & MountsWatch
  readonly lockout: LockoutPort
  readonly settings: SettingsPort
  readonly facts: () => ServerFacts
  readonly builtIn: (ports: SystemPorts) => readonly BuiltIn[]
}

/** Where a namespace keeps what is its own. The data of mounts lies elsewhere, so that a mount can move to another namespace as it is. */
interface Places {
  readonly table: string
  readonly identity: string
  readonly policies: string
  readonly passwordPolicies: string
  readonly factors: string
}
export const baseOf = ({ record }: Namespace): string => `namespace/${record?.uuid ?? ''}/`
const placesOf = (namespace: Namespace): Places => {
  if (namespace.parent === undefined)
    return { table: 'core/', identity: 'identity/', policies: 'sys/policy/', passwordPolicies: 'sys/password-policy/', factors: 'sys/mfa/' }
  const base = baseOf(namespace)
  return {
    table: base,
    identity: `${base}identity/`,
    policies: `${base}policy/`,
    passwordPolicies: `${base}password-policy/`,
    factors: `${base}mfa/`,
  }
}

export class Realm {
  readonly namespace: Namespace
  readonly mounts: Mounts
  readonly policies: Policies
  readonly identity: Identity
  readonly factors: SecondFactors
  readonly ports: SystemPorts
  /** Requests that are under way in it; counted for namespaces that can be deleted. */
  #busy = 0
  #idle: (() => void)[] = []

  private constructor(
    namespace: Namespace,
    mounts: Mounts,
    policies: Policies,
    identity: Identity,
    factors: SecondFactors,
    ports: SystemPorts,
  ) {
    this.namespace = namespace
    this.mounts = mounts
    this.policies = policies
    this.identity = identity
    this.factors = factors
    this.ports = ports
  }

  static async open(namespace: Namespace, realms: Realms, parts: RealmParts): Promise<Realm> {
    const { barrier, clock, random, log, leases } = parts
    const { suffix } = namespace
    const at = placesOf(namespace)
    const late: { mounts?: Mounts } = {}
    const identity = await Identity.open(barrier.view(at.identity), {
      clock,
      random,
      mountOf: accessor => late.mounts?.withAccessor(accessor),
      ...(suffix !== undefined && { namespace }),
      elsewhere: other => realms.get(other)?.identity,
    })
    const policies = new Policies(barrier.view(at.policies), clock, namespace.path)
    await policies.open()
    const passwordPolicies = new PasswordPolicies(barrier.view(at.passwordPolicies), random)
    const factors = new SecondFactors({
      view: barrier.view(at.factors),
      clock,
      random,
      namespace,
      identity,
      mounts: () => late.mounts as Mounts,
      above: () => (namespace.parent === undefined ? undefined : realms.get(namespace.parent.suffix)?.factors),
      finish: (login, holder) => logIn(parts.tokens, holder, login),
    })
    const ports = portsOf({ namespace, realms, policies, passwordPolicies, identity, factors, mounts: () => late.mounts as Mounts }, parts)
    const mounts = (late.mounts = new Mounts({
      namespace,
      below: path => realms.namespaceAt(namespace, path),
      engines: parts.engines,
      authMethods: parts.authMethods,
      builtIn: parts.builtIn(ports).map(it => (suffix === undefined ? it : { ...it, type: `ns_${it.type}` })),
      all: barrier.view(''),
      tableAt: at.table,
      viewOf: (table, uuid) => barrier.view(dataPrefix({ table, uuid })),
      clock,
      random,
      log,
      serverDefaults: parts.serverDefaults,
      passwordBy: async name => {
        const password = await passwordPolicies.generate(name)
        if (password === undefined) throw faults.missingAs({ why: 'policy does not exist' })
        return password
      },
      fillTemplate: (template, entityId, forbidden) => identity.fill(template, entityId, forbidden, clock.now()),
      revokeLeases: prefix => leases.revokePrefix(prefix, { wait: true, force: false }, suffix),
      someLease: (prefix, matches) => leases.some(prefix, matches, suffix),
      moved: (from, to) => parts.quotas.mountMoved(from, to),
      gone: path => parts.quotas.mountGone(path),
      strictReplies: parts.strictReplies,
    }))
    await mounts.open()
    return new Realm(namespace, mounts, policies, identity, factors, ports)
  }

  enter(): void {
    this.#busy++
  }

  leave(): void {
    this.#busy--
    if (this.#busy === 0) for (const done of this.#idle.splice(0)) done()
  }

  /** When the last request in it has been answered. */
  async idle(): Promise<void> {
    if (this.#busy > 0) await new Promise<void>(resolve => this.#idle.push(resolve))
  }
}
