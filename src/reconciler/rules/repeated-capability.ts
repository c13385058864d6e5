import { rangeOf } from '../../hcl/index.ts'
import { problemIn, withoutElement } from './kit/index.ts'
import type { Rule } from './rule.ts'
import { attributeOf, eachRule, elementsOf } from './view/index.ts'

export const repeatedCapability: Rule = {
  id: 'repeated-capability',
  severity: 'note',
  doc: 'The same capability twice in one list.',
  why: 'The second one does nothing; it may stand in the place of another word that was meant.',
  bad: 'path "secret/data/app" {\n  capabilities = ["read", "read"]\n}\n',
  good: 'path "secret/data/app" {\n  capabilities = ["read"]\n}\n',
  check: eachRule(function* (rule) {
    const item = attributeOf(rule, 'capabilities')
    // Those of the rule are without repetition.
    if (item?.value.kind !== 'list' || item.value.elements.length === rule.rule.capabilities.length) return
    const seen = new Set<string>()
    for (const { node, text, index } of elementsOf(rule.tree, item)) {
      if (!seen.has(text)) {
        seen.add(text)
        continue
      }
      const edit = withoutElement(rule.tree, item.value, index)
      yield problemIn(rangeOf(rule.tree, node), `${text} is there already`, {
        hint: 'remove it',
        ...(edit === undefined ? {} : { fix: { title: `remove the second ${text}`, safe: true, edits: [edit] } }),
      })
    }
  }),
}
