import type { Host, SystemPorts, TokenEntry } from '../../logical/index.ts'

export type TokenMethodPorts = Pick<SystemPorts, 'tokens' | 'policies' | 'renewals'>

/** What a mount of the token method works with. */
export interface State extends TokenMethodPorts {
  readonly host: Host
}

/** The `auth` of a reply about a token, in the peer's order of keys. */
export const authOf = (clientToken: string, entry: TokenEntry, leaseDuration: number): Readonly<Record<string, unknown>> => ({
  client_token: clientToken,
  accessor: entry.accessor,
  policies: entry.policies,
  token_policies: entry.policies,
  metadata: entry.metadata ?? null,
  lease_duration: leaseDuration,
  renewable: entry.renewable,
  entity_id: entry.entityId,
  token_type: entry.type,
  orphan: entry.orphan,
  mfa_requirement: null,
  num_uses: entry.numUses,
})
