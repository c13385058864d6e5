/**
 * The namespaces as they are: a tree in memory, a record each in the store at `core/namespace/<uuid>`.
 *
 * States of a record: there → tainted → gone. A namespace that is tainted answers nothing, and is finished off at the next unseal if that was
 * cut short.
 */
import type { Clock, Random } from '../../../kernel/index.ts'
import { ROOT_NAMESPACE, type NamespaceFacts, type NamespaceRef, type View } from '../../logical/index.ts'
import { namespaceId } from '../identifier.ts'
import { encodeRecord, readRecord } from '../record.ts'
import { cleanPath } from './names.ts'

export interface NamespaceRecord {
  readonly id: string
  readonly uuid: string
  readonly path: string
  readonly metadata: Readonly<Record<string, string>>
  /** Epoch milliseconds. */
  readonly created: number
  readonly tainted?: boolean
  /** Hash of the key that unlocks it, while it is locked. */
  readonly lock?: string
}

/** The root one has no record: nothing of it can be changed. */
export class Namespace implements NamespaceRef {
  readonly id: string
  readonly path: string
  readonly parent: Namespace | undefined
  readonly children: Map<string, Namespace> = new Map()
  record: NamespaceRecord | undefined

  constructor(ref: NamespaceRef, parent: Namespace | undefined, record: NamespaceRecord | undefined) {
    this.id = ref.id
    this.path = ref.path
    this.parent = parent
    this.record = record
  }

  /** How ids of what is in it end; undefined: as they are. */
  get suffix(): string | undefined {
    return this.parent === undefined ? undefined : this.id
  }
  get name(): string {
    return this.path.slice(this.parent?.path.length ?? 0, -1)
  }
  get tainted(): boolean {
    return this.record?.tainted === true
  }
  /** The first locked one on the way from the root to here. */
  get lockedAt(): Namespace | undefined {
    return this.parent?.lockedAt ?? (this.record?.lock === undefined ? undefined : this)
  }
}

export const factsOf = (namespace: Namespace, record: NamespaceRecord): NamespaceFacts => ({
  id: namespace.id,
  path: namespace.path,
  uuid: record.uuid,
  locked: record.lock !== undefined,
  tainted: record.tainted === true,
  metadata: record.metadata,
})

const FOLDER = 'namespace/'

export class NamespaceTree {
  readonly root: Namespace = new Namespace(ROOT_NAMESPACE, undefined, undefined)
  readonly #byId = new Map<string, Namespace>()
  readonly #view: View
  readonly #clock: Clock
  readonly #random: Random

  /** `view`: that of `core/`. */
  constructor(view: View, clock: Clock, random: Random) {
    this.#view = view
    this.#clock = clock
    this.#random = random
  }

  async open(): Promise<void> {
    const uuids = await this.#view.list(FOLDER)
    const read = await Promise.all(uuids.map(uuid => readRecord<NamespaceRecord>(this.#view, FOLDER + uuid)))
    const records = read.filter(it => it !== undefined).sort((a, b) => depth(a.path) - depth(b.path))
    for (const record of records) {
      const steps = cleanPath(record.path)
      const parent = this.walk(steps.slice(0, -1))
      if (parent === undefined) throw new Error(`the store has a namespace "${record.path}", but not the one that it lies in`)
      this.add(new Namespace(record, parent, record))
    }
  }

  get size(): number {
    return this.#byId.size
  }
  all(): Iterable<Namespace> {
    return this.#byId.values()
  }
  /** `id`: as ids of what is in it end; undefined: the root one. */
  get(id: string | undefined): Namespace | undefined {
    return id === undefined ? this.root : this.#byId.get(id)
  }

  walk(steps: readonly string[], from: Namespace = this.root): Namespace | undefined {
    let at: Namespace | undefined = from
    for (const step of steps) at = at?.children.get(step)
    return at
  }

  /** As the first steps of a path say, as far as they are namespaces. */
  descend(from: Namespace, path: string): { readonly namespace: Namespace; readonly rest: string } {
    let namespace = from
    let start = 0
    for (;;) {
      const slash = path.indexOf('/', start)
      const child = slash < 0 ? undefined : namespace.children.get(path.slice(start, slash))
      if (child === undefined) return { namespace, rest: start === 0 ? path : path.slice(start) }
      namespace = child
      start = slash + 1
    }
  }

  fresh(parent: Namespace, name: string, metadata: NamespaceRecord['metadata']): Namespace {
    let id = namespaceId(this.#random)
    while (this.#byId.has(id)) id = namespaceId(this.#random)
    const path = `${parent.path}${name}/`
    const record = { id, uuid: this.#random.uuid(), path, metadata, created: this.#clock.now().getTime() }
    return new Namespace(record, parent, record)
  }

  add(namespace: Namespace): void {
    this.#byId.set(namespace.id, namespace)
    namespace.parent?.children.set(namespace.name, namespace)
  }

  remove(namespace: Namespace): void {
    this.#byId.delete(namespace.id)
    namespace.parent?.children.delete(namespace.name)
  }

  /** In the store first. */
  async keep(namespace: Namespace, record: NamespaceRecord): Promise<void> {
    await this.#view.put(FOLDER + record.uuid, encodeRecord(record))
    namespace.record = record
  }

  forget({ uuid }: NamespaceRecord): Promise<void> {
    return this.#view.delete(FOLDER + uuid)
  }
}

const depth = (path: string): number => path.split('/').length
