import type { TypedBlock } from './block.ts'
import { codes, type Findings } from './findings.ts'
import type { StorageConfig } from './server-config.ts'
import { suggestion } from './word.ts'

/** What a store takes, as its registry entry says. */
export interface KnownStorage {
  readonly type: string
  readonly options: readonly { readonly name: string; readonly required: boolean }[]
}

/** Stores of the field, whose name in a file deserves better than "unknown". */
const FOREIGN = new Set([
  'raft',
  'file',
  'consul',
  'postgresql',
  'mysql',
  'etcd',
  's3',
  'gcs',
  'azure',
  'dynamodb',
  'zookeeper',
  'cassandra',
])

export function readStorage(block: TypedBlock, known: readonly KnownStorage[], findings: Findings): StorageConfig | undefined {
  const type = block.type.toLowerCase()
  const kind = known.find(it => it.type === type)
  const types = known.map(it => it.type)
  if (kind === undefined) {
    const summary = `storage "${block.type}" is not ${FOREIGN.has(type) ? 'supported' : 'known'}`
    findings.error(codes.badLabel, summary, block.typeAt, `expected one of ${types.join(', ')}`)
    return undefined
  }
  for (const at of block.more) findings.error(codes.badLabel, `storage "${type}" takes no second label`, at)
  const options: Record<string, string> = {}
  const names = kind.options.map(it => it.name)
  for (const entry of block.body.entries) {
    if (!names.includes(entry.name)) {
      findings.error(
        codes.unknownWord,
        `storage "${type}": unknown key "${entry.name}"`,
        entry.nameAt,
        names.length === 0 ? 'it takes none' : suggestion(entry.name, names),
      )
      continue
    }
    const text = entry.kind === 'attribute' ? textOf(entry.value) : undefined
    if (text === undefined) findings.error(codes.badValue, `storage "${type}": ${entry.name}: expected a string`, entry.nameAt)
    else options[entry.name] = text
  }
  for (const { name, required } of kind.options)
    if (required && !block.body.entries.some(it => it.name === name))
      findings.error(codes.missing, `storage "${type}": ${name} is missing`, block.nameAt)
  return { type, options, at: block.nameAt }
}

/** Stores and seals take strings only; a number and a switch have one spelling each. */
export function textOf(value: { readonly kind: string; readonly value?: unknown; readonly source?: string }): string | undefined {
  if (value.kind === 'string') return value.value as string
  if (value.kind === 'number') return value.source?.trim()
  return value.kind === 'bool' ? String(value.value) : undefined
}
