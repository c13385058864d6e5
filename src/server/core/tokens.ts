/**
 * Tokens: made, looked up, used, renewed, revoked. A token itself is nowhere kept; it is stored under its keyed hash.
 *
 * Records below `sys/`: `token/id/<id>` the entry · `token/accessor/<hash>` accessor → id, of a namespace below the root one at
 * `token/accessor-in/<namespace>/<hash>` · `token/parent/<parent>/<id>` the tree, which may reach down into namespaces ·
 * `token/visit/<id>/<namespace>` and `token/visitor/<namespace>/<id>` where else it may have a cubbyhole · the lease of the token. They are written and deleted together,
 * in one commit.
 *
 * Invariants: (1) a token that is being revoked is refused from the first moment, by `#revoking`; (2) children are deleted
 * before their parent, so that a revocation cut short can be found and finished from the top; (3) nothing here answers
 * for an expired token, whether or not its timer has fired yet.
 */
import { createHmac, createSecretKey, type KeyObject } from 'node:crypto'
import type { Clock, Json, Random } from '../../kernel/index.ts'
import { faults, ROOT_NAMESPACE, type CreatedToken, type TokenEntry, type TokensPort, type TokenWish, type View } from '../logical/index.ts'
import { BatchTokens } from './batch-tokens.ts'
import { base62, BATCH_PREFIX, namespaceIn, SERVICE_PREFIX, serviceToken, withNamespace } from './identifier.ts'
import { leaseIndexPrefix, leaseKey, type LeaseRecord } from './lease-record.ts'
import { decodeRecord, encodeRecord, keysBelow, readRecord } from './record.ts'

export interface TokensOptions {
  /** The view of `sys/`. */
  readonly view: View
  readonly clock: Clock
  readonly random: Random
  /** Told of each lease that a token's own record stands for. */
  readonly schedule: (leaseId: string, expireTime: number) => void
  readonly unschedule: (leaseId: string) => void
  /** Told, before a token is deleted, to drop what only it could reach, in these namespaces. */
  readonly drop: (tokenId: string, namespaces: readonly string[]) => Promise<void>
  /** Whether a namespace is there and not being deleted: the tokens of others are none. */
  readonly isOpen: (namespace: string) => boolean
}

type Stored = Omit<TokenEntry, 'id'>
const CACHED = 16_384
/** `numUses` of a token whose last use was taken: it answers nothing any more and is about to be revoked. */
const USED_UP = -1

const idKey = (id: string): string => `token/id/${id}`
const parentPrefix = (id: string): string => `token/parent/${id}/`
const accessorFolder = (namespace: string | undefined): string =>
  namespace === undefined ? 'token/accessor/' : `token/accessor-in/${namespace}/`
const visits = (id: string): string => `token/visit/${id}/`
const visitors = (namespace: string): string => `token/visitor/${namespace}/`
const tokenLeaseId = ({ path, id, namespace }: Pick<TokenEntry, 'path' | 'id' | 'namespace'>): string =>
  `${path}/${withNamespace(`h${id}`, namespace)}`

export class Tokens implements TokensPort {
  readonly #o: TokensOptions
  readonly #salt: KeyObject
  readonly #batch: BatchTokens
  readonly #cache = new Map<string, TokenEntry>()
  readonly #revoking = new Set<string>()
  /** Counts changes and deletions of entries. */
  #changes = 0

  private constructor(options: TokensOptions, salt: Uint8Array, batchKey: Uint8Array) {
    this.#o = options
    this.#salt = createSecretKey(salt)
    this.#batch = new BatchTokens(batchKey, options.random)
  }

  /** Reads, or makes on first use, the salt of the ids and the key of the batch tokens. */
  static async open(options: TokensOptions): Promise<Tokens> {
    const { view, random } = options
    const [salt, batchKey] = await view.transact(async tx => {
      const keys: Uint8Array[] = []
      for (const name of ['token/salt', 'token/batch-key']) {
        let bytes = await tx.get(name)
        if (bytes === undefined) await tx.put(name, (bytes = random.bytes(32)))
        keys.push(bytes)
      }
      return keys
    })
    return new Tokens(options, salt as Uint8Array, batchKey as Uint8Array)
  }

