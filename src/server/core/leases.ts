/**
 * Leases: registered, looked up, renewed, revoked at their source, and taken up again after an unseal. States are drawn in
 * lease-record.ts.
 *
 * Invariants: (1) a lease is in `#expiry` exactly while its record is live or due and not irrevocable; (2) a record is
 * deleted only after its source confirmed, or when `force` was said; (3) at most CONCURRENT revocations run at once, so that a
 * storm of expiries leaves the loop free for reads.
 */
import { createHash } from 'node:crypto'
import type { Clock, Json, Log, Random, Seconds } from '../../kernel/index.ts'
import {
  effectiveTtl,
  faults,
  isFault,
  type Backend,
  type Issued,
  type LeaseDefaults,
  type MountEntry,
  type View,
} from '../logical/index.ts'
import { Expiry } from './expiry.ts'
import { base62, namespaceIn, withNamespace } from './identifier.ts'
import { dataPrefix } from './mounts.ts'
import { leaseFolder, leaseIndexPrefix, leaseKey, NAMESPACED_LEASES, type LeaseRecord } from './lease-record.ts'
import { encodeRecord, keysBelow, readRecord } from './record.ts'

export interface LeaseSource {
  readonly backend: Backend
  readonly defaults: LeaseDefaults
}
export interface LeasesOptions {
  /** The whole store: a lease is kept with what its mount has to keep in the same transaction. */
  readonly all: View
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** How long a revocation that fails is tried again; absent: ATTEMPTS times. */
  readonly horizon?: Seconds | undefined
  /** The mount that a lease came from, by accessor: it may have moved since within its namespace (absent: the root one). */
  readonly source: (mountAccessor: string, namespace: string | undefined) => LeaseSource | undefined
  readonly revokeToken: (tokenId: string) => Promise<void>
}

const SYS = 'sys/'
const CONCURRENT = 16
/** Somebody waits for these, and asked for no more than they can bear; engines do many at once better than one by one. */
const CONCURRENT_IN_PREFIX = 64
const ATTEMPTS = 6
/** Milliseconds before the next attempt: 10 s, doubled each time up to 10 minutes. */
const backOff = (attempts: number): number => Math.min(600_000, 10_000 * 2 ** Math.max(0, attempts - 1))

const indexKey = (tokenId: string, leaseId: string): string =>
  leaseIndexPrefix(tokenId) + createHash('sha256').update(leaseId).digest('hex')

export class Leases {
  readonly #o: LeasesOptions
  readonly #view: View
  readonly #expiry: Expiry
  readonly #queue: string[] = []
  readonly #stopping = new AbortController()
  #running = 0
  #irrevocable = 0
  #idle: (() => void)[] = []

  constructor(options: LeasesOptions) {
    this.#o = options
    this.#view = options.all.sub(SYS)
    this.#expiry = new Expiry(options.clock, id => this.#enqueue(id))
  }

  /** Live leases, those of tokens too. */
  get count(): number {
    return this.#expiry.size
  }

  schedule(id: string, at: number): void {
    this.#expiry.set(id, at)
  }

  unschedule(id: string): void {
    this.#expiry.delete(id)
  }

