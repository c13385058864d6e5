/** Records of secret ids, and their accessors. Everything that writes stands inside a transaction. */
import { rfc3339Nano, zeroTime } from '../../../kernel/index.ts'
import type { WireObject } from '../../../schema/index.ts'
import { faults, type View } from '../../logical/index.ts'
import { hmac, indexName, textOf, type KeyedRole, type Salt } from './mount.ts'
import type { Role } from './role.ts'

/** Times are milliseconds since 1970, spans seconds. */
export interface SecretId {
  readonly accessor: string
  /** Uses left; 0: any number. The last use deletes the record. */
  readonly numUses: number
  /** As wished; what holds is `expires`, which the mount may have cut. */
  readonly ttl: number
  readonly created: number
  /** 0: never. */
  readonly expires: number
  readonly updated: number
  readonly metadata: Readonly<Record<string, string>>
  readonly cidrs: readonly string[]
  readonly tokenCidrs: readonly string[]
}
interface Place {
  /** Of the role's making. */
  readonly role: string
  readonly hmac: string
}

const LONGEST = 4096
/** Of a role name and of a secret id, in bytes. */
export const isTooLong = (text: string): boolean => Buffer.byteLength(text) > LONGEST
export const TOO_LONG: string = `value is longer than maximum of ${LONGEST} bytes`

/** What places the secret ids of a role. */
export type Owner = Pick<Role, 'id' | 'localSecretIds'>
const local = (role: Owner): string => (role.localSecretIds ? '_local' : '')
export const secretIdsOf = (view: View, role: Owner): View => view.sub(`secret_id${local(role)}/${role.id}/`)
const accessorsOf = (view: View, role: Owner): View => view.sub(`accessor${local(role)}/`)

export const parseSecretId = (bytes: Uint8Array): SecretId => JSON.parse(textOf(bytes)) as SecretId
export const isExpired = (it: SecretId, now: number): boolean => it.expires !== 0 && it.expires <= now

/** The name of a secret id's record: nobody can tell the secret id from it. */
export const nameOf = ({ key }: KeyedRole, secretId: string): string => hmac(key, secretId)

/** By its name. One that has expired is as good as gone, also while its record is still there. */
export async function findSecretId(view: View, role: Role, name: string, now: number): Promise<SecretId | undefined> {
  const bytes = await secretIdsOf(view, role).get(name)
  const found = bytes && parseSecretId(bytes)
  return found === undefined || isExpired(found, now) ? undefined : found
}

export async function registerSecretId(view: View, salt: Salt, role: Role, name: string, made: SecretId, now: number): Promise<void> {
  const bytes = await secretIdsOf(view, role).get(name)
  const there = bytes && parseSecretId(bytes)
  if (there !== undefined) {
    if (!isExpired(there, now)) throw faults.failedAs({ why: 'failed to store secret_id: SecretID is already registered' })
    await accessorsOf(view, role).delete(indexName(salt, there.accessor))
  }
  const place: Place = { role: role.id, hmac: name }
  await accessorsOf(view, role).put(indexName(salt, made.accessor), Buffer.from(JSON.stringify(place)))
  await putSecretId(view, role, name, made)
}

export const putSecretId = (view: View, role: Role, name: string, it: SecretId): Promise<void> =>
  secretIdsOf(view, role).put(name, Buffer.from(JSON.stringify(it)))

export async function deleteSecretId(view: View, salt: Salt, role: Owner, name: string, accessor: string): Promise<void> {
  await accessorsOf(view, role).delete(indexName(salt, accessor))
  await secretIdsOf(view, role).delete(name)
}

/** `unknown`: no such accessor. Undefined: it is known, but of another role, or its secret id has expired. */
export async function findByAccessor(
  view: View,
  salt: Salt,
  role: Role,
  accessor: string,
  now: number,
): Promise<{ readonly name: string; readonly secretId: SecretId } | 'unknown' | undefined> {
  const bytes = await accessorsOf(view, role).get(indexName(salt, accessor))
  if (bytes === undefined) return 'unknown'
  const place = JSON.parse(textOf(bytes)) as Place
  const secretId = place.role === role.id ? await findSecretId(view, role, place.hmac, now) : undefined
  return secretId && { name: place.hmac, secretId }
}

export const shownSecretId = (it: SecretId): WireObject => ({
  cidr_list: it.cidrs,
  creation_time: rfc3339Nano(it.created),
  expiration_time: it.expires === 0 ? zeroTime : rfc3339Nano(it.expires),
  last_updated_time: rfc3339Nano(it.updated),
  metadata: it.metadata,
  secret_id_accessor: it.accessor,
  secret_id_num_uses: it.numUses,
  secret_id_ttl: it.ttl,
  token_bound_cidrs: it.tokenCidrs,
})

const BATCH = 50
/** All secret ids of a role that is gone, or going. In transactions of bounded size, so not at once. */
export async function deleteSecretIdsOf(view: View, salt: Salt, role: Owner): Promise<void> {
  for (;;) {
    const names = await secretIdsOf(view, role).list('', { limit: BATCH })
    if (names.length === 0) return
    await view.transact(async view => {
      for (const name of names) {
        const bytes = await secretIdsOf(view, role).get(name)
        if (bytes !== undefined) await deleteSecretId(view, salt, role, name, parseSecretId(bytes).accessor)
      }
    })
  }
}
