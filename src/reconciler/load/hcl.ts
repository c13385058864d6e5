import type { Checked, Diagnostic, Json, SourceFile, SourceRange } from '../../kernel/index.ts'
import { parseConfig, type ConfigEntry, type ConfigNode, type ConfigValue } from '../../hcl/index.ts'
import { equalJson, errorAt, fileRange, finding, type MapEntry, type MapNode, type SourceNode, plainValue } from '../model/index.ts'
import { parseHcl2 } from './hcl2.ts'

/**
 * The same data as in a YAML file, in HCL:
 *
 *     type = "approle"
 *     tune { max_lease_ttl = "24h" }
 *     roles "ci" { token_policies = ["ci"] }
 *
 * Read twice: by our own parser, which knows where every word stands, and by HCL2's, which is what people's other tools read.
 * Where the two disagree (`010` is eight for the one and ten for the other) nobody could say what the file means, so it is refused.
 */
export function readHcl(file: SourceFile): Checked<SourceNode> {
  const ours = parseConfig(file)
  if (ours.value === undefined) return { findings: ours.findings }
  const findings: Diagnostic[] = []
  const value = bodyNode(ours.value, findings)
  if (findings.length > 0) return { findings }
  const theirs = parseHcl2(file.text)
  if (theirs === undefined)
    return { findings: [errorAt('LOAD0002', fileRange(file.name), 'the file is HCL1, but not HCL2, which other tools read')] }
  if (!equalJson(plainValue(value), unwrapped(theirs))) {
    return {
      findings: [errorAt('LOAD0002', fileRange(file.name), 'the file says one thing in HCL1 and another in HCL2; write it more plainly')],
    }
  }
  return value.entries.length === 0
    ? { findings: [errorAt('LOAD0002', fileRange(file.name), 'the file is empty')] }
    : { value, findings: [] }
}

/** HCL2 makes a list of every block, since there could be several; here there is one of each name and label. */
function unwrapped(value: Json): Json {
  if (typeof value !== 'object' || value === null) return value
  if (!Array.isArray(value)) return Object.fromEntries(Object.entries(value).map(([key, it]) => [key, unwrapped(it)]))
  const [only, second] = value as readonly Json[]
  return second === undefined && typeof only === 'object' && only !== null && !Array.isArray(only)
    ? unwrapped(only)
    : (value as readonly Json[]).map(unwrapped)
}

/** Blocks of one name are one map, keyed by their labels; a name that is given twice otherwise is a mistake. */
function bodyNode(body: ConfigNode, findings: Diagnostic[]): MapNode {
  const entries: MapEntry[] = []
  for (const entry of body.entries) {
    const made = entryNode(entry, findings)
    const at = entries.findIndex(it => it.key === made.key)
    const before = entries[at]
    if (before === undefined) entries.push(made)
    else if (entry.kind === 'block' && entry.labels.length > 0) entries[at] = joined(before, made, findings)
    else findings.push(twice(made, before))
  }
  return { is: 'map', entries, at: body.at }
}

function joined(before: MapEntry, more: MapEntry, findings: Diagnostic[]): MapEntry {
  if (before.value.is !== 'map' || more.value.is !== 'map') {
    findings.push(twice(more, before))
    return before
  }
  const entries = [...before.value.entries]
  for (const entry of more.value.entries) {
    const same = entries.find(it => it.key === entry.key)
    if (same === undefined) entries.push(entry)
    else findings.push(twice(entry, same))
  }
  return { ...before, value: { ...before.value, entries } }
}

const twice = (entry: MapEntry, first: MapEntry): Diagnostic =>
  finding('error', 'LOAD0006', `${entry.key} is given twice`, { at: entry.keyAt, related: [{ at: first.keyAt, note: 'here first' }] })

function entryNode(entry: ConfigEntry, findings: Diagnostic[]): MapEntry {
  if (entry.kind === 'attribute') return { key: entry.name, keyAt: entry.nameAt, value: valueNode(entry.value, findings) }
  const inner: SourceNode = bodyNode(entry.body, findings)
  const value = entry.labels.reduceRight<SourceNode>(
    (node, label) => ({ is: 'map', entries: [{ key: label.text, keyAt: label.at, value: node }], at: label.at }),
    inner,
  )
  return { key: entry.name, keyAt: entry.nameAt, value }
}

function valueNode(value: ConfigValue, findings: Diagnostic[]): SourceNode {
  const { at } = value
  switch (value.kind) {
    case 'object':
      return bodyNode(value.body, findings)
    case 'list':
      return { is: 'list', items: value.elements.map(it => valueNode(it, findings)), at }
    case 'null':
      return { is: 'scalar', value: null, at }
    case 'number':
      if (String(value.value) === value.source) return { is: 'scalar', value: value.value, at }
      return refused(at, 'expected a plain number; a text that looks like a number needs quotes', findings)
    case 'string':
      if (!/[$%]\{/.test(value.value)) return { is: 'scalar', value: value.value, at }
      return refused(at, 'expressions are not evaluated here', findings)
    default:
      return { is: 'scalar', value: value.value, at }
  }
}

function refused(at: SourceRange, summary: string, findings: Diagnostic[]): SourceNode {
  findings.push(errorAt('LOAD0002', at, summary))
  return { is: 'scalar', value: null, at }
}
