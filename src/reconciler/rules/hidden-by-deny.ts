import { rangeOf } from '../../hcl/index.ts'
import { problemIn } from './kit/index.ts'
import type { Rule } from './rule.ts'
import { attributeOf, eachRuleBut, elementsOf } from './view/index.ts'

export const hiddenByDeny: Rule = {
  id: 'hidden-by-deny',
  severity: 'warning',
  doc: 'Other capabilities beside deny.',
  why: 'Where a rule says deny, nothing else in it counts. Words behind deny are not even looked at, so they may be misspelt.',
  bad: 'path "secret/data/app" {\n  capabilities = ["read", "deny"]\n}\n',
  good: 'path "secret/data/app" {\n  capabilities = ["deny"]\n}\n',
  check: eachRuleBut(
    rule => !rule.isDeny,
    function* (rule) {
      const others = elementsOf(rule.tree, attributeOf(rule, 'capabilities')).filter(it => it.text !== 'deny')
      const [first] = others
      if (first === undefined) return
      yield problemIn(rangeOf(rule.tree, first.node), `deny leaves nothing of ${others.map(it => it.text).join(', ')}`, {
        hint: 'write deny alone, or leave it out',
      })
    },
  ),
}
