/** From what an auth method grants to a token: the rules that hold for every method, in one place. */
import type { WireObject } from '../../schema/index.ts'
import {
  effectiveTtl,
  faults,
  ROOT_NAMESPACE,
  type Grant,
  type LeaseDefaults,
  type MountEntry,
  type NamespaceRef,
  type TokenType,
} from '../logical/index.ts'
import { RESPONSE_WRAPPING } from './built-in-policies.ts'
import { fullPath } from './mounts.ts'
import type { Holder } from './identity/holders.ts'
import type { Identity } from './identity/index.ts'
import { sanitizePolicies } from './policy-names.ts'
import type { Tokens } from './tokens.ts'

export interface Login {
  readonly grant: Grant
  /** Path of the login request. */
  readonly path: string
  readonly mount: MountEntry
  readonly namespace: NamespaceRef
  readonly defaults: LeaseDefaults
  readonly now: Date
}
export interface LoggedIn {
  readonly auth: WireObject
  readonly accessor: string
  readonly warnings: readonly string[]
}

/** Who logs in, and whether nobody with this alias was known before. */
export async function holderOf(
  identity: Identity,
  { grant, mount }: Login,
): Promise<{ readonly holder?: Holder; readonly isNew: boolean }> {
  const { alias, groupAliases = [] } = grant
  if (alias === undefined) return { isNew: false }
  return identity.logIn({ mountAccessor: mount.accessor, ...alias }, groupAliases)
}

/** What would be refused is refused before anybody is made known. */
export function checkPolicies({ grant }: Login): readonly string[] {
  const policies = sanitizePolicies(grant.policies, !grant.noDefaultPolicy)
  if (policies.includes('root')) throw faults.refused({ why: 'auth methods cannot create root tokens' })
  if (policies.includes(RESPONSE_WRAPPING)) throw faults.refused({ why: `cannot assign policy "${RESPONSE_WRAPPING}"` })
  return policies
}

export async function logIn(tokens: Tokens, holder: Holder | undefined, login: Login): Promise<LoggedIn> {
  const { grant, path, mount, namespace, defaults, now } = login
  const source = (namespace.path + fullPath(mount)).replace(/^auth\//, '').replaceAll('/', '-')
  const displayName = (source + grant.displayName).replace(/-$/, '')
  const { ttl, warnings } = effectiveTtl(defaults, {
    backendTtl: grant.ttl ?? 0,
    period: grant.period ?? 0,
    backendMaxTtl: grant.maxTtl ?? 0,
    explicitMaxTtl: grant.explicitMaxTtl ?? 0,
    now: now.getTime(),
  })
  const policies = checkPolicies(login)
  const type = tokenType(mount.config.tokenType, grant.tokenType)
  const renewable = type === 'service' && (grant.renewable ?? true)
  const { token, entry } = await tokens.create({
    policies,
    path,
    displayName,
    metadata: grant.metadata,
    entityId: holder?.id ?? '',
    numUses: grant.numUses ?? 0,
    ttl,
    explicitMaxTtl: grant.explicitMaxTtl ?? 0,
    period: grant.period ?? 0,
    boundCidrs: grant.boundCidrs ?? [],
    renewable,
    type,
    mountAccessor: mount.accessor,
    ...(namespace.id !== ROOT_NAMESPACE.id && { namespace: namespace.id }),
    ...(grant.internal !== undefined && { internal: grant.internal }),
    grantTtl: grant.ttl ?? 0,
    grantMaxTtl: grant.maxTtl ?? 0,
    noDefaultPolicy: grant.noDefaultPolicy ?? false,
  })
  return {
    auth: authBlock(token, { ...entry, renewable, identityPolicies: holder?.policies ?? [] }, ttl),
    accessor: entry.accessor,
    warnings,
  }
}

/** The mount may insist on a type; otherwise the method's wish decides, and the mount says what "default" is. */
function tokenType(mount: string | undefined, wish: Grant['tokenType'] = 'default'): TokenType {
  if (mount === 'service' || mount === 'batch') return mount
  if (mount === 'default-batch') return wish === 'default' || wish === 'default-batch' || wish === 'batch' ? 'batch' : 'service'
  return wish === 'default' || wish === 'default-service' || wish === 'service' ? 'service' : 'batch'
}

interface AuthFacts {
  readonly accessor: string
  readonly policies: readonly string[]
  readonly identityPolicies: readonly string[]
  readonly metadata: Readonly<Record<string, string>> | undefined
  readonly renewable: boolean
  readonly entityId: string
  readonly type: TokenType
  readonly orphan: boolean
  readonly numUses: number
}
/** The `auth` of a login that waits for its second factor. */
export const waitingBlock = (requestId: string, constraints: WireObject): WireObject => ({
  client_token: '',
  accessor: '',
  policies: null,
  metadata: null,
  lease_duration: 0,
  renewable: false,
  entity_id: '',
  token_type: 'default',
  orphan: false,
  mfa_requirement: { mfa_request_id: requestId, mfa_constraints: constraints },
  num_uses: 0,
})
/** The `auth` of an envelope, in the peer's order of keys. */
const authBlock = (clientToken: string, it: AuthFacts, leaseDuration: number): WireObject => ({
  client_token: clientToken,
  accessor: it.accessor,
  policies: sanitizePolicies([...it.policies, ...it.identityPolicies], false),
  token_policies: it.policies,
  ...(it.identityPolicies.length > 0 && { identity_policies: sanitizePolicies(it.identityPolicies, false) }),
  metadata: it.metadata ?? null,
  lease_duration: leaseDuration,
  renewable: it.renewable,
  entity_id: it.entityId,
  token_type: it.type,
  orphan: it.orphan,
  mfa_requirement: null,
  num_uses: it.numUses,
})
