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
  type Backend,
  type Host,
  type LeaseDefaults,
  type MountConfig,
  type MountEntry,
  type MountsPort,
  type MountWish,
  type RemountStatus,
  type View,
} from '../logical/index.ts'
import { mountAccessor } from './identifier.ts'
import { deleteMount, readMounts, writeMount, type MountRecord } from './mount-table.ts'
import { keysBelow } from './record.ts'

export interface MountsOptions {
  readonly engines: Readonly<Record<string, SecretsEngine>>
  readonly authMethods: Readonly<Record<string, AuthMethod>>
  /** Mounts that every server has; their types cannot be mounted again. */
  readonly builtIn: readonly BuiltIn[]
  readonly view: View
  /** Storage of one mount. */
  readonly viewOf: (table: 'secret' | 'auth', uuid: string) => View
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly serverDefaults: LeaseDefaults
  readonly passwordBy: Host['passwordBy']
  readonly revokeLeases: (prefix: string) => Promise<void>
  /** Whether there is a lease below a full path whose `internal` is as asked. */
  readonly someLease: (prefix: string, matches: (internal: Json) => boolean) => Promise<boolean>
  readonly strictReplies: boolean
}
export interface BuiltIn {
  readonly engine: SecretsEngine | AuthMethod
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

export class Mounts implements MountsPort {
  readonly #o: MountsOptions
  readonly #byPath = new Map<string, LiveMount>()
  readonly #byAccessor = new Map<string, LiveMount>()
  readonly #moves = new Map<string, RemountStatus>()
  /** Changes of the table run one after the other. */
  #changing: Promise<unknown> = Promise.resolve()

  constructor(options: MountsOptions) {
    this.#o = options
  }

