import type { Host, SystemPorts, TokenEntry } from '../../logical/index.ts'

export type TokenMethodPorts = Pick<SystemPorts, 'tokens' | 'policies' | 'renewals' | 'identity'>

/** What a mount of the token method works with. */
export interface State extends TokenMethodPorts {
  readonly host: Host
}

/** The `auth` of a reply about a token, in the peer's order of keys. */
export const authOf = (
  clientToken: string,
  entry: TokenEntry,
  leaseDuration: number,
  identityPolicies: readonly string[],
): Readonly<Record<string, unknown>> => ({
  client_token: clientToken,
  accessor: entry.accessor,
  policies: merged(entry.policies, identityPolicies),
  token_policies: entry.policies,
  ...(identityPolicies.length > 0 && { identity_policies: merged(identityPolicies, []) }),
  metadata: entry.metadata ?? null,
  lease_duration: leaseDuration,
  renewable: entry.renewable,
  entity_id: entry.entityId,
  token_type: entry.type,
  orphan: entry.orphan,
  mfa_requirement: null,
  num_uses: entry.numUses,
})

const merged = (a: readonly string[], b: readonly string[]): readonly string[] =>
  [...new Set([...a, ...b])].sort((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)))
