import { nearest, type Diagnostic } from '../../kernel/index.ts'
import { MAX_FINDINGS, type HclTree, type Item, type Value } from '../parse/index.ts'
import { goQuote } from '../text/index.ts'
import { unreadable } from './decode.ts'
import { failure, listOf, type Failure } from './failure.ts'
import { entriesOf, nodeTypes, rangeOfKey, rangeOfNode, shownNode, type Entry } from './node.ts'

/** Refuses every key that is not in the list, which is case-sensitive; undefined when all are known. */
export function unknownKeys(tree: HclTree, entries: readonly Entry[], valid: readonly string[], where: string): Failure | undefined {
  let failures: Failure[] | undefined
  for (const entry of entries) {
    const { key } = entry
    if (key === undefined) return unreadable({ tree, about: 'a key' }, entry)
    if (valid.includes(key)) continue
    failures ??= []
    const peer = `invalid key ${goQuote(key)} on line ${entry.item.assign === -1 ? 0 : tree.tokens.line(entry.item.assign)}`
    const findings = failures.length < MAX_FINDINGS ? [unknownKey(tree, entry.item, key, valid, where)] : []
    failures.push({ ok: false, findings, peer: { kind: 'one', text: peer } })
  }
  return failures === undefined ? undefined : listOf(failures)
}

function unknownKey(tree: HclTree, item: Item, key: string, valid: readonly string[], where: string): Diagnostic {
  const near = nearest(key, valid)
  return {
    code: 'HCL2003',
    severity: 'error',
    summary: `unknown key ${JSON.stringify(key)} in ${where}`,
    detail: near === undefined ? `expected one of ${valid.join(', ')}` : `did you mean ${near}?`,
    at: rangeOfKey(tree, item, 0),
  }
}

/** The entries of a body; anything else cannot be asked for its keys. */
export function bodyEntries(tree: HclTree, value: Value, where: string): Entry[] | Failure {
  if (value.kind === 'object') return entriesOf(tree, value.items)
  const at = rangeOfNode(tree, value)
  const finding = {
    code: 'HCL2004',
    severity: 'error',
    summary: `expected { … } for ${where}, found ${shownNode(tree, value)}`,
    ...(at === undefined ? {} : { at }),
  } as const
  return failure(finding, `cannot check HCL keys of type ${nodeTypes[value.kind]}`)
}
