/**
 * All namespaces, and what is alive in each. The root one costs what a server without namespaces costs: its realm is a field here, and as
 * long as there is no other, nothing is looked up.
 *
 * Invariants: (1) a namespace is stored before it answers, and stops answering (it is tainted) before anything in it ends; (2) its realm
 * lives until its last lease has been undone at the source; (3) its record is deleted last, so that what was cut short is found and finished.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { Acl } from '../../../policy/index.ts'
import { faults, type MountEntry, type NamespaceFacts, type NamespacesPort } from '../../logical/index.ts'
import { base62 } from '../identifier.ts'
import type { Holder } from '../identity/index.ts'
import type { Mounts } from '../mounts.ts'
import type { Place } from '../quotas/index.ts'
import { cleanPath, freshName, stepOf } from './names.ts'
import { Places } from './places.ts'
import { Ending } from './ending.ts'
import type { WhoAsks } from './ports.ts'
import { Realm, type RealmParts } from './realm.ts'
import { factsOf, NamespaceTree, type Namespace, type NamespaceRecord } from './tree.ts'

const UNLOCK_KEY_LENGTH = 24
const hashOf = (key: string): Buffer => createHash('sha256').update(key).digest()

/** Of a namespace and those that it lies in, without the root one. */
const pathsUp = ({ path, parent }: Namespace): readonly string[] => (parent === undefined ? [] : [path, ...pathsUp(parent)])

export class Realms {
  readonly tree: NamespaceTree
  readonly places: Places
  readonly #parts: RealmParts
  readonly #live = new Map<string, Realm>()
  readonly #ending: Ending
  #root: Realm | undefined
  /** Changes of the tree run one after the other. */
  #changing: Promise<unknown> = Promise.resolve()

  constructor(parts: RealmParts) {
    this.#parts = parts
    this.tree = new NamespaceTree(parts.barrier.view('core/'), parts.clock, parts.random)
    this.places = new Places(this, parts.random, parts.log)
    this.#ending = new Ending({ ...parts, finished: realm => this.#finished(realm) })
  }

