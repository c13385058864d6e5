import type { AliasFacts, EntityFacts, GroupFacts, IdentityFacts } from '../../policy/index.ts'

/** What a text that should be a selector of a template is not. */
export class UnknownSelector extends Error {}

type Pairs = Record<string, string>

interface AliasDraft {
  id: string
  name: string
  metadata: Pairs
  custom: Pairs
}

interface GroupDraft {
  id: string
  name: string
  metadata: Pairs
}

const EXPECTED =
  'expected identity.entity.id, .name, .metadata.KEY, .aliases.ACCESSOR.name (.id, .metadata.KEY, .custom_metadata.KEY), or identity.groups.names.NAME.id (.name, .metadata.KEY), identity.groups.ids.ID.name'

/**
 * Who asks, told by what templates in policies ask for: `identity.entity.name` → `ann`, `identity.entity.metadata.team` → `payments`.
 * The leading `identity.` may be left out. Undefined for no values at all.
 * @throws UnknownSelector
 */
export function identityFacts(values: Iterable<readonly [string, string]>): IdentityFacts | undefined {
  const draft = new IdentityDraft()
  let isEmpty = true
  for (const [selector, value] of values) {
    isEmpty = false
    if (!draft.set(selector.replace(/^identity\./, ''), value)) throw new UnknownSelector(`"${selector}" is no selector; ${EXPECTED}`)
  }
  return isEmpty ? undefined : draft.facts()
}

class IdentityDraft {
  readonly #entity = { id: '', name: '', metadata: {} as Pairs }
  readonly #aliases = new Map<string, AliasDraft>()
  readonly #groups = new Map<string, GroupDraft>()

  set(selector: string, value: string): boolean {
    const [, entity] = /^entity\.(id|name)$/s.exec(selector) ?? []
    if (entity === 'id' || entity === 'name') return fill(this.#entity, entity, value)
    const [, key] = /^entity\.metadata\.(.+)$/s.exec(selector) ?? []
    if (key !== undefined) return put(this.#entity.metadata, key, value)
    const [, accessor, aliasField] = /^entity\.aliases\.([^.]+)\.(.+)$/s.exec(selector) ?? []
    if (accessor !== undefined && aliasField !== undefined) return setAlias(this.#alias(accessor), aliasField, value)
    const [, by, which, groupField] = /^groups\.(ids|names)\.([^.]+)\.(.+)$/s.exec(selector) ?? []
    if (which === undefined || groupField === undefined) return false
    return setGroup(this.#group(by === 'ids' ? { id: which, name: '' } : { id: '', name: which }), groupField, value)
  }

  #alias(accessor: string): AliasDraft {
    const made = this.#aliases.get(accessor) ?? { id: '', name: '', metadata: {}, custom: {} }
    this.#aliases.set(accessor, made)
    return made
  }

  #group({ id, name }: { readonly id: string; readonly name: string }): GroupDraft {
    const key = `${id} ${name}`
    const made = this.#groups.get(key) ?? { id, name, metadata: {} }
    this.#groups.set(key, made)
    return made
  }

  facts(): IdentityFacts {
    const aliases = [...this.#aliases].map(([mountAccessor, it]): AliasFacts => {
      return { id: it.id, name: it.name, mountAccessor, metadata: it.metadata, customMetadata: it.custom }
    })
    const entity: EntityFacts = { ...this.#entity, aliases }
    const groups: readonly GroupFacts[] = [...this.#groups.values()]
    return { entity, groups }
  }
}

function put(map: Pairs, key: string, value: string): boolean {
  map[key] = value
  return true
}

function fill(draft: { id: string; name: string }, field: 'id' | 'name', value: string): boolean {
  draft[field] = value
  return true
}

function setAlias(alias: AliasDraft, field: string, value: string): boolean {
  if (field === 'id' || field === 'name') return fill(alias, field, value)
  const [, key] = /^metadata\.(.+)$/s.exec(field) ?? []
  if (key !== undefined) return put(alias.metadata, key, value)
  const [, custom] = /^custom_metadata\.(.+)$/s.exec(field) ?? []
  return custom !== undefined && put(alias.custom, custom, value)
}

function setGroup(group: GroupDraft, field: string, value: string): boolean {
  if (field === 'id' || field === 'name') return fill(group, field, value)
  const [, key] = /^metadata\.(.+)$/s.exec(field) ?? []
  return key !== undefined && put(group.metadata, key, value)
}
