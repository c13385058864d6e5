/**
 * What one mount keeps, and how it is found:
 *
 *     salt                         32 random bytes
 *     role/<name>                  the role
 *     role_id/<hash of role id>    the name of its role; a role id belongs to one role
 *     secret_id/<role>/<hmac>      a secret id, by its HMAC under the role's key; <role> is the id of its making
 *     accessor/<hash of accessor>  where its secret id is
 *
 * The hashes are salted, else a reader of the store could try out role ids, which people choose.
 *
 * The last two come again with `_local`, for roles whose secret ids stay with this server.
 *
 * 1. A role and its index change in one transaction; so do a secret id and its accessor.
 * 2. A secret id whose role is gone means nothing: it is found by the role alone. So a role is deleted at once, and its
 *    secret ids after it; what a crash leaves of them, tidy takes away.
 */
import { createHmac, createSecretKey, hash, type KeyObject } from 'node:crypto'
import type { Brand } from '../../../kernel/index.ts'
import { ParsedRecords } from '../../framework/index.ts'
import { faults, type Host, type View } from '../../logical/index.ts'
import { checkConstraints, type Role } from './role.ts'

/** A role, and its key in the form that is quick to use. */
export interface KeyedRole {
  readonly role: Role
  readonly key: KeyObject
}

const CACHE = 8 * 1024 * 1024
const ROLES = 'role/'
const SALT = 'salt'
/** No role can have this name. */
const NOBODY = '-'

export const textOf = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString()
export const hmac = (key: KeyObject, text: string): string => createHmac('sha256', key).update(text).digest('hex')
export type Salt = Brand<string, 'Salt'>
const saltOf = (bytes: Uint8Array): Salt => Buffer.from(bytes).toString('hex') as Salt
/** The salt is secret and of fixed length, and nothing but names comes of it: a plain hash does, at a tenth of an HMAC's cost. */
export const indexName = (salt: Salt, text: string): string => hash('sha256', salt + text)
const roleIdAt = (salt: Salt, roleId: string): string => `role_id/${indexName(salt, roleId)}`

function keyed(bytes: Uint8Array): KeyedRole {
  const role = JSON.parse(textOf(bytes)) as Role
  return { role, key: createSecretKey(Buffer.from(role.hmacKey, 'base64')) }
}

export class Mount {
  readonly host: Host
  readonly #roles = new ParsedRecords(CACHE, keyed)
  #salt: Salt | undefined
  /** A tidy on its way, and when the last one began. */
  tidying: Promise<void> | undefined
  lastTidy = 0
  readonly closing: AbortController = new AbortController()

  constructor(host: Host) {
    this.host = host
  }

  async close(): Promise<void> {
    this.closing.abort()
    await this.tidying
    this.#roles.clear()
    this.#salt = undefined
  }

  /** Undefined as long as nothing was ever written. It never changes, so it is read once. */
  async salt(view: View): Promise<Salt | undefined> {
    if (this.#salt === undefined) {
      const bytes = await view.get(SALT)
      if (bytes !== undefined) this.#salt = saltOf(bytes)
    }
    return this.#salt
  }

  async saltForWriting(view: View): Promise<Salt> {
    const known = await this.salt(view)
    if (known !== undefined) return known
    const fresh = this.host.random.bytes(32)
    const bytes = await view.transact(async view => {
      const there = await view.get(SALT)
      if (there === undefined) await view.put(SALT, fresh)
      return there ?? fresh
    })
    return (this.#salt = saltOf(bytes))
  }

  async role(view: View, name: string): Promise<KeyedRole | undefined> {
    const at = name.toLowerCase()
    const bytes = await view.get(ROLES + at)
    return bytes && this.#roles.of(at, bytes)
  }

  /** Looks for a role also where the index knows none: a stranger shall not tell from the time which of the two is missing. */
  async roleByRoleId(view: View, roleId: string): Promise<KeyedRole | undefined> {
    const salt = await this.salt(view)
    const bytes = salt && (await view.get(roleIdAt(salt, roleId)))
    return this.role(view, bytes === undefined ? NOBODY : textOf(bytes))
  }

  roleNames(view: View, page: { readonly after?: string; readonly limit?: number }): Promise<readonly string[]> {
    return view.list(ROLES, page)
  }

  /** Inside a transaction. `before` is the role as it was, with the role id that its index may still have. */
  async writeRole(view: View, salt: Salt, role: Role, before: Role | undefined): Promise<void> {
    checkConstraints(role)
    const at = roleIdAt(salt, role.roleId)
    const owner = await view.get(at)
    if (owner !== undefined && textOf(owner) !== role.name) throw faults.failedAs({ why: 'role_id already in use' })
    if (before !== undefined && before.roleId !== role.roleId) await view.delete(roleIdAt(salt, before.roleId))
    if (owner === undefined) await view.put(at, Buffer.from(role.name))
    await view.put(ROLES + role.name, Buffer.from(JSON.stringify(role)))
  }

  /** Inside a transaction. */
  async deleteRole(view: View, salt: Salt, role: Role): Promise<void> {
    await view.delete(roleIdAt(salt, role.roleId))
    await view.delete(ROLES + role.name)
  }
}