  /** The storage name of a token or accessor. */
  hash(text: string): string {
    return createHmac('sha256', this.#salt).update(text).digest('hex')
  }

  async create(wish: TokenWish): Promise<CreatedToken> {
    const { clock, random, view } = this.#o
    const now = clock.now().getTime()
    const common = {
      type: wish.type,
      policies: wish.policies,
      displayName: wish.displayName,
      metadata: wish.metadata,
      entityId: wish.entityId ?? '',
      path: wish.path,
      orphan: (wish.parent ?? '') === '',
      numUses: wish.numUses ?? 0,
      ...(wish.numUses !== undefined && wish.numUses > 0 && { grantNumUses: wish.numUses }),
      creationTime: Math.floor(now / 1000) * 1000,
      creationTtl: wish.ttl,
      explicitMaxTtl: wish.explicitMaxTtl ?? 0,
      period: wish.period ?? 0,
      role: wish.role ?? '',
      parent: wish.parent ?? '',
      boundCidrs: wish.boundCidrs ?? [],
      issueTime: now,
      expireTime: wish.ttl > 0 ? now + wish.ttl * 1000 : 0,
      lastRenewal: 0,
      mountAccessor: wish.mountAccessor ?? '',
      grantTtl: wish.grantTtl ?? 0,
      grantMaxTtl: wish.grantMaxTtl ?? 0,
      noDefaultPolicy: wish.noDefaultPolicy ?? false,
      ...(wish.namespace !== undefined && { namespace: wish.namespace }),
      ...(wish.internal !== undefined && { internal: wish.internal }),
    }
    if (wish.type === 'batch') {
      const { creationTime } = common
      const expireTime = wish.ttl > 0 ? creationTime + wish.ttl * 1000 : 0
      const stored: Stored = { ...common, issueTime: creationTime, expireTime, accessor: '', renewable: false, leased: false }
      const token = withNamespace(this.#batch.seal(stored), wish.namespace)
      return { token, entry: { id: this.hash(token), ...stored } }
    }
    const token = wish.id ?? withNamespace(serviceToken(random), wish.namespace)
    if (wish.id !== undefined) refuseCustomId(wish.id)
    const id = this.hash(token)
    const accessor = withNamespace(base62(random, 24), wish.namespace)
    const entry: TokenEntry = { id, ...common, accessor, renewable: wish.renewable, leased: wish.leased ?? true }
    const lease: LeaseRecord | undefined = entry.leased
      ? {
          id: tokenLeaseId(entry),
          kind: 'token',
          path: entry.path,
          tokenId: id,
          issueTime: now,
          expireTime: entry.expireTime,
          lastRenewal: 0,
          renewable: entry.renewable,
          mountAccessor: entry.mountAccessor,
        }
      : undefined
    await view.transact(async tx => {
      if (wish.id !== undefined && (await tx.get(idKey(id))) !== undefined)
        throw faults.refused({ why: 'cannot create a token with a duplicate ID' })
      // Read inside the commit: a parent that is deleted meanwhile makes this fail, so no child can outlive it unseen.
      if (entry.parent !== '' && (await tx.get(idKey(entry.parent))) === undefined) throw faults.tokenRefused()
      await tx.put(idKey(id), encodeEntry(entry))
      await tx.put(accessorFolder(entry.namespace) + this.hash(accessor), encodeRecord({ id, accessor }))
      if (entry.parent !== '') await tx.put(parentPrefix(entry.parent) + id, new Uint8Array(0))
      if (lease) await tx.put(leaseKey(lease.id), encodeRecord(lease))
    })
    this.#remember(entry)
    if (lease && entry.expireTime > 0) this.#o.schedule(lease.id, entry.expireTime)
    return { token, entry }
  }

  async lookup(token: string): Promise<TokenEntry | undefined> {
    if (token.startsWith(BATCH_PREFIX)) return this.#lookupBatch(token)
    const entry = await this.byId(this.hash(token))
    return entry && entry.numUses >= 0 ? entry : undefined
  }

  async #lookupBatch(token: string): Promise<TokenEntry | undefined> {
    const namespace = namespaceIn(token)
    const stored = this.#batch.open<Stored>(namespace === undefined ? token : token.slice(0, -namespace.length - 1))
    if (stored === undefined || this.#expired(stored) || stored.namespace !== namespace || !this.#isOpen(stored)) return undefined
    // A batch token that is nobody's orphan lives no longer than its parent.
    if (stored.parent !== '' && (await this.byId(stored.parent)) === undefined) return undefined
    return { id: this.hash(token), ...stored }
  }

  async byId(id: string): Promise<TokenEntry | undefined> {
    if (this.#revoking.has(id)) return undefined
    const entry = this.#cache.get(id) ?? (await this.#load(id))
    return entry && !this.#expired(entry) && !this.#revoking.has(id) && this.#isOpen(entry) ? entry : undefined
  }

  #isOpen({ namespace }: Stored): boolean {
    return namespace === undefined || this.#o.isOpen(namespace)
  }

  async #load(id: string): Promise<TokenEntry | undefined> {
    const changes = this.#changes
    const bytes = await this.#o.view.get(idKey(id))
    if (bytes === undefined) return undefined
    const entry = { id, ...decodeRecord<Stored>(bytes) }
    // What was read while something changed may be the past already: a revoked token must not come back by the cache.
    if (this.#changes === changes) this.#remember(entry)
    return entry
  }

  #expired(entry: Stored): boolean {
    return entry.expireTime > 0 && this.#o.clock.now().getTime() >= entry.expireTime
  }

  #remember(entry: TokenEntry): void {
    if (this.#cache.size >= CACHED) {
      const oldest = this.#cache.keys().next()
      if (!oldest.done) this.#cache.delete(oldest.value)
    }
    this.#cache.set(entry.id, entry)
  }

