/**
 * Mounts: what answers below which path. The router is a map by full path, asked prefix by prefix, so that its cost grows
 * with the depth of a request's path and not with the number of mounts.
 *
 * Invariants: (1) no mount lies inside another, so the first prefix that is a mount is the only one; (2) `#byPath` and
 * `#byAccessor` hold the same mounts; (3) a mount is stored before it answers, and stops answering before it is forgotten.
 */
import type { WireObject } from '../../schema/index.ts'
import { invariant, seconds, type Clock, type Json, type Log, type Random } from '../../kernel/index.ts'
import { openBackend, type AuthMethod, type SecretsEngine } from '../framework/index.ts'
import {
  faults,
  ROOT_NAMESPACE,
  type Backend,
  type Host,
  type LeaseDefaults,
  type MountConfig,
  type MountEntry,
  type MountsPort,
  type MountWish,
  type PluginType,
  type NamespaceRef,
  type View,
} from '../logical/index.ts'
import { mountAccessor } from './identifier.ts'
import { deleteMount, readMounts, writeMount, type MountRecord } from './mount-table.ts'
import { keysBelow } from './record.ts'

export interface MountsOptions {
  readonly engines: Readonly<Record<string, SecretsEngine>>
  readonly authMethods: Readonly<Record<string, AuthMethod>>
  /** The namespace that paths are in. */
  readonly namespace: NamespaceRef
  /** Path, from the root, of the namespace below this one that a path (with its final slash) is of or lies in. */
  readonly below: (path: string) => string | undefined
  /** Mounts that every namespace has; their types cannot be mounted again. */
  readonly builtIn: readonly BuiltIn[]
  /** The whole store, and where in it the table is: a mount that moves to another namespace changes its table in one commit. */
  readonly all: View
  readonly tableAt: string
  /** Storage of one mount. */
  readonly viewOf: (table: 'secret' | 'auth', uuid: string) => View
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly serverDefaults: LeaseDefaults
  readonly passwordBy: Host['passwordBy']
  readonly fillTemplate: Host['fillTemplate']
  readonly revokeLeases: (prefix: string) => Promise<void>
  /** Whether there is a lease below a full path whose `internal` is as asked. */
  readonly someLease: (prefix: string, matches: (internal: Json) => boolean) => Promise<boolean>
  /** Told of mounts that have moved or ended, by their paths from the root. */
  readonly moved: (from: string, to: string) => Promise<void>
  readonly gone: (path: string) => Promise<void>
  readonly strictReplies: boolean
}
export interface BuiltIn {
  readonly engine: SecretsEngine | AuthMethod
  /** What its mount says that it is. */
  readonly type: string
  readonly path: string
  readonly description: string
  readonly local: boolean
  readonly sealWrap: boolean
  readonly passthroughRequestHeaders?: readonly string[]
}

export interface LiveMount {
  readonly entry: MountRecord
  readonly backend: Backend
}
export interface Resolved {
  readonly mount: LiveMount
  /** With its final slash and, for an auth mount, `auth/` in front. */
  readonly mountPath: string
  readonly rest: string
}

/** Where the storage of one mount is. */
export const dataPrefix = ({ table, uuid }: Pick<MountEntry, 'table' | 'uuid'>): string =>
  `${table === 'auth' ? 'auth' : 'logical'}/${uuid}/`
export const fullPath = (entry: Pick<MountEntry, 'table' | 'path'>): string => (entry.table === 'auth' ? `auth/${entry.path}` : entry.path)
const PROTECTED = ['auth/', 'sys/', 'cubbyhole/', 'identity/', 'audit/']
const withSlash = (path: string): string => (path.endsWith('/') ? path : `${path}/`)
const isRoot = (namespace: NamespaceRef): boolean => namespace.id === ROOT_NAMESPACE.id

export class Mounts implements MountsPort {
  readonly #o: MountsOptions
  readonly #byPath = new Map<string, LiveMount>()
  readonly #byAccessor = new Map<string, LiveMount>()
  readonly #view: View
  /** The namespace is gone: nothing is mounted in it any more. */
  #ended = false
  /** Changes of the table run one after the other. */
  #changing: Promise<unknown> = Promise.resolve()

  constructor(options: MountsOptions) {
    this.#o = options
    this.#view = options.all.sub(options.tableAt)
  }

