import { problemOf } from './kit/index.ts'
import type { Rule } from './rule.ts'
import { eachPolicy, labelAt, type RuleView } from './view/index.ts'

export const duplicatePath: Rule = {
  id: 'duplicate-path',
  severity: 'note',
  doc: 'Two rules for the same path in one policy.',
  why: 'The server makes one of them: capabilities add up, a deny wins over everything, and limits of the one hold for the other too.',
  bad: 'path "secret/data/app" {\n  capabilities = ["read"]\n}\n\npath "secret/data/app" {\n  capabilities = ["list"]\n}\n',
  good: 'path "secret/data/app" {\n  capabilities = ["read", "list"]\n}\n',
  check: eachPolicy(function* ({ rules }) {
    if (rules.length < 2) return
    const first = new Map<string, RuleView>()
    for (const rule of rules) {
      if (rule.expired) continue
      const before = first.get(rule.path)
      if (before === undefined) first.set(rule.path, rule)
      else
        yield problemOf(rule, `"${rule.path}" has a rule already`, {
          hint: 'write one rule with both',
          related: [{ at: labelAt(before), note: 'here first' }],
        })
    }
  }),
}
