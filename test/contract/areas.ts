import { acl } from './acl.scenario.ts'
import { approle } from './approle.scenario.ts'
import { cubbyhole } from './cubbyhole.scenario.ts'
import { autoUnseal, withoutRecovery } from './auto-unseal.scenario.ts'
import { audit } from './audit.scenario.ts'
import { databaseMysql } from './database-mysql.scenario.ts'
import { databaseRedis } from './database-redis.scenario.ts'
import { database } from './database.scenario.ts'
import type { Area } from './harness/scenario.ts'
import { http } from './http.scenario.ts'
import { jwt } from './jwt.scenario.ts'
import { kubernetes } from './kubernetes.scenario.ts'
import { identity } from './identity.scenario.ts'
import { kv1 } from './kv1.scenario.ts'
import { kv2 } from './kv2.scenario.ts'
import { leases } from './leases.scenario.ts'
import { lockedUsers } from './locked-users.scenario.ts'
import { namespaces } from './namespaces.scenario.ts'
import { mfa } from './mfa.scenario.ts'
import { oidcTokens } from './oidc-tokens.scenario.ts'
import { passwordPolicies } from './password-policies.scenario.ts'
import { pgp } from './pgp.scenario.ts'
import { pkiAuthority } from './pki-authority.scenario.ts'
import { pki } from './pki.scenario.ts'
import { quotas } from './quotas.scenario.ts'
import { sharesWithoutToken, sharesWithToken } from './quorum.scenario.ts'
import { ssh } from './ssh.scenario.ts'
import { sysMounts } from './sys-mounts.scenario.ts'
import { sysPolicies } from './sys-policies.scenario.ts'
import { sysSeal } from './sys-seal.scenario.ts'
import { sysServer } from './sys-server.scenario.ts'
import { token } from './token.scenario.ts'
import { totp } from './totp.scenario.ts'
import { transit } from './transit.scenario.ts'
import { userpass } from './userpass.scenario.ts'
import { wrapping } from './wrapping.scenario.ts'

/** Everything that is compared with the peer. */
export const areas: readonly Area[] = [
  http,
  sysMounts,
  sysPolicies,
  passwordPolicies,
  acl,
  token,
  leases,
  kv1,
  kv2,
  cubbyhole,
  database,
  databaseMysql,
  databaseRedis,
  approle,
  totp,
  jwt,
  kubernetes,
  ssh,
  pki,
  pkiAuthority,
  transit,
  userpass,
  identity,
  namespaces,
  mfa,
  oidcTokens,
  wrapping,
  sysSeal,
  sharesWithToken,
  sharesWithoutToken,
  autoUnseal,
  withoutRecovery,
  pgp,
  audit,
  quotas,
  lockedUsers,
  sysServer,
]
