import type { Acl, IdentityFacts } from '../../../policy/index.ts'
import type { IdentityStore } from './store.ts'

/** An entity as requests need it: whether it may act at all, by which policies besides those of its token, and what templates may say of it. */
export interface Holder {
  readonly id: string
  readonly disabled: boolean
  /** Of the entity, then of its groups, each once. */
  readonly policies: readonly string[]
  readonly facts: IdentityFacts
  readonly groups: { readonly direct: readonly string[]; readonly inherited: readonly string[] }
  /** Compiled for this very holder, by the policies of the token: kept here so that they are forgotten with it. */
  readonly acls: Map<string, { readonly generation: number; readonly acl: Acl }>
}

const HELD = 4096

/**
 * The entities of the latest requests. What is read while something changes is used once and not kept, so that nothing stale outlives
 * the change; a group's change forgets them all, as any may be in it.
 */
export class Holders {
  readonly #store: IdentityStore
  readonly #namespace: string
  readonly #held = new Map<string, Holder>()
  #changes = 0

  /** `namespace`: path of the one that its groups are of. */
  constructor(store: IdentityStore, namespace: string) {
    this.#store = store
    this.#namespace = namespace
  }

  known(id: string): Holder | undefined {
    return this.#held.get(id)
  }

  async of(id: string): Promise<Holder | undefined> {
    const known = this.#held.get(id)
    if (known !== undefined) return known
    const changes = this.#changes
    const made = await this.#read(id)
    if (made === undefined || this.#changes !== changes) return made
    if (this.#held.size >= HELD) {
      const oldest = this.#held.keys().next()
      if (!oldest.done) this.#held.delete(oldest.value)
    }
    this.#held.set(id, made)
    return made
  }

  async #read(id: string): Promise<Holder | undefined> {
    const { view } = this.#store
    const entity =
      (await this.#store.entity(view, { by: 'id', id })) ??
      (await this.#store.entity(view, { by: 'id', id: (await this.#store.mergedInto(view, id)) ?? '' }))
    if (entity === undefined) return undefined
    const direct = await this.#store.groupsOf(view, entity.id)
    const inherited = await this.#store.above(view, direct)
    const found = await Promise.all([...direct, ...inherited].map(it => this.#store.group(view, { by: 'id', id: it })))
    const groups = found.filter(it => it !== undefined)
    return {
      id: entity.id,
      disabled: entity.disabled,
      policies: [...new Set([...entity.policies, ...groups.flatMap(it => it.policies)])],
      groups: { direct, inherited },
      facts: {
        entity: {
          id: entity.id,
          name: entity.name,
          metadata: entity.metadata ?? {},
          aliases: entity.aliases.map(it => ({
            id: it.id,
            name: it.name,
            mountAccessor: it.mountAccessor,
            metadata: it.metadata ?? {},
            customMetadata: it.customMetadata ?? {},
          })),
        },
        groups: groups.map(it => ({ id: it.id, name: it.name, metadata: it.metadata ?? {}, namespace: this.#namespace })),
      },
      acls: new Map(),
    }
  }

  /** An entity was changed or deleted. Merged ids lead to it too, so they go as well. */
  forget(id: string): void {
    this.#changes++
    this.#held.delete(id)
    for (const [at, holder] of this.#held) if (holder.id === id) this.#held.delete(at)
  }

  forgetAll(): void {
    this.#changes++
    this.#held.clear()
  }
}
