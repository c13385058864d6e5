/** The one list of built-ins: a new engine, auth method, storage or seal is a folder and a word here. */
import { table } from '../kernel/index.ts'
import { file } from './audit/file/index.ts'
import { http } from './audit/http/index.ts'
import type { AuditDeviceKind } from './audit/index.ts'
import { socket } from './audit/socket/index.ts'
import { syslog } from './audit/syslog/index.ts'
import { approle } from './auth/approle/index.ts'
import { jwt, oidc } from './auth/jwt/index.ts'
import { kubernetes } from './auth/kubernetes/index.ts'
import { userpass } from './auth/userpass/index.ts'
import { cubbyhole } from './engines/cubbyhole/index.ts'
import { database } from './engines/database/index.ts'
import { kv } from './engines/kv/index.ts'
import { ssh } from './engines/ssh/index.ts'
import { pki } from './engines/pki/index.ts'
import { totp } from './engines/totp/index.ts'
import { transit } from './engines/transit/index.ts'
import type { AuthMethod, SecretsEngine } from './framework/index.ts'
import type { KeyKeeperKind } from './seal/index.ts'
import { staticSeal } from './seal/static/index.ts'
import { transitSeal } from './seal/transit/index.ts'
import type { StorageKind } from './storage/index.ts'
import { lmdb } from './storage/lmdb/index.ts'
import { memory } from './storage/memory/index.ts'

export const engines: Readonly<Record<string, SecretsEngine>> = table(kv, cubbyhole, database, pki, ssh, totp, transit)
/** The token method is not here: it is mounted once, by core itself. */
export const authMethods: Readonly<Record<string, AuthMethod>> = table(approle, jwt, kubernetes, oidc, userpass)
export const storages: Readonly<Record<string, StorageKind>> = table(memory, lmdb)
export const auditDevices: Readonly<Record<string, AuditDeviceKind>> = table(file, http, socket, syslog)
/** Shamir's sharing is not here: it is what there is without a choice. */
export const seals: Readonly<Record<string, KeyKeeperKind>> = table(staticSeal, transitSeal)
