/**
 * The types of mounts whose insides can be managed, one file each: what their files may say, where that lives in the API, and
 * what the server makes of it. A mount of any other type is managed too, but only as a mount. Tables only; no HTTP, no files.
 */
import { tableBy } from '../../../kernel/index.ts'
import type { MountType } from '../mount-type.ts'
import { approle } from './approle.ts'
import { aws } from './aws.ts'
import { cert } from './cert.ts'
import { database } from './database.ts'
import { identity } from './identity.ts'
import { jwt, oidc } from './jwt.ts'
import { kubernetesAuth } from './kubernetes-auth.ts'
import { kubernetesEngine } from './kubernetes-engine.ts'
import { kv } from './kv.ts'
import { ldap } from './ldap.ts'
import { pki } from './pki.ts'
import { rabbitmq } from './rabbitmq.ts'
import { ssh } from './ssh.ts'
import { system } from './system.ts'
import { token } from './token.ts'
import { totp } from './totp.ts'
import { transit } from './transit.ts'
import { userpass } from './userpass.ts'

/** By home and type: `auth/approle`. */
export const mountTypes: Readonly<Record<string, MountType>> = tableBy(
  it => `${it.table}/${it.type}`,
  // prettier-ignore
  [
    approle, cert, jwt, kubernetesAuth, ldap, oidc, token, userpass,
    aws, database, kubernetesEngine, kv, pki, rabbitmq, ssh, totp, transit,
    identity, system,
  ],
)
