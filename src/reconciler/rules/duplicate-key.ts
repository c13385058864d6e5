import { rangeOfToken, type HclTree, type Item } from '../../hcl/index.ts'
import { problemIn } from './kit/index.ts'
import type { Problem, Rule } from './rule.ts'
import { keyText } from './view/index.ts'

/** Whoever repeats one of these means another one each time. */
const repeatable: ReadonlySet<string> = new Set(['path', 'factor', 'control_group'])

function repeated(tree: HclTree, items: readonly Item[], found: Problem[]): void {
  if (items.length > 1) {
    const first = new Map<string, number>()
    for (const { keys } of items) {
      const token = keys[0] as number
      const key = keyText(tree, token)
      const before = first.get(key)
      if (before === undefined) first.set(key, token)
      else if (!repeatable.has(key)) {
        found.push(
          problemIn(rangeOfToken(tree, token), `${key} is set twice`, {
            hint: 'write it once: lists are added together, of anything else the last one counts',
            related: [{ at: rangeOfToken(tree, before), note: 'here first' }],
          }),
        )
      }
    }
  }
  for (const { value } of items) if (value.kind === 'object') repeated(tree, value.items, found)
}

export const duplicateKey: Rule = {
  id: 'duplicate-key',
  severity: 'error',
  doc: 'The same key twice in one body.',
  why: 'OpenBao adds lists together and keeps the last of other values, its formatter refuses the file, and newer versions of Vault refuse the policy.',
  bad: 'path "secret/data/app" {\n  capabilities = ["read"]\n  capabilities = ["update"]\n}\n',
  good: 'path "secret/data/app" {\n  capabilities = ["read", "update"]\n}\n',
  check(view) {
    const found: Problem[] = []
    for (const { tree } of view.policies) if (tree?.dialect === 'hcl') repeated(tree, tree.items, found)
    return found
  },
}