  /** `namespace`: the one that asks; absent: the root one. */
  async byAccessor(accessor: string, namespace?: string): Promise<TokenEntry | undefined> {
    const own = namespaceIn(accessor)
    if (own !== namespace && (namespace !== undefined || this.#o.isOpen(own as string)))
      throw faults.failedAs({ why: 'cannot lookup token in different namespace' })
    const found = await readRecord<{ id: string }>(this.#o.view, accessorFolder(namespace) + this.hash(accessor))
    const entry = found && (await this.byId(found.id))
    return entry && entry.numUses >= 0 ? entry : undefined
  }

  async accessors(namespace?: string): Promise<readonly string[]> {
    const found: string[] = []
    for await (const key of keysBelow(this.#o.view, accessorFolder(namespace))) {
      const record = await readRecord<{ id: string; accessor: string }>(this.#o.view, key)
      if (record && (await this.byId(record.id))) found.push(record.accessor)
    }
    return found
  }

  /** Takes one use of a token that has a limited number, showing -1 for the last; undefined when none is left. */
  async use(entry: TokenEntry): Promise<TokenEntry | undefined> {
    if (entry.numUses === 0) return entry
    const used = await this.#change(entry.id, stored =>
      stored.numUses <= 0 ? undefined : { ...stored, numUses: stored.numUses === 1 ? USED_UP : stored.numUses - 1 },
    )
    return used
  }

  async renew(
    entry: TokenEntry,
    change: { readonly ttl: number; readonly period?: number; readonly internal?: Json },
  ): Promise<TokenEntry | undefined> {
    const now = this.#o.clock.now().getTime()
    const expireTime = now + change.ttl * 1000
    const renewed = await this.#change(entry.id, stored => ({
      ...stored,
      ...(change.period !== undefined && { period: change.period }),
      ...(change.internal !== undefined && { internal: change.internal }),
      grantTtl: change.ttl,
      expireTime,
      lastRenewal: now,
    }))
    if (renewed) this.#o.schedule(tokenLeaseId(renewed), expireTime)
    return renewed
  }

  async #change(id: string, change: (stored: TokenEntry) => TokenEntry | undefined): Promise<TokenEntry | undefined> {
    const changed = await this.#o.view.transact(async tx => {
      const bytes = await tx.get(idKey(id))
      const before = bytes && { id, ...decodeRecord<Stored>(bytes) }
      const after = before && change(before)
      if (before === undefined || after === undefined) return undefined
      await tx.put(idKey(id), encodeEntry(after))
      if (after.leased && after.expireTime !== before.expireTime) {
        const key = leaseKey(tokenLeaseId(after))
        const lease = await readRecord<LeaseRecord>(tx, key)
        if (lease) await tx.put(key, encodeRecord({ ...lease, expireTime: after.expireTime, lastRenewal: after.lastRenewal }))
      }
      return after
    })
    this.#changes++
    if (changed) this.#remember(changed)
    return changed
  }

  async revokeTree(id: string): Promise<void> {
    const revoking: string[] = []
    try {
      // Again until nothing is left below: a child may have been made between the look at the tree and the end of its parent.
      for (let family = await this.#family(id); ;) {
        for (const member of family) this.#revoking.add(member)
        revoking.push(...family)
        for (const member of family.toReversed()) await this.#delete(member, [])
        family = (await Promise.all(family.map(member => this.#family(member)))).flatMap(found => found.slice(1))
        if (family.length === 0) break
      }
    } finally {
      for (const member of revoking) this.#revoking.delete(member)
    }
  }

  async revokeOrphan(id: string): Promise<void> {
    this.#revoking.add(id)
    try {
      const children: string[] = []
      for await (const key of keysBelow(this.#o.view, parentPrefix(id))) children.push(key.slice(parentPrefix(id).length))
      await this.#delete(id, children)
    } finally {
      this.#revoking.delete(id)
    }
  }

  /** All service tokens of a namespace that is being deleted, so none is made meanwhile. */
  async revokeAllIn(namespace: string): Promise<void> {
    const { view } = this.#o
    for await (const key of keysBelow(view, accessorFolder(namespace))) {
      const record = await readRecord<{ id: string }>(view, key)
      if (record) await this.revokeTree(record.id)
      await view.delete(key)
    }
  }

  /** Notes that a token may have something in the cubbyhole of a namespace that is not its own, before it has. */
  async visit(id: string, namespace: string): Promise<void> {
    const { view } = this.#o
    if ((await view.get(visits(id) + namespace)) !== undefined) return
    await view.transact(async tx => {
      await tx.put(visits(id) + namespace, new Uint8Array(0))
      await tx.put(visitors(namespace) + id, new Uint8Array(0))
    })
  }

  /** Of a namespace that is no more. */
  async forgetVisits(namespace: string): Promise<void> {
    const { view } = this.#o
    for await (const key of keysBelow(view, visitors(namespace)))
      await view.transact(async tx => {
        await tx.delete(visits(key.slice(visitors(namespace).length)) + namespace)
        await tx.delete(key)
      })
  }

  /** The token and all below it, parents before children. */
  async #family(id: string): Promise<string[]> {
    const family = [id]
    for (let i = 0; i < family.length; i++) {
      const prefix = parentPrefix(family[i] as string)
      for await (const key of keysBelow(this.#o.view, prefix)) family.push(key.slice(prefix.length))
    }
    return family
  }

  /** One commit: the records of the token gone, the leases that it held due now, its children (if told) orphans. */
  async #delete(id: string, orphans: readonly string[]): Promise<void> {
    const { view, clock, drop, schedule, unschedule } = this.#o
    const kept = await readRecord<Stored>(view, idKey(id))
    const visited = await view.list(visits(id))
    await drop(id, [kept?.namespace ?? ROOT_NAMESPACE.id, ...visited])
    const now = clock.now().getTime()
    const index = leaseIndexPrefix(id)
    const outcome = await view.transact(async tx => {
      const bytes = await tx.get(idKey(id))
      const entry = bytes && { id, ...decodeRecord<Stored>(bytes) }
      const due: string[] = []
      for await (const key of keysBelow(tx, index)) {
        const leaseId = Buffer.from((await tx.get(key)) ?? []).toString()
        const lease = await readRecord<LeaseRecord>(tx, leaseKey(leaseId))
        if (lease) {
          await tx.put(leaseKey(leaseId), encodeRecord({ ...lease, expireTime: now }))
          due.push(leaseId)
        }
        await tx.delete(key)
      }
      for (const orphan of orphans) {
        const child = await readRecord<Stored>(tx, idKey(orphan))
        if (child) await tx.put(idKey(orphan), encodeRecord({ ...child, parent: '', orphan: true }))
        await tx.delete(parentPrefix(id) + orphan)
      }
      if (entry) {
        await tx.delete(idKey(id))
        await tx.delete(accessorFolder(entry.namespace) + this.hash(entry.accessor))
        for (const namespace of visited) {
          await tx.delete(visits(id) + namespace)
          await tx.delete(visitors(namespace) + id)
        }
        if (entry.parent !== '') await tx.delete(parentPrefix(entry.parent) + id)
        if (entry.leased) await tx.delete(leaseKey(tokenLeaseId(entry)))
      }
      return { due, lease: entry?.leased ? tokenLeaseId(entry) : undefined }
    })
    this.#changes++
    this.#cache.delete(id)
    for (const orphan of orphans) this.#cache.delete(orphan)
    if (outcome.lease !== undefined) unschedule(outcome.lease)
    for (const leaseId of outcome.due) schedule(leaseId, now)
  }

  async tidy(): Promise<void> {
    const { view } = this.#o
    for (const folder of ['token/accessor/', 'token/accessor-in/']) {
      for await (const key of keysBelow(view, folder)) {
        const record = await readRecord<{ id: string }>(view, key)
        if (record && (await view.get(idKey(record.id))) === undefined) await view.delete(key)
      }
    }
    for await (const key of keysBelow(view, 'token/parent/')) {
      const child = key.slice(key.lastIndexOf('/') + 1)
      if ((await view.get(idKey(child))) === undefined) await view.delete(key)
    }
  }

  forget(): void {
    this.#cache.clear()
  }
}

function encodeEntry({ id: _, ...stored }: TokenEntry): Uint8Array {
  return encodeRecord(stored)
}

function refuseCustomId(id: string): void {
  if (id.startsWith(SERVICE_PREFIX)) throw faults.refused({ why: "custom token ID cannot have the 'hvs.' prefix" })
  if (id.startsWith('s.')) throw faults.refused({ why: "custom token ID cannot have the 's.' prefix" })
  if (id.includes('.')) throw faults.refused({ why: "custom token ID cannot have a '.' in the value" })
}
