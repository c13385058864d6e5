import type { ConfigBlock, ConfigEntry, ConfigNode, ConfigValue } from '../../hcl/index.ts'
import type { SourceRange } from '../../kernel/index.ts'

/** A block that says its type: `storage "lmdb" { … }`. */
export interface TypedBlock {
  readonly name: string
  readonly type: string
  readonly typeAt: SourceRange
  readonly nameAt: SourceRange
  /** Labels behind the type. */
  readonly more: readonly SourceRange[]
  readonly body: ConfigNode
}

/** The type is missing, or what stands there is no block. */
export interface Untyped {
  readonly name: string
  readonly nameAt: SourceRange
  readonly type: undefined
}

/**
 * The typed blocks that an entry means. In JSON, and in some people's HCL, the type is a key inside, and several blocks are a list:
 * `{"listener": [{"tcp": {…}}, {"tcp": {…}}]}`, `listener { tcp { … } }`.
 */
export function typedBlocks(entry: ConfigEntry): readonly (TypedBlock | Untyped)[] {
  const { name, nameAt } = entry
  const bodies = entry.kind === 'attribute' ? bodiesOf(entry.value) : [entry.body]
  if (bodies === undefined) return [{ name, nameAt, type: undefined }]
  if (entry.kind === 'block' && entry.labels.length > 0) return [labelled(entry)]
  return bodies.flatMap(body => nested(name, nameAt, body))
}

function labelled({ name, nameAt, labels, body }: ConfigBlock): TypedBlock {
  const [first, ...more] = labels
  return { name, nameAt, type: first?.text ?? '', typeAt: first?.at ?? nameAt, more: more.map(it => it.at), body }
}

function nested(name: string, nameAt: SourceRange, body: ConfigNode): readonly (TypedBlock | Untyped)[] {
  const found = body.entries.map((inner): readonly (TypedBlock | Untyped)[] => {
    const type = inner.name
    const bodies = inner.kind === 'attribute' ? bodiesOf(inner.value) : [inner.body]
    if (bodies === undefined || (inner.kind === 'block' && inner.labels.length > 0))
      return [{ name, nameAt: inner.nameAt, type: undefined }]
    return bodies.map(it => ({ name, nameAt, type, typeAt: inner.nameAt, more: [], body: it }))
  })
  return found.length === 0 ? [{ name, nameAt, type: undefined }] : found.flat()
}

function bodiesOf(value: ConfigValue): readonly ConfigNode[] | undefined {
  if (value.kind === 'object') return [value.body]
  if (value.kind !== 'list' || value.elements.length === 0) return undefined
  const bodies = value.elements.map(it => (it.kind === 'object' ? it.body : undefined))
  return bodies.includes(undefined) ? undefined : (bodies as readonly ConfigNode[])
}
