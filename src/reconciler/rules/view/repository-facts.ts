import type { SourceFile, SourceRange } from '../../../kernel/index.ts'
import { classOf, restOf, textOf, type Address, type MountTable, type Resource } from '../../model/index.ts'

export interface MountFact {
  /** As in requests: `secret/`, `auth/approle/`. */
  readonly path: string
  readonly table: MountTable
  readonly type: string
  /** Of a kv mount. */
  readonly version: number | undefined
  readonly from: SourceRange
}

/** Something that gives policies to tokens. */
export interface Holder {
  readonly address: Address
  readonly resource: Resource
  /** Lower-cased names. */
  readonly policies: readonly string[]
  /** A token gets all of them; else each is one that may be asked for. */
  readonly together: boolean
  readonly from: SourceRange
  /** Where a policy's name stands. */
  nameAt(policy: string): SourceRange
}

export function mountsOf(resources: Iterable<Resource>): readonly MountFact[] {
  return [...resources].flatMap(({ address, kind, values, from }) => {
    if (kind !== 'mount') return []
    const table = classOf(address) as MountTable
    const options = (values['options'] ?? {}) as Readonly<Record<string, string>>
    const type = textOf(values['type'])
    const version = type === 'kv' ? Number(options['version'] ?? 1) : undefined
    return [{ path: table === 'auth' ? address : restOf(address), table, type, version, from }]
  })
}

/** Attributes that name policies, and whether a token gets them all. */
const givers: Readonly<Record<string, boolean>> = { token_policies: true, allowed_policies: false }

export function holdersOf(resources: Iterable<Resource>, fileOf: (path: string) => SourceFile | undefined): readonly Holder[] {
  return [...resources].flatMap(resource =>
    Object.entries(givers).flatMap(([attribute, together]): Holder[] => {
      const policies = resource.values[attribute]
      if (!Array.isArray(policies) || policies.length === 0) return []
      const at = resource.at[attribute] ?? resource.from
      const nameAt = (policy: string): SourceRange => narrowed(at, fileOf(at.file)?.text, policy)
      return [{ address: resource.address, resource, policies: policies as readonly string[], together, from: resource.from, nameAt }]
    }),
  )
}

/** The word within a range of a text; the whole range where it is written in another way. */
function narrowed(range: SourceRange, text: string | undefined, word: string): SourceRange {
  if (text === undefined) return range
  const { start, end } = range
  const escaped = word.replaceAll(/[\\^$.|?+()[\]{}*]/g, '\\$&')
  const found = new RegExp(`(?<![\\w./-])${escaped}(?![\\w./-])`, 'iu').exec(text.slice(start.offset, end.offset))
  if (found === null) return range
  const offset = start.offset + found.index
  const before = text.slice(0, offset)
  const line = before.split('\n').length
  const column = Array.from(before.slice(before.lastIndexOf('\n') + 1)).length + 1
  const length = Array.from(found[0]).length
  return { file: range.file, start: { line, column, offset }, end: { line, column: column + length, offset: offset + found[0].length } }
}