  /** Opens every stored mount, making the built-in ones on first use. */
  async open(): Promise<void> {
    const stored = await readMounts(this.#view)
    for (const builtIn of this.#o.builtIn) {
      const { engine, path } = builtIn
      if (!stored.some(it => it.table === engine.table && it.path === path)) await this.#add(this.#builtInEntry(builtIn))
    }
    for (const entry of stored) {
      if (entry.tainted) await this.#finish(entry)
      else this.#install(entry)
    }
  }

  #builtInEntry({ engine, type, path, description, local, sealWrap, passthroughRequestHeaders }: BuiltIn): MountRecord {
    return {
      table: engine.table,
      path,
      type,
      description,
      uuid: this.#o.random.uuid(),
      accessor: mountAccessor(this.#o.random, engine.table, engine.type),
      options: null,
      config: {
        defaultLeaseTtl: 0,
        maxLeaseTtl: 0,
        forceNoCache: false,
        ...(engine.table === 'auth' && { tokenType: isRoot(this.#o.namespace) ? 'default-service' : 'default' }),
        ...(passthroughRequestHeaders && { passthroughRequestHeaders }),
      },
      local,
      sealWrap,
      externalEntropyAccess: false,
      pluginVersion: '',
    }
  }

  async close(): Promise<void> {
    const open = [...this.#byAccessor.values()]
    this.#byPath.clear()
    this.#byAccessor.clear()
    for (const { backend } of open) await backend.close()
  }

  // ---- look-ups ----------------------------------------------------------------------------------------------------

  route(path: string): Resolved | undefined {
    for (let slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
      const mountPath = path.slice(0, slash + 1)
      const mount = this.#byPath.get(mountPath)
      if (mount) return { mount, mountPath, rest: path.slice(slash + 1) }
    }
    const mountPath = `${path}/`
    const mount = this.#byPath.get(mountPath)
    return mount && { mount, mountPath, rest: '' }
  }

  byAccessor(accessor: string): LiveMount | undefined {
    return this.#byAccessor.get(accessor)
  }

  withAccessor(accessor: string): MountEntry | undefined {
    return this.#byAccessor.get(accessor)?.entry
  }

  all(): Iterable<LiveMount> {
    return this.#byAccessor.values()
  }

  list(table: 'secret' | 'auth'): readonly MountEntry[] {
    return [...this.#byPath.values()]
      .map(it => it.entry)
      .filter(it => it.table === table)
      .sort((a, b) => (a.path < b.path ? -1 : 1))
  }

  find(table: 'secret' | 'auth', path: string): MountEntry | undefined {
    return this.#byPath.get(fullPath({ table, path: withSlash(path) }))?.entry
  }

  leaseDefaults({ config }: MountEntry): LeaseDefaults {
    const { ttl, maxTtl } = this.#o.serverDefaults
    return {
      ttl: config.defaultLeaseTtl !== 0 ? seconds(config.defaultLeaseTtl) : ttl,
      maxTtl: config.maxLeaseTtl !== 0 ? seconds(config.maxLeaseTtl) : maxTtl,
    }
  }

  describe(): WireObject {
    return Object.assign({}, ...[...this.#byPath].map(([path, { backend }]) => backend.describe(path.slice(0, -1)))) as WireObject
  }

  plugins(type: PluginType): readonly string[] {
    const { authMethods, engines } = this.#o
    const names = {
      auth: () => Object.keys(authMethods),
      database: () => engines['database']?.plugins ?? [],
      secret: () => this.#secretTypes(),
    }
    return [...names[type]()].sort()
  }

  /** Those that can be mounted more than once. */
  #secretTypes(): readonly string[] {
    return Object.keys(this.#o.engines).filter(it => it !== 'cubbyhole' && it !== 'database')
  }

  // ---- changes -----------------------------------------------------------------------------------------------------

  enable(table: 'secret' | 'auth', path: string, wish: MountWish): Promise<void> {
    return this.#serially(async () => {
      const at = withSlash(path)
      this.#refusePlace(table, at, wish.type)
      const engine = this.#engine(table, wish.type)
      if (engine === undefined) throw faults.refused({ why: `plugin not found in the catalog: ${wish.type}` })
      const { random } = this.#o
      await this.#add({
        table,
        path: at,
        ...wish,
        uuid: random.uuid(),
        accessor: mountAccessor(random, table, wish.type),
        pluginVersion: '',
      })
      this.#o.log.write('info', 'enabled a mount', { path: this.#o.namespace.path + fullPath({ table, path: at }), type: wish.type })
    })
  }

  #refusePlace(table: 'secret' | 'auth', at: string, type: string): void {
    if (table === 'secret') {
      if (PROTECTED.some(it => at.startsWith(it))) throw faults.refused({ why: `cannot mount "${at}"` })
      if (['system', 'cubbyhole', 'identity', 'token', 'ns_token', 'ns_cubbyhole', 'ns_system', 'ns_identity'].includes(type))
        throw faults.refused({ why: `mount type of "${type}" is not mountable` })
    } else if (type === 'token') throw faults.refused({ why: 'token credential backend cannot be instantiated' })
    const taken = this.#conflict(table, at)
    if (taken !== undefined) throw faults.refused({ why: `path is already in use at ${taken}` })
    const below = this.#namespaceAt(table, at)
    if (below !== undefined) throw faults.refused({ why: `existing mount at ${below}` })
  }

  /** What of a namespace below is where a mount would be. */
  #namespaceAt(table: 'secret' | 'auth', at: string): string | undefined {
    const below = table === 'secret' ? this.#o.below(at) : undefined
    return below === this.#o.namespace.path + at ? `${below}auth/token/` : below
  }

  /** The mount that a new one at this place would lie on, in or around. */
  #conflict(table: 'secret' | 'auth', at: string): string | undefined {
    return this.list(table).find(it => at.startsWith(it.path) || it.path.startsWith(at))?.path
  }

  #engine(table: 'secret' | 'auth', type: string): SecretsEngine | AuthMethod | undefined {
    const builtIn = this.#o.builtIn.find(it => it.engine.table === table && it.type === type)
    return builtIn?.engine ?? (table === 'auth' ? this.#o.authMethods[type] : this.#o.engines[type])
  }

  async #add(entry: MountRecord): Promise<void> {
    // Opened before it is stored: what cannot be opened is not mounted.
    const live = this.#live(entry)
    await writeMount(this.#view, entry)
    this.#put(live)
  }

  #install(entry: MountRecord): void {
    this.#put(this.#live(entry))
  }

