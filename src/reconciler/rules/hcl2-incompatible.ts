import { rangeOfToken, tokenName, tokenText, type HclTree, type Item } from '../../hcl/index.ts'
import { problemIn, replaced } from './kit/index.ts'
import type { Problem, Rule } from './rule.ts'
import { keyText } from './view/index.ts'

const WORD = /^[A-Za-z_][\w-]*$/

/** `isMap`: the items stand in `= { … }`, where both languages take quoted keys. */
function foreignIn(tree: HclTree, items: readonly Item[], isMap: boolean, found: Problem[]): void {
  for (const { keys, assign, value } of items) {
    const [key, ...labels] = keys as readonly [number, ...number[]]
    if (!isMap && tokenName(tree.tokens.kind(key)) === 'STRING') found.push(quotedKey(tree, key))
    for (const label of labels) {
      const problem = foreignLabel(tree, label)
      if (problem !== undefined) found.push(problem)
    }
    if (value.kind === 'object') foreignIn(tree, value.items, assign !== -1, found)
  }
}

function quotedKey(tree: HclTree, key: number): Problem {
  const word = keyText(tree, key)
  return problemIn(rangeOfToken(tree, key), `HCL2 takes no quoted key here: ${tokenText(tree, key)}`, {
    hint: 'write it without quotes, or the map with =',
    ...(WORD.test(word) ? { fix: { title: 'remove the quotes', safe: true, edits: [replaced(tree, key, word)] } } : {}),
  })
}

function foreignLabel(tree: HclTree, label: number): Problem | undefined {
  const text = tokenText(tree, label)
  if (/[$%]\{/.test(text))
    return problemIn(rangeOfToken(tree, label), `HCL2 would take a part of ${text} for an expression`, {
      hint: 'the server compares it as it is',
    })
  if (!/\\(x|[0-7]{3})/.test(text)) return undefined
  return problemIn(rangeOfToken(tree, label), `HCL2 knows no such escape: ${text}`, {
    hint: 'write the character, or \\u and four digits',
  })
}

export const hcl2Incompatible: Rule = {
  id: 'hcl2-incompatible',
  severity: 'note',
  doc: 'Something that the server takes and HCL2 does not.',
  why: 'Editors, formatters and pipelines read policies with parsers of HCL2, a newer language, and stop at quoted keys and at some escapes.',
  bad: 'path "secret/data/app" {\n  "capabilities" = ["read"]\n}\n',
  good: 'path "secret/data/app" {\n  capabilities = ["read"]\n}\n',
  check(view) {
    const found: Problem[] = []
    for (const { tree, doc } of view.policies) if (tree?.dialect === 'hcl' && doc !== undefined) foreignIn(tree, tree.items, false, found)
    return found
  },
}
