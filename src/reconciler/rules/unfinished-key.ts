import { rangeOfToken } from '../../hcl/index.ts'
import { problemIn } from './kit/index.ts'
import type { Rule } from './rule.ts'
import { keyText } from './view/index.ts'

export const unfinishedKey: Rule = {
  id: 'unfinished-key',
  severity: 'error',
  doc: 'The file ends behind key = without a value.',
  why: 'The server drops the key without a word, and a formatter deletes it: whatever was to follow is lost.',
  bad: 'path "secret/data/app" {\n  capabilities = ["read"]\n}\n\nname =\n',
  good: 'path "secret/data/app" {\n  capabilities = ["read"]\n}\n\nname = "app"\n',
  *check(view) {
    for (const { tree } of view.policies) {
      if (tree?.unfinished === undefined) continue
      yield problemIn(rangeOfToken(tree, tree.unfinished), `${keyText(tree, tree.unfinished)} has no value`, {
        hint: 'give it one, or remove it',
      })
    }
  },
}