  #put(live: LiveMount): void {
    this.#byPath.set(fullPath(live.entry), live)
    this.#byAccessor.set(live.entry.accessor, live)
  }

  #live(entry: MountRecord): LiveMount {
    const engine = this.#engine(entry.table, entry.type)
    invariant(engine, `the store has a mount of type "${entry.type}", which this server does not know`)
    const { clock, random, log, strictReplies, passwordBy, fillTemplate } = this.#o
    // What opens must see the entry that it is opened for, not the one that it replaces: kv takes its version from it.
    let isOpen = false
    const current = (): MountRecord => (isOpen ? this.#byAccessor.get(entry.accessor)?.entry : undefined) ?? entry
    const host: Host = {
      view: this.#o.viewOf(entry.table, entry.uuid),
      mount: () => ({
        path: fullPath(current()),
        accessor: entry.accessor,
        type: entry.type,
        options: current().options ?? {},
        namespace: this.#o.namespace,
      }),
      leaseDefaults: () => this.leaseDefaults(current()),
      passwordBy,
      fillTemplate,
      clock,
      random,
      log,
      leases: { some: (under, matches) => this.#o.someLease(fullPath(current()) + under, matches) },
    }
    const backend = openBackend(engine, host, { strictReplies })
    isOpen = true
    return { entry, backend }
  }

  disable(table: 'secret' | 'auth', path: string): Promise<void> {
    return this.#serially(async () => {
      const at = withSlash(path)
      if (table === 'secret' && PROTECTED.some(it => at.startsWith(it))) throw faults.refused({ why: `cannot unmount "${at}"` })
      if (table === 'auth' && at === 'token/') throw faults.refused({ why: 'token credential backend cannot be disabled' })
      const live = this.#byPath.get(fullPath({ table, path: at }))
      if (live === undefined) return
      await writeMount(this.#view, { ...live.entry, tainted: true })
      // Leases first, while the backend can still undo them; requests are refused from here on.
      this.#byPath.delete(fullPath(live.entry))
      try {
        await this.#o.revokeLeases(fullPath(live.entry))
      } catch (cause) {
        this.#byPath.set(fullPath(live.entry), live)
        await writeMount(this.#view, live.entry)
        throw cause
      }
      await live.backend.close()
      this.#byAccessor.delete(live.entry.accessor)
      await this.#finish(live.entry)
      await this.#o.gone(this.#o.namespace.path + fullPath(live.entry))
      this.#o.log.write('info', 'disabled a mount', { path: this.#o.namespace.path + fullPath(live.entry), type: live.entry.type })
    })
  }

  async #finish(entry: MountRecord): Promise<void> {
    const data = this.#o.viewOf(entry.table, entry.uuid)
    for await (const key of keysBelow(data, '')) await data.delete(key)
    await deleteMount(this.#view, entry)
  }

  tune(
    entry: MountEntry,
    change: { readonly description?: string; readonly options?: Readonly<Record<string, string>>; readonly config?: Partial<MountConfig> },
  ): Promise<void> {
    return this.#serially(async () => {
      const live = this.#byAccessor.get(entry.accessor)
      if (live === undefined) throw faults.notFound()
      // An option without a value is taken away.
      const merged = Object.entries({ ...live.entry.options, ...change.options }).filter(([, value]) => value !== '')
      const options = change.options === undefined ? live.entry.options : Object.fromEntries(merged)
      const next: MountRecord = {
        ...live.entry,
        ...(change.description !== undefined && { description: change.description }),
        options,
        config: { ...live.entry.config, ...change.config },
      }
      const reopen = JSON.stringify(options) !== JSON.stringify(live.entry.options)
      const replaced = reopen ? this.#live(next) : { entry: next, backend: live.backend }
      await writeMount(this.#view, next)
      this.#put(replaced)
      if (reopen) await live.backend.close()
    })
  }

  /**
   * Moves a mount, to another namespace too: `target` are the mounts of that. `from` and `to` with `auth/` in front where they are auth
   * mounts. Rejects before anything is changed; `begun` is told when it may no longer.
   */
  move(from: string, target: Mounts, to: string, begun: () => void): Promise<void> {
    return this.#serially(() =>
      target === this ? this.#move(from, this, to, begun) : target.#serially(() => this.#move(from, target, to, begun)),
    )
  }

  async #move(from: string, target: Mounts, to: string, begun: () => void): Promise<void> {
    if (target.#ended) throw faults.namespaceNotFound()
    const live = this.#refuseMove(from, to)
    const table = live.entry.table
    const path = table === 'auth' ? to.slice('auth/'.length) : to
    const taken = target.#conflict(table, path)
    const inUse = taken === undefined ? target.#namespaceAt(table, path) : target.#o.namespace.path + fullPath({ table, path: taken })
    if (inUse !== undefined) throw faults.refused({ why: `path already in use at "${inUse}"` })
    begun()
    await this.#o.revokeLeases(from)
    const moved: MountRecord = { ...live.entry, path }
    if (target === this) {
      await writeMount(this.#view, moved)
      this.#byPath.delete(from)
      this.#put({ entry: moved, backend: live.backend })
      await this.#o.moved(this.#o.namespace.path + from, this.#o.namespace.path + fullPath(moved))
      return
    }
    const opened = target.#live(moved)
    await this.#o.all.transact(async tx => {
      await deleteMount(tx.sub(this.#o.tableAt), live.entry)
      await writeMount(tx.sub(target.#o.tableAt), moved)
    })
    this.#byPath.delete(from)
    this.#byAccessor.delete(moved.accessor)
    target.#put(opened)
    await this.#o.moved(this.#o.namespace.path + from, target.#o.namespace.path + fullPath(moved))
    await live.backend.close()
  }

  #refuseMove(source: string, target: string): LiveMount {
    const forbidden = (path: string): boolean =>
      path === 'auth/' || path === 'auth/token/' || PROTECTED.some(it => it !== 'auth/' && path.startsWith(it))
    if (forbidden(source)) throw faults.refused({ why: `cannot remount "${source}"` })
    if (forbidden(target)) throw faults.refused({ why: `cannot remount to destination ${target}` })
    if (source.startsWith('auth/') && !target.startsWith('auth/'))
      throw faults.refused({ why: `cannot remount auth mount to non-auth mount "${target}"` })
    if (!source.startsWith('auth/') && target.startsWith('auth/')) throw faults.refused({ why: `cannot remount to destination ${target}` })
    const live = this.#byPath.get(source)
    if (live === undefined) throw new NoSuchMount()
    return live
  }

  /** While `work` runs, no mount comes or goes. */
  unchanged<T>(work: () => Promise<T>): Promise<T> {
    return this.#serially(work)
  }

  /** Ends every mount of a namespace that is being deleted, with its data; their leases are gone already. */
  endAll(): Promise<void> {
    return this.#serially(async () => {
      this.#ended = true
      this.#byPath.clear()
      for (const live of this.#byAccessor.values()) {
        await writeMount(this.#view, { ...live.entry, tainted: true })
        await live.backend.close()
        this.#byAccessor.delete(live.entry.accessor)
        await this.#finish(live.entry)
      }
    })
  }

  #serially<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#changing.then(work, work)
    this.#changing = done.catch(() => undefined)
    return done
  }
}

/** What to call it is for who was asked: they know the path as it was given. */
export class NoSuchMount extends Error {}
