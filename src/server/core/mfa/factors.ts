/**
 * The second factors of one namespace. Below its view:
 *
 *     method/<id>                  a method
 *     enforcement/<name>           who has to show which
 *     secret/<method>/<entity>     what codes of an entity are made of, and which of them were taken
 *
 * Methods and enforcements count for the namespaces below, too.
 */
import { goDuration, type Clock, type Random } from '../../../kernel/index.ts'
import {
  collection,
  faults,
  type Collection,
  type MfaCredentials,
  type MfaEnforcement,
  type MfaEnforcementWish,
  type MfaLogin,
  type MfaMethod,
  type MfaMethodWish,
  type MfaPort,
  type MountEntry,
  type NamespaceRef,
  type View,
} from '../../logical/index.ts'
import { barcode, BarcodeTooSmall, keyUri, take, type Key } from '../../totp/index.ts'
import type { Holder } from '../identity/holders.ts'
import type { Identity } from '../identity/index.ts'
import type { Login } from '../login.ts'
import type { Mounts } from '../mounts.ts'
import { Attempts } from './attempts.ts'
import { codeIn } from './credentials.ts'
import { PendingLogins } from './pending.ts'

export interface FactorParts {
  readonly view: View
  readonly clock: Clock
  readonly random: Random
  readonly namespace: NamespaceRef
  readonly identity: Identity
  readonly mounts: () => Mounts
  /** Of the namespace above. */
  readonly above: () => SecondFactors | undefined
  readonly finish: (login: Login, holder: Holder) => Promise<MfaLogin>
}

const BAD = 'MFA credentials not supplied or incorrect'
const listed = (ids: readonly string[]): string => `[${ids.join(' ')}]`
const errorList = (errors: readonly string[]): string =>
  `${errors.length} error${errors.length === 1 ? '' : 's'} occurred:\n${errors.map(it => `\t* ${it}\n`).join('')}\n`

export class SecondFactors implements MfaPort {
  readonly namespace: NamespaceRef
  readonly #o: FactorParts
  readonly #methods: Collection<MfaMethod>
  readonly #enforcements: Collection<MfaEnforcement>
  readonly #pending: PendingLogins
  readonly #attempts: Attempts

  constructor(parts: FactorParts) {
    this.#o = parts
    this.namespace = parts.namespace
    this.#methods = collection<MfaMethod>(parts.view, 'method/')
    this.#enforcements = collection<MfaEnforcement>(parts.view, 'enforcement/')
    this.#pending = new PendingLogins(parts.clock, parts.random)
    this.#attempts = new Attempts(parts.clock)
  }