  /** Takes up every stored lease. Reads are answered meanwhile: a token's own entry knows when it ends. */
  async restore(): Promise<void> {
    this.#expiry.start()
    const view = this.#view
    let batch: Promise<void>[] = []
    for (const folder of [leaseFolder(undefined), NAMESPACED_LEASES]) {
      for await (const key of keysBelow(view, folder)) {
        if (this.#stopping.signal.aborted) return
        batch.push(this.#restoreOne(key))
        if (batch.length >= 64) {
          await Promise.all(batch)
          batch = []
          await new Promise(resolve => setImmediate(resolve))
        }
      }
    }
    await Promise.all(batch)
  }

  async #restoreOne(key: string): Promise<void> {
    const lease = await readRecord<LeaseRecord>(this.#view, key)
    if (lease === undefined) return
    if (lease.irrevocable !== undefined) this.#irrevocable++
    else if (lease.expireTime > 0) this.#expiry.set(lease.id, lease.expireTime)
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    this.#expiry.clear()
    this.#queue.length = 0
    if (this.#running > 0) await new Promise<void>(resolve => this.#idle.push(resolve))
  }

  /** Keeps what an engine issued. The caller undoes the issue when this rejects. */
  async register(
    path: string,
    token: { readonly id: string; readonly type: string; readonly parent: string; readonly expireTime: number },
    mount: Pick<MountEntry, 'table' | 'uuid' | 'accessor'>,
    issued: Issued,
    defaults: LeaseDefaults,
    namespace?: string,
  ): Promise<{ readonly id: string; readonly ttl: number; readonly warnings: readonly string[] }> {
    const { all, clock, random } = this.#o
    const now = clock.now().getTime()
    const { ttl, warnings } = effectiveTtl(defaults, { backendTtl: issued.ttl ?? 0, backendMaxTtl: issued.maxTtl ?? 0, now })
    const id = `${path.replace(/\/+$/, '')}/${withNamespace(base62(random, 24), namespace)}`
    let expireTime = now + ttl * 1000
    if (token.type === 'batch' && token.expireTime > 0) expireTime = Math.min(expireTime, token.expireTime)
    const lease: LeaseRecord = {
      id,
      kind: 'secret',
      path,
      tokenId: token.id,
      issueTime: now,
      expireTime,
      lastRenewal: 0,
      renewable: issued.renewable,
      mountAccessor: mount.accessor,
      secret: { kind: issued.kind, internal: issued.internal, ttl: issued.ttl ?? 0, maxTtl: issued.maxTtl ?? 0 },
    }
    // A batch token has no record of its own to hang the lease on: its parent's end is its end.
    const owner = token.type === 'batch' ? token.parent : token.id
    await all.transact(async tx => {
      const sys = tx.sub(SYS)
      await sys.put(leaseKey(id), encodeRecord(lease))
      if (owner !== '') {
        if ((await sys.get(`token/id/${owner}`)) === undefined) throw faults.tokenRefused()
        await sys.put(indexKey(owner, id), Buffer.from(id))
      }
      await issued.settle?.(tx.sub(dataPrefix(mount)))
    })
    this.#expiry.set(id, expireTime)
    return { id, ttl: Math.round((expireTime - now) / 1000), warnings }
  }

  /** Asked for by people: what ends in a slash is a folder. */
  async look(id: string): Promise<LeaseRecord | undefined> {
    return id === '' || id.endsWith('/') ? undefined : readRecord<LeaseRecord>(this.#view, leaseKey(id))
  }

  list(prefix: string, namespace?: string): Promise<readonly string[]> {
    return this.#view.list(leaseFolder(namespace) + prefix)
  }

  async renew(
    id: string,
    increment: Seconds | undefined,
  ): Promise<{ readonly lease: LeaseRecord; readonly ttl: number; readonly warnings: readonly string[] }> {
    const view = this.#view
    const { clock } = this.#o
    const now = clock.now().getTime()
    const lease = await this.look(id)
    if (lease === undefined) throw faults.refused({ why: 'lease not found' })
    if (lease.expireTime > 0 && lease.expireTime <= now) throw faults.refused({ why: 'lease expired' })
    if (!lease.renewable) throw faults.refused({ why: 'lease is not renewable' })
    if (lease.kind === 'token' || lease.secret === undefined)
      throw faults.refused({ why: 'tokens cannot be renewed through this endpoint' })
    const source = this.#o.source(lease.mountAccessor, namespaceIn(lease.id))
    if (source === undefined) throw faults.internal()
    const context = { now: clock.now(), signal: this.#stopping.signal }
    const { kind, internal } = lease.secret
    const terms = await source.backend
      .renewSecret(kind, internal, increment, context)
      .catch((cause: unknown): never => refuse('failed to renew entry', cause))
    const { ttl, warnings } = effectiveTtl(source.defaults, {
      increment: increment ?? 0,
      backendTtl: terms.ttl ?? lease.secret.ttl,
      backendMaxTtl: terms.maxTtl ?? lease.secret.maxTtl,
      start: lease.issueTime,
      now,
    })
    const renewed = await view.transact(async tx => {
      const current = await readRecord<LeaseRecord>(tx, leaseKey(id))
      if (current === undefined || current.expireTime <= now) throw faults.refused({ why: 'lease not found' })
      const next: LeaseRecord = { ...current, expireTime: now + ttl * 1000, lastRenewal: now }
      await tx.put(leaseKey(id), encodeRecord(next))
      return next
    })
    this.#expiry.set(id, renewed.expireTime)
    return { lease: renewed, ttl, warnings }
  }

  async revoke(id: string, wait: boolean): Promise<void> {
    const lease = await this.look(id)
    if (lease === undefined) return
    if (wait) await this.#undo(lease, false)
    else await this.#makeDue(lease)
  }

  /** `toTheEnd`: one that cannot be undone keeps no other from being undone. */
  async revokePrefix(
    prefix: string,
    how: { readonly wait: boolean; readonly force: boolean; readonly toTheEnd?: boolean },
    namespace?: string,
  ): Promise<void> {
    const all = leaseFolder(namespace)
    const end = async (lease: LeaseRecord | undefined): Promise<void> => {
      if (lease === undefined) return
      if (how.wait || how.force) await this.#undo(lease, how.force)
      else await this.#makeDue(lease)
    }
    // Without a final slash it may be the very id of one lease; in any case it means the folder.
    if (!prefix.endsWith('/') && prefix !== '') await end(await readRecord<LeaseRecord>(this.#view, all + prefix))
    const folder = prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`
    const keys = keysBelow(this.#view, all + folder)
    let begun = 0
    const failures: { readonly id: string; readonly at: number; readonly cause: unknown }[] = []
    const goesOn = (): boolean => !this.#stopping.signal.aborted && (failures.length === 0 || how.toTheEnd === true)
    const work = async (): Promise<void> => {
      for (let next = await keys.next(); next.done !== true && goesOn(); next = await keys.next()) {
        const at = ++begun
        try {
          await end(await readRecord<LeaseRecord>(this.#view, next.value))
        } catch (cause) {
          failures.push({ id: next.value.slice(all.length), at, cause })
        }
      }
    }
    await Promise.all(Array.from({ length: CONCURRENT_IN_PREFIX }, work))
    if (this.#stopping.signal.aborted) throw faults.sealed()
    const [first] = failures.sort((a, b) => a.at - b.at)
    if (first === undefined) return
    const { id, at, cause } = first
    for await (const _ of keys) begun++
    throw faults.refused({ why: `failed to revoke ${JSON.stringify(id)} (${at} / ${begun}): ${shownReason(cause)}` }, { cause })
  }

  /** Whether there is a lease below a path whose `internal` is as asked. */
  async some(prefix: string, matches: (internal: Json) => boolean, namespace?: string): Promise<boolean> {
    for await (const key of keysBelow(this.#view, leaseFolder(namespace) + prefix)) {
      const lease = await readRecord<LeaseRecord>(this.#view, key)
      if (lease?.secret !== undefined && matches(lease.secret.internal)) return true
    }
    return false
  }

  async irrevocable(namespace?: string): Promise<readonly { readonly id: string; readonly mountAccessor: string; readonly why: string }[]> {
    const found: { id: string; mountAccessor: string; why: string }[] = []
    // Counted as they come and go, so that the usual answer, none, costs no look at the store.
    if (this.#irrevocable === 0) return found
    for await (const key of keysBelow(this.#view, leaseFolder(namespace))) {
      const lease = await readRecord<LeaseRecord>(this.#view, key)
      if (lease?.irrevocable !== undefined) found.push({ id: lease.id, mountAccessor: lease.mountAccessor, why: lease.irrevocable })
    }
    return found
  }

  async tidy(): Promise<void> {
    const view = this.#view
    for await (const key of keysBelow(view, 'expire/token/')) {
      const id = Buffer.from((await view.get(key)) ?? []).toString()
      if (id === '' || (await view.get(leaseKey(id))) === undefined) await view.delete(key)
    }
  }

  async #makeDue(lease: LeaseRecord): Promise<void> {
    const now = this.#o.clock.now().getTime()
    await this.#view.put(leaseKey(lease.id), encodeRecord({ ...lease, expireTime: now }))
    this.#expiry.set(lease.id, now)
  }

  #enqueue(id: string): void {
    this.#queue.push(id)
    this.#pump()
  }

  #pump(): void {
    while (this.#running < CONCURRENT && this.#queue.length > 0 && !this.#stopping.signal.aborted) {
      const id = this.#queue.shift() as string
      this.#running++
      void this.#expire(id).finally(() => {
        this.#running--
        if (this.#running === 0) for (const done of this.#idle.splice(0)) done()
        // A turn of the loop between revocations: requests go first.
        setImmediate(() => this.#pump())
      })
    }
  }

  /** Never rejects: a failure is another attempt, and in the end an irrevocable lease that an operator can see. */
  async #expire(id: string): Promise<void> {
    const view = this.#view
    const { clock, log } = this.#o
    let lease: LeaseRecord | undefined
    try {
      lease = await readRecord<LeaseRecord>(view, leaseKey(id))
      if (lease === undefined || lease.irrevocable !== undefined) return
      const now = clock.now().getTime()
      if (lease.expireTime > now) {
        this.#expiry.set(id, lease.expireTime) // renewed in between
        return
      }
      await this.#undo(lease, false)
    } catch (cause) {
      if (this.#stopping.signal.aborted || lease === undefined) return
      const attempts = (lease.attempts ?? 0) + 1
      log.write('error', 'failed to revoke lease', { lease_id: id, attempts, error: messageOf(cause) })
      const now = clock.now().getTime()
      const failingSince = lease.failingSince ?? now
      const { horizon } = this.#o
      const given = horizon === undefined ? attempts >= ATTEMPTS : now - failingSince >= horizon * 1000
      await view
        .put(leaseKey(id), encodeRecord({ ...lease, attempts, failingSince, ...(given && { irrevocable: shownReason(cause) }) }))
        .catch((why: unknown) => log.write('error', 'failed to note the attempt', { lease_id: id, error: messageOf(why) }))
      if (given) this.#irrevocable++
      else this.#expiry.set(id, now + backOff(attempts))
    }
  }

  async #undo(lease: LeaseRecord, force: boolean): Promise<void> {
    const view = this.#view
    const { clock, log } = this.#o
    if (lease.kind === 'token') {
      await this.#o.revokeToken(lease.tokenId)
      // The token may be gone already, and this record what was left of it.
      await this.#delete(lease)
      return
    }
    try {
      const source = this.#o.source(lease.mountAccessor, namespaceIn(lease.id))
      if (source && lease.secret)
        await source.backend.revokeSecret(lease.secret.kind, lease.secret.internal, {
          now: clock.now(),
          signal: this.#stopping.signal,
        })
    } catch (cause) {
      if (!force) return refuse('failed to revoke entry', cause)
      log.write('warn', 'forgot a lease that its source would not revoke', { lease_id: lease.id, error: messageOf(cause) })
    }
    if (lease.irrevocable !== undefined) this.#irrevocable--
    await view.transact(async tx => {
      await tx.delete(indexKey(lease.tokenId, lease.id))
      await tx.delete(leaseKey(lease.id))
    })
    this.#expiry.delete(lease.id)
  }

  async #delete(lease: LeaseRecord): Promise<void> {
    await this.#view.delete(leaseKey(lease.id))
    this.#expiry.delete(lease.id)
  }
}

/** What an engine said against it, in the words that the peer has around it. An error that is no fault is for the log only. */
function refuse(what: string, cause: unknown): never {
  throw faults.refused({ why: `${what}: resp: (*logical.Response)(nil) err: ${shownReason(cause)}` }, { cause })
}
const shownReason = (cause: unknown): string => (isFault(cause) ? cause.wire.join('; ') : 'internal error')

const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))
