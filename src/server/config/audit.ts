import type { ConfigEntry, ConfigNode, ConfigValue } from '../../hcl/index.ts'
import type { SourceRange } from '../../kernel/index.ts'
import { codes, type Findings } from './findings.ts'
import type { AuditConfig } from './server-config.ts'
import { readWords, suggestion, word, type Words } from './word.ts'

interface Values {
  readonly type?: string
  readonly path?: string
  readonly description?: string
  readonly local?: boolean
}
const words: Words<Values> = { type: word.text, path: word.text, description: word.text, local: word.bool }

/**
 * The audit devices that an entry declares: `audit "file" "main" { … }`; without labels type and path stand inside; and in JSON the
 * type is a key, and the path one inside of it.
 */
export function readAudit(entry: ConfigEntry, types: readonly string[], findings: Findings): readonly AuditConfig[] {
  const one = (body: ConfigNode, type: string | undefined, path: string | undefined): readonly AuditConfig[] => {
    const made = readDevice(body, type, path, entry.nameAt, types, findings)
    return made === undefined ? [] : [made]
  }
  const bodies = entry.kind === 'block' ? [entry.body] : bodiesOf(entry.value)
  if (bodies === undefined) {
    findings.error(codes.badLabel, 'audit needs a type and a path', entry.nameAt, 'write audit "file" "PATH" { … }')
    return []
  }
  if (entry.kind === 'block' && entry.labels.length > 0) {
    const [type, path, ...more] = entry.labels
    for (const { at } of more) findings.error(codes.badLabel, 'audit takes no third label', at)
    return one(entry.body, type?.text, path?.text)
  }
  return bodies.flatMap(body => {
    if (body.entries.some(it => it.name === 'type' || it.name === 'options')) return one(body, undefined, undefined)
    return inside(body).flatMap(([type, node]) => inside(node).flatMap(([path, device]) => one(device, type, path)))
  })
}

const inside = (body: ConfigNode): readonly (readonly [string, ConfigNode])[] =>
  body.entries.flatMap(it => ((it.kind === 'block' ? [it.body] : bodiesOf(it.value)) ?? []).map(node => [it.name, node] as const))

function bodiesOf(value: ConfigValue): readonly ConfigNode[] | undefined {
  if (value.kind === 'object') return [value.body]
  if (value.kind !== 'list') return undefined
  const bodies = value.elements.map(it => (it.kind === 'object' ? it.body : undefined))
  return bodies.includes(undefined) ? undefined : (bodies as readonly ConfigNode[])
}

function readDevice(
  body: ConfigNode,
  typeLabel: string | undefined,
  pathLabel: string | undefined,
  at: SourceRange,
  types: readonly string[],
  findings: Findings,
): AuditConfig | undefined {
  const attributes = body.entries.flatMap(it => (it.kind === 'attribute' && it.name !== 'options' ? [it] : []))
  const { values } = readWords(attributes, words, 'audit', findings)
  const options: Record<string, string> = {}
  for (const it of body.entries) {
    if (it.name === 'options') readOptions(it, options, findings)
    else if (it.kind === 'block')
      findings.error(
        codes.unknownBlock,
        `audit: unknown block "${it.name}"`,
        it.nameAt,
        suggestion(it.name, ['options', ...Object.keys(words)]),
      )
  }
  const type = typeLabel ?? values.type ?? ''
  const path = (pathLabel ?? values.path ?? '').replace(/^\/+|\/+$/g, '')
  if (type === '' || path === '') {
    findings.error(codes.badLabel, 'audit needs a type and a path', at, 'write audit "file" "PATH" { … }')
    return undefined
  }
  if (!types.includes(type)) {
    findings.error(codes.badLabel, `audit "${type}" is not known`, at, `expected one of ${types.join(', ')}`)
    return undefined
  }
  return { type, path, description: values.description ?? '', local: values.local ?? false, options, at }
}

function readOptions(entry: ConfigEntry, into: Record<string, string>, findings: Findings): void {
  const body = entry.kind === 'block' ? entry.body : entry.value.kind === 'object' ? entry.value.body : undefined
  if (body === undefined) return findings.error(codes.badValue, 'audit: options: expected { … }', entry.nameAt)
  for (const it of body.entries) {
    if (it.kind === 'attribute' && it.value.kind === 'string') into[it.name] = it.value.value
    else findings.error(codes.badValue, `audit: options: ${it.name}: expected a string`, it.nameAt, 'quote it')
  }
  return undefined
}
