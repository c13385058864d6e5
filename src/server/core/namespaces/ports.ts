/** The ports of one namespace: what is its own, and of what all share the part that is of it. */
import { type AclFailure } from '../../../policy/index.ts'
import { faults, type LeaseFacts, type NamespaceRef, type PoliciesPort, type SystemPorts, type TokenFacts } from '../../logical/index.ts'
import type { Identity } from '../identity/index.ts'
import type { LeaseRecord } from '../lease-record.ts'
import { namespaceIn } from '../identifier.ts'
import type { SecondFactors } from '../mfa/index.ts'
import type { Mounts } from '../mounts.ts'
import type { PasswordPolicies } from '../password/index.ts'
import type { Policies } from '../policies.ts'
import { renewals } from '../renewals.ts'
import type { RealmParts } from './realm.ts'
import type { Realms } from './realms.ts'
import type { Namespace } from './tree.ts'

export interface Own {
  readonly namespace: Namespace
  readonly realms: Realms
  readonly policies: Policies
  readonly passwordPolicies: PasswordPolicies
  readonly identity: Identity
  readonly factors: SecondFactors
  /** Opened after the ports, which they are made from. */
  readonly mounts: () => Mounts
}

export function portsOf(own: Own, parts: RealmParts): SystemPorts {
  const { namespace, realms, identity } = own
  return {
    namespaces: realms.portOf(namespace),
    places: realms.places.portOf(namespace),
    get mounts() {
      return own.mounts()
    },
    policies: policiesOf(own),
    passwordPolicies: own.passwordPolicies,
    identity,
    mfa: own.factors,
    tokens: tokensOf(namespace, parts),
    renewals: renewals(
      accessor => own.mounts().byAccessor(accessor),
      entry => own.mounts().leaseDefaults(entry),
      (entityId, accessor, aliases) => identity.refreshGroups(entityId, accessor, aliases),
    ),
    leases: leasesOf(own, parts),
    wrapping: parts.wrapping,
    seal: parts.seal,
    audit: parts.audit,
    quotas: parts.quotas,
    lockout: parts.lockout,
    settings: parts.settings,
    random: parts.random,
    facts: parts.facts,
  }
}

/** Paths are from the namespace that asks; what a token may there is for the policies of its own namespace to say. */
function policiesOf({ namespace, realms, policies }: Own): PoliciesPort {
  const from = (path: string): string => namespace.path + path.replace(/^\/+/, '')
  return {
    read: name => policies.read(name),
    write: (name, wish) => policies.write(name, wish),
    delete: name => policies.delete(name),
    names: () => policies.names(),
    explain: (names, query) => policies.explain(names, query),
    async capabilities(token, path) {
      const acl = await realms.aclOf(token)
      if (acl.failure !== undefined) throw unusable(acl.failure)
      return acl.capabilities(from(path))
    },
    mayReach: async (token, mountPath) => (await realms.aclOf(token)).mayReachMount(from(mountPath)),
  }
}

/** To who asks about a token it is told what is wrong; to the token itself never. */
const unusable = ({ reason, message: why }: AclFailure): Error =>
  reason === 'forbidden-value' ? faults.forbiddenAs({ why }) : faults.failedAs({ why })

function tokensOf({ suffix }: Namespace, { tokens }: RealmParts): SystemPorts['tokens'] {
  return {
    create: wish => tokens.create(suffix === undefined ? wish : { ...wish, namespace: suffix }),
    lookup: token => tokens.lookup(token),
    byId: id => tokens.byId(id),
    byAccessor: accessor => tokens.byAccessor(accessor, suffix),
    accessors: () => tokens.accessors(suffix),
    renew: (entry, change) => tokens.renew(entry, change),
    revokeTree: id => tokens.revokeTree(id),
    revokeOrphan: id => tokens.revokeOrphan(id),
    tidy: () => tokens.tidy(),
  }
}

function leasesOf({ namespace, realms }: Own, { leases }: RealmParts): SystemPorts['leases'] {
  const { suffix } = namespace
  const shown = (lease: LeaseRecord): LeaseFacts => ({ ...lease, namespace: realms.tree.get(namespaceIn(lease.id)) ?? nowhere })
  return {
    async look(id) {
      const lease = await leases.look(id)
      return lease && shown(lease)
    },
    list: prefix => leases.list(prefix, suffix),
    async renew(id, increment) {
      const { lease, ...rest } = await leases.renew(id, increment)
      return { lease: shown(lease), ...rest }
    },
    revoke: (id, wait) => leases.revoke(id, wait),
    revokePrefix: (prefix, how) => leases.revokePrefix(prefix, how, suffix),
    async irrevocable(deep) {
      const asked = deep ? [...realms.below(namespace)] : [namespace]
      return (await Promise.all(asked.map(it => leases.irrevocable(it.suffix)))).flat()
    },
    tidy: () => leases.tidy(),
  }
}

/** Of a lease whose namespace went while it was read. */
const nowhere: NamespaceRef = { id: '', path: '' }

/** What decides what a token may. */
export type WhoAsks = Pick<TokenFacts, 'policies' | 'entityId' | 'namespace'>