  #secrets(view: View, method: string): Collection<Key> {
    return collection<Key>(view, `secret/${method}/`)
  }

  // ---- methods -----------------------------------------------------------------------------------------------------------

  async methods(): Promise<readonly MfaMethod[]> {
    const own = await Promise.all((await this.#methods.names()).map(id => this.#methods.get(id)))
    return [...own.filter(it => it !== undefined), ...((await this.#o.above()?.methods()) ?? [])]
  }

  async method(id: string): Promise<MfaMethod | undefined> {
    return (await this.#methods.get(id)) ?? (await this.#o.above()?.method(id))
  }

  async writeMethod(id: string | undefined, wish: MfaMethodWish): Promise<string | undefined> {
    const fresh = this.#o.random.uuid()
    return this.#o.view.transact(async tx => {
      const methods = collection<MfaMethod>(tx, 'method/')
      const known = id === undefined ? undefined : await methods.get(id)
      if (id !== undefined && known === undefined) return undefined
      const named = wish.name === '' ? undefined : await this.#named(methods, wish.name)
      if (known !== undefined && named !== undefined && named.id !== known.id)
        throw faults.failedAs({ why: `a login MFA method configuration with the method name ${wish.name} already exists` })
      const before = known ?? named
      const method = { ...wish, name: wish.name || (before?.name ?? ''), id: before?.id ?? fresh }
      await methods.put(method.id, method)
      return method.id
    })
  }

  async #named(methods: Collection<MfaMethod>, name: string): Promise<MfaMethod | undefined> {
    for (const id of await methods.names()) {
      const method = await methods.get(id)
      if (method?.name === name) return method
    }
    return undefined
  }

  async deleteMethod(id: string): Promise<void> {
    await this.#o.view.transact(async tx => {
      const enforcements = collection<MfaEnforcement>(tx, 'enforcement/')
      for (const name of await enforcements.names()) {
        const enforcement = await enforcements.get(name)
        if (enforcement?.methodIds.includes(id) === true)
          throw faults.failedAs({ why: `methodID is still used by an enforcement configuration with ID: ${enforcement.id}` })
      }
      const secrets = this.#secrets(tx, id)
      for (const entity of await secrets.names()) await secrets.delete(entity)
      await collection<MfaMethod>(tx, 'method/').delete(id)
    })
  }

  // ---- enforcements ------------------------------------------------------------------------------------------------------

  async enforcements(): Promise<readonly MfaEnforcement[]> {
    const all = await Promise.all((await this.#enforcements.names()).map(name => this.#enforcements.get(name)))
    return all.filter(it => it !== undefined)
  }

  enforcement(name: string): Promise<MfaEnforcement | undefined> {
    return this.#enforcements.get(name)
  }

  async writeEnforcement(name: string, wish: MfaEnforcementWish): Promise<void> {
    await this.#check(wish)
    const id = this.#o.random.uuid()
    await this.#o.view.transact(async tx => {
      const enforcements = collection<MfaEnforcement>(tx, 'enforcement/')
      const before = await enforcements.get(name)
      await enforcements.put(name, {
        id: before?.id ?? id,
        name,
        methodIds: wish.methodIds,
        accessors: wish.accessors ?? before?.accessors ?? [],
        types: wish.types ?? before?.types ?? [],
        groupIds: wish.groupIds ?? before?.groupIds ?? [],
        entityIds: wish.entityIds ?? before?.entityIds ?? [],
      })
    })
  }

  async #check({ methodIds, accessors, types, groupIds, entityIds }: MfaEnforcementWish): Promise<void> {
    for (const id of methodIds)
      if ((await this.method(id)) === undefined) throw faults.refused({ why: "one of the provided method ids doesn't exist" })
    const mounts = this.#o.mounts().list('auth')
    if (!(accessors ?? []).every(it => mounts.some(mount => mount.accessor === it)))
      throw faults.refused({ why: 'one of the auth method accessors provided is invalid' })
    if (!(types ?? []).every(it => mounts.some(mount => mount.type === it)))
      throw faults.refused({ why: 'one of the auth method types provided is invalid' })
    const { identity } = this.#o
    for (const id of groupIds ?? [])
      if ((await identity.group({ by: 'id', id })) === undefined)
        throw faults.refused({ why: "one of the provided group ids doesn't exist" })
    for (const id of entityIds ?? [])
      if ((await identity.entity({ by: 'id', id })) === undefined)
        throw faults.refused({ why: "one of the provided entity ids doesn't exist" })
    if ([accessors, types, groupIds, entityIds].every(it => it === undefined))
      throw faults.refused({
        why: 'One of auth_method_accessors, auth_method_types, identity_group_ids, identity_entity_ids must be specified',
      })
  }

  deleteEnforcement(name: string): Promise<void> {
    return this.#enforcements.delete(name)
  }

  /** Those that a login falls under, of here and above. */
  async applying(mount: MountEntry, holder: Holder | undefined): Promise<readonly MfaEnforcement[]> {
    const groups = holder === undefined ? [] : [...holder.groups.direct, ...holder.groups.inherited]
    const own = (await this.enforcements()).filter(
      it =>
        (holder !== undefined && it.entityIds.includes(holder.id)) ||
        groups.some(id => it.groupIds.includes(id)) ||
        it.accessors.includes(mount.accessor) ||
        it.types.includes(mount.type),
    )
    return [...own, ...((await this.#o.above()?.applying(mount, holder)) ?? [])]
  }

  // ---- secrets -----------------------------------------------------------------------------------------------------------

  async generate(method: MfaMethod, entityId: string): Promise<{ readonly url: string; readonly barcode: string } | undefined> {
    if ((await this.#o.identity.entity({ by: 'id', id: entityId })) === undefined) throw faults.refused({ why: 'invalid entity ID' })
    const { issuer, algorithm, digits, period, skew } = method
    const secret = Buffer.from(this.#o.random.bytes(method.keySize)).toString('hex')
    const key: Key = { issuer, accountName: entityId, secret, algorithm, digits, period, skew }
    const url = keyUri(key)
    const picture = method.qrSize === 0 ? '' : pictureOf(url, method.qrSize)
    const isNew = await this.#o.view.transact(async tx => {
      const secrets = this.#secrets(tx, method.id)
      if ((await secrets.get(entityId)) !== undefined) return false
      await secrets.put(entityId, key)
      return true
    })
    return isNew ? { url, barcode: picture } : undefined
  }

  async destroy(method: MfaMethod, entityId: string): Promise<void> {
    await this.#secrets(this.#o.view, method.id).delete(entityId)
  }

  // ---- logins ------------------------------------------------------------------------------------------------------------

  /** Keeps a login until its second factor is shown; the id to show it with. */
  wait(login: Login, entityId: string): string {
    return this.#pending.add({ login, entityId })
  }

  async validate(requestId: string, credentials: MfaCredentials): Promise<MfaLogin> {
    return this.#pending.take(requestId, async ({ login, entityId }) => {
      const holder = await this.#o.identity.holderOf({ entityId })
      if (holder === undefined) throw faults.tokenRefused()
      const enforcements = await this.applying(login.mount, holder)
      if (enforcements.length === 0) throw faults.failed({ why: 'found nil or empty MFAEnforcement configuration' })
      for (const enforcement of enforcements) {
        const why = await this.unsatisfied(enforcement, entityId, credentials)
        if (why !== undefined) throw faults.forbidden({ why: `failed to satisfy enforcement ${enforcement.name}. error: ${why}` })
      }
      return this.#o.finish({ ...login, now: this.#o.clock.now() }, holder)
    })
  }

  /** Why what is shown does not satisfy an enforcement, in the peer's words; undefined when one method of it is satisfied. */
  async unsatisfied(enforcement: MfaEnforcement, entityId: string, credentials: MfaCredentials): Promise<string | undefined> {
    const found: { readonly method: MfaMethod; readonly shown: readonly string[] | null }[] = []
    const missing: string[] = []
    for (const id of enforcement.methodIds) {
      const method = await this.method(id)
      const byName = method === undefined || method.name === '' ? undefined : credentials.get(method.name)
      const shown = credentials.has(id) ? credentials.get(id) : byName
      if (method === undefined) missing.push(`failed to find MFA config for method ID ${id}`)
      else if (shown !== undefined) found.push({ method, shown })
      else missing.push(`failed to find MFA credentials associated with an MFA method ID ${id}, method name ${method.name}`)
    }
    if (found.length === 0 && missing.length > 0) return `failed to sanitize MFA creds, ${errorList(missing)}`
    const errors: string[] = []
    for (const { method, shown } of found) {
      if (shown === null) continue
      const why = await this.#refusal(method, entityId, shown)
      if (why === undefined) return undefined
      errors.push(why)
    }
    return errorList([...errors, `login MFA validation failed for methodID: ${listed(enforcement.methodIds)}`])
  }

  async #refusal(method: MfaMethod, entityId: string, shown: readonly string[]): Promise<string | undefined> {
    const code = codeIn(shown)
    if (typeof code !== 'string') return `failed to parse MFA factor, ${code.refused}`
    const secrets = this.#secrets(this.#o.view, method.id)
    const key = await secrets.get(entityId)
    if (key === undefined) return `MFA secret for method name "${method.name}" not present in entity "${entityId}"`
    if (!new RegExp(`^\\d{${key.digits}}$`).test(code)) return BAD
    const attempt = `${method.id}/${entityId}`
    const count = this.#attempts.count(attempt, key.period)
    if (count > method.maxValidationAttempts) {
      const wait = key.skew === 0 ? goDuration(key.period) : goDuration(key.period).replace(/s$/, '.000000002s')
      return `maximum TOTP validation attempts ${count} exceeded the allowed attempts ${method.maxValidationAttempts}. Please try again in ${wait} seconds`
    }
    const good = await this.#o.view.transact(async tx => {
      const current = await this.#secrets(tx, method.id).get(entityId)
      const taken = current === undefined ? undefined : take(current, code, this.#o.clock.now())
      if (taken?.is === 'taken') await this.#secrets(tx, method.id).put(entityId, taken.key)
      return taken?.is === 'taken'
    })
    // A code that was taken is told apart from a wrong one by nobody (HCSEC-2025-19).
    if (!good) return BAD
    this.#attempts.forget(attempt)
    return undefined
  }
}

function pictureOf(url: string, size: number): string {
  try {
    return Buffer.from(barcode(url, size)).toString('base64')
  } catch (cause) {
    const why = cause instanceof BarcodeTooSmall ? cause.message : 'the key does not fit into one'
    throw faults.failedAs({ why: `failed to generate QR code image: ${why}` }, { cause })
  }
}