  async open(): Promise<void> {
    await this.tree.open()
    this.#root = await Realm.open(this.tree.root, this, this.#parts)
    for (const namespace of this.tree.all()) {
      const realm = await Realm.open(namespace, this, this.#parts)
      this.#live.set(namespace.id, realm)
    }
  }

  /** Takes up the deletions that were cut short. */
  resume(): void {
    for (const realm of this.#live.values()) if (realm.namespace.tainted) this.#ending.begin(realm)
  }

  async close(): Promise<void> {
    await this.#ending.stop()
    for (const realm of this.all()) await realm.mounts.close()
  }

  // ---- look-ups ----------------------------------------------------------------------------------------------------

  get root(): Realm {
    return this.#root as Realm
  }
  get onlyRoot(): boolean {
    return this.tree.size === 0
  }
  /** `id`: as ids of what is in it end; undefined: the root one. */
  get(id: string | undefined): Realm | undefined {
    return id === undefined ? this.#root : this.#live.get(id)
  }
  *all(): Iterable<Realm> {
    if (this.#root) yield this.#root
    yield* this.#live.values()
  }
  /** Whether it answers. */
  isOpen(id: string): boolean {
    return this.tree.get(id)?.tainted === false
  }

  /** The namespace of a request: of its header, and from there as its path says. */
  find(header: string, path: string): { readonly realm: Realm; readonly rest: string } {
    const steps = cleanPath(header)
    const from = steps.length === 1 && steps[0] === 'root' ? this.tree.root : this.tree.walk(steps)
    if (from === undefined) throw faults.namespaceNotFound()
    const { namespace, rest } = this.tree.descend(from, path)
    const realm = namespace.tainted ? undefined : this.get(namespace.suffix)
    if (realm === undefined) throw faults.namespaceNotFound()
    return { realm, rest }
  }

  /** The rest of a path that leads below the root one. */
  reach(header: string, path: string): string | undefined {
    const { realm, rest } = this.find(header, path)
    const locked = realm.namespace.lockedAt
    if (locked !== undefined) throw faults.namespaceLocked({ path: locked.path })
    return realm === this.root ? undefined : rest
  }

  /** What lies at a path from the root, for whoever counts requests to it. */
  placeOf(path: string): Place {
    const { namespace, rest } = this.tree.descend(this.tree.root, path)
    const found = this.get(namespace.suffix)?.mounts.route(rest)
    if (found === undefined) return { namespaces: pathsUp(namespace), rest, mount: undefined }
    const { backend, entry } = found.mount
    const mount = { mountPath: namespace.path + found.mountPath, isAuth: entry.table === 'auth', loginRole: backend.loginRole }
    return { namespaces: pathsUp(namespace), rest: found.rest, mount }
  }

  /** The mount with this accessor, in whichever namespace. */
  mountOf(accessor: string): { readonly entry: MountEntry; readonly namespace: Namespace } | undefined {
    for (const { mounts, namespace } of this.all()) {
      const entry = mounts.withAccessor(accessor)
      if (entry !== undefined) return { entry, namespace }
    }
    return undefined
  }

  /** Path of the namespace below that a path (with its final slash) is of or lies in. */
  namespaceAt(from: Namespace, path: string): string | undefined {
    const { namespace } = this.tree.descend(from, path)
    return namespace === from ? undefined : namespace.path
  }

  /** It and all below it. */
  *below(namespace: Namespace): Iterable<Namespace> {
    yield namespace
    for (const child of namespace.children.values()) yield* this.below(child)
  }

  // ---- what tokens may ---------------------------------------------------------------------------------------------

  /** Who holds a token: an entity of its own namespace. Rejects when that is none, or disabled. */
  holderOf(token: Pick<WhoAsks, 'entityId' | 'namespace'>): Holder | undefined | Promise<Holder> {
    const realm = this.get(token.namespace)
    if (realm === undefined) throw faults.tokenRefused()
    return realm.identity.holderOf(token)
  }

  /** By the policies of its own namespace; paths are from the root. */
  aclFor(token: WhoAsks, holder: Holder | undefined): Promise<Acl> {
    const realm = this.get(token.namespace)
    if (realm === undefined) throw faults.tokenRefused()
    return realm.policies.acl(token.policies, holder)
  }

  async aclOf(token: WhoAsks): Promise<Acl> {
    return this.aclFor(token, await this.holderOf(token))
  }

  // ---- changes -----------------------------------------------------------------------------------------------------

  portOf(here: Namespace): NamespacesPort {
    const child = (name: string): { readonly at: Namespace; readonly record: NamespaceRecord } | undefined => {
      const at = here.children.get(stepOf(name))
      return at?.record && { at, record: at.record }
    }
    return {
      here,
      find: name => {
        const found = child(name)
        return found && factsOf(found.at, found.record)
      },
      list: deep => {
        const children = deep ? [...this.below(here)].slice(1) : [...here.children.values()]
        return children
          .flatMap(it => (it.record ? [{ path: it.path.slice(here.path.length), facts: factsOf(it, it.record) }] : []))
          .sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)))
      },
      write: (name, metadata) => this.#serially(() => this.#write(here, freshName(name), metadata)),
      change: (name, metadata) =>
        this.#serially(async () => {
          const found = child(name)
          if (found === undefined) throw faults.refused({ why: 'namespace not found' })
          return this.#keep(found.at, { ...found.record, metadata: metadata(found.record.metadata) })
        }),
      delete: name => this.#serially(() => this.#delete(child(name))),
      lock: path => this.#serially(() => this.#lock(this.#lockable(here, path))),
      unlock: (path, key) => this.#serially(() => this.#unlock(this.#lockable(here, path), key)),
    }
  }

  async #keep(at: Namespace, record: NamespaceRecord): Promise<NamespaceFacts> {
    await this.tree.keep(at, record)
    return factsOf(at, record)
  }

  async #write(parent: Namespace, name: string, metadata: NamespaceRecord['metadata']): Promise<NamespaceFacts> {
    const known = parent.children.get(name)
    if (parent.tainted || known?.tainted)
      throw faults.refused({ why: 'namespace with that name exists and is currently being created or deleted' })
    if (known?.record) return this.#keep(known, { ...known.record, metadata })
    const mounts = this.get(parent.suffix)?.mounts
    if (mounts === undefined) throw faults.namespaceNotFound()
    return mounts.unchanged(() => this.#make(mounts, parent, name, metadata))
  }

  async #make(mounts: Mounts, parent: Namespace, name: string, metadata: NamespaceRecord['metadata']): Promise<NamespaceFacts> {
    const taken = mounts.list('secret').find(it => it.path.startsWith(`${name}/`))
    if (taken !== undefined) throw faults.refused({ why: `new namespace conflicts with existing mount: ${parent.path}${taken.path}` })
    const made = this.tree.fresh(parent, name, metadata)
    const record = made.record as NamespaceRecord
    await this.tree.keep(made, record)
    // What a crash leaves without its mounts and policies gets them when it is opened next.
    this.#live.set(made.id, await Realm.open(made, this, this.#parts))
    this.tree.add(made)
    this.#parts.log.write('info', 'made a namespace', { path: made.path })
    return factsOf(made, record)
  }

  async #delete(found: { readonly at: Namespace; readonly record: NamespaceRecord } | undefined): Promise<boolean> {
    if (found === undefined) return false
    const { at, record } = found
    if (at.children.size > 0) throw faults.refused({ why: 'unable to delete namespace containing child namespaces' })
    const realm = this.get(at.suffix)
    if (realm === undefined) return false
    if (!at.tainted) await this.tree.keep(at, { ...record, tainted: true })
    this.#ending.begin(realm)
    return true
  }

  async #finished({ namespace }: Realm): Promise<void> {
    await this.#parts.quotas.mountGone(namespace.path)
    if (namespace.record) await this.tree.forget(namespace.record)
    this.tree.remove(namespace)
    this.#live.delete(namespace.id)
    this.#parts.log.write('info', 'deleted a namespace', { path: namespace.path })
  }

  #lockable(here: Namespace, path: string): { readonly at: Namespace; readonly record: NamespaceRecord } {
    const at = this.tree.walk(cleanPath(path), here)
    if (at === undefined) throw faults.refused({ why: 'requested namespace does not exist' })
    if (at.record === undefined) throw faults.refused({ why: 'root namespace cannot be locked/unlocked' })
    return { at, record: at.record }
  }

  async #lock({ at, record }: { readonly at: Namespace; readonly record: NamespaceRecord }): Promise<string> {
    const above = at.parent?.lockedAt
    if (above !== undefined)
      throw faults.refused({ why: `cannot lock namespace "${at.path}": ancestor namespace "${above.path}" is already locked` })
    if (record.lock !== undefined) throw faults.refused({ why: `cannot lock namespace "${at.path}": is already locked` })
    const key = base62(this.#parts.random, UNLOCK_KEY_LENGTH)
    await this.#keep(at, { ...record, lock: hashOf(key).toString('hex') })
    return key
  }

  async #unlock({ at, record }: { readonly at: Namespace; readonly record: NamespaceRecord }, key: string | undefined): Promise<void> {
    const { lock, ...unlocked } = record
    if (lock === undefined) throw faults.refused({ why: `namespace "${at.path}" is not locked` })
    if (key !== undefined && !timingSafeEqual(hashOf(key), Buffer.from(lock, 'hex'))) throw faults.refused({ why: 'incorrect unlock key' })
    await this.#keep(at, unlocked)
  }

  #serially<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#changing.then(work, work)
    this.#changing = done.catch(() => undefined)
    return done
  }
}