  /** Opens every stored mount, making the built-in ones on first use. */
  async open(): Promise<void> {
    const stored = await readMounts(this.#o.view)
    for (const builtIn of this.#o.builtIn) {
      const { engine, path } = builtIn
      if (!stored.some(it => it.table === engine.table && it.path === path)) await this.#add(this.#builtInEntry(builtIn))
    }
    for (const entry of stored) {
      if (entry.tainted) await this.#finish(entry)
      else this.#install(entry)
    }
  }

  #builtInEntry({ engine, path, description, local, sealWrap, passthroughRequestHeaders }: BuiltIn): MountRecord {
    return {
      table: engine.table,
      path,
      type: engine.type,
      description,
      uuid: this.#o.random.uuid(),
      accessor: mountAccessor(this.#o.random, engine.table, engine.type),
      options: null,
      config: {
        defaultLeaseTtl: 0,
        maxLeaseTtl: 0,
        forceNoCache: false,
        ...(engine.table === 'auth' && { tokenType: 'default-service' }),
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

  resolve(path: string): MountEntry | undefined {
    return this.route(path)?.mount.entry
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

  knownTypes(table: 'secret' | 'auth'): readonly string[] {
    return Object.keys(table === 'auth' ? this.#o.authMethods : this.#o.engines)
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
      this.#o.log.write('info', 'enabled a mount', { path: fullPath({ table, path: at }), type: wish.type })
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
  }

  /** The mount that a new one at this place would lie on, in or around. */
  #conflict(table: 'secret' | 'auth', at: string): string | undefined {
    return this.list(table).find(it => at.startsWith(it.path) || it.path.startsWith(at))?.path
  }

  #engine(table: 'secret' | 'auth', type: string): SecretsEngine | AuthMethod | undefined {
    const builtIn = this.#o.builtIn.find(it => it.engine.table === table && it.engine.type === type)
    return builtIn?.engine ?? (table === 'auth' ? this.#o.authMethods[type] : this.#o.engines[type])
  }

  async #add(entry: MountRecord): Promise<void> {
    // Opened before it is stored: what cannot be opened is not mounted.
    const live = this.#live(entry)
    await writeMount(this.#o.view, entry)
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
    const { clock, random, log, strictReplies, passwordBy } = this.#o
    // What opens must see the entry that it is opened for, not the one that it replaces: kv takes its version from it.
    let isOpen = false
    const current = (): MountRecord => (isOpen ? this.#byAccessor.get(entry.accessor)?.entry : undefined) ?? entry
    const host: Host = {
      view: this.#o.viewOf(entry.table, entry.uuid),
      mount: () => ({ path: fullPath(current()), accessor: entry.accessor, type: entry.type, options: current().options ?? {} }),
      leaseDefaults: () => this.leaseDefaults(current()),
      passwordBy,
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
      await writeMount(this.#o.view, { ...live.entry, tainted: true })
      // Leases first, while the backend can still undo them; requests are refused from here on.
      this.#byPath.delete(fullPath(live.entry))
      try {
        await this.#o.revokeLeases(fullPath(live.entry))
      } catch (cause) {
        this.#byPath.set(fullPath(live.entry), live)
        await writeMount(this.#o.view, live.entry)
        throw cause
      }
      await live.backend.close()
      this.#byAccessor.delete(live.entry.accessor)
      await this.#finish(live.entry)
      this.#o.log.write('info', 'disabled a mount', { path: fullPath(live.entry), type: live.entry.type })
    })
  }

  async #finish(entry: MountRecord): Promise<void> {
    const data = this.#o.viewOf(entry.table, entry.uuid)
    for await (const key of keysBelow(data, '')) await data.delete(key)
    await deleteMount(this.#o.view, entry)
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
      await writeMount(this.#o.view, next)
      this.#put(replaced)
      if (reopen) await live.backend.close()
    })
  }

  /** `from` and `to` with `auth/` in front where they are auth mounts. */
  remount(from: string, to: string): Promise<RemountStatus> {
    return this.#serially(async () => {
      const source = withSlash(from)
      const target = withSlash(to)
      const forbidden = (path: string): boolean =>
        path === 'auth/' || path === 'auth/token/' || PROTECTED.some(it => it !== 'auth/' && path.startsWith(it))
      if (forbidden(source)) throw faults.refused({ why: `cannot remount "${source}"` })
      if (forbidden(target)) throw faults.refused({ why: `cannot remount to destination ${target}` })
      if (source.startsWith('auth/') && !target.startsWith('auth/'))
        throw faults.refused({ why: `cannot remount auth mount to non-auth mount "${target}"` })
      if (!source.startsWith('auth/') && target.startsWith('auth/'))
        throw faults.refused({ why: `cannot remount to destination ${target}` })
      const live = this.#byPath.get(source)
      if (live === undefined) throw faults.refused({ why: `no matching mount at "${source}"` })
      const table = live.entry.table
      const path = table === 'auth' ? target.slice('auth/'.length) : target
      const taken = this.#conflict(table, path)
      if (taken !== undefined) throw faults.refused({ why: `path already in use at "${fullPath({ table, path: taken })}"` })
      const id = this.#o.random.uuid()
      const status = (word: RemountStatus['status']): RemountStatus => ({ id, source, target, status: word })
      this.#moves.set(id, status('in-progress'))
      try {
        await this.#o.revokeLeases(source)
        const moved: MountRecord = { ...live.entry, path }
        await writeMount(this.#o.view, moved)
        this.#byPath.delete(source)
        this.#put({ entry: moved, backend: live.backend })
        this.#moves.set(id, status('success'))
        this.#o.log.write('info', 'moved a mount', { migration_id: id, from: source, to: target })
      } catch (cause) {
        this.#moves.set(id, status('failure'))
        throw cause
      }
      return this.#moves.get(id) as RemountStatus
    })
  }

  remountStatus(id: string): RemountStatus | undefined {
    return this.#moves.get(id)
  }

  #serially<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#changing.then(work, work)
    this.#changing = done.catch(() => undefined)
    return done
  }
}
