import { problemOf } from './kit/index.ts'
import type { Rule } from './rule.ts'
import { eachRuleBut } from './view/index.ts'

export const emptyRule: Rule = {
  id: 'empty-rule',
  severity: 'warning',
  doc: 'A rule without capabilities.',
  why: 'It allows nothing, and still answers for its path: whatever a wider rule would allow there is gone. If that is meant, deny says so.',
  bad: 'path "secret/data/app" {}\n',
  good: 'path "secret/data/app" {\n  capabilities = ["deny"]\n}\n',
  check: eachRuleBut(
    rule => rule.rule.capabilities.length > 0,
    function* (rule) {
      if (rule.rule.capabilities.length === 0)
        yield problemOf(rule, `"${rule.rule.path}" has no capabilities, and hides what wider rules allow there`, {
          hint: 'write capabilities = ["deny"] if that is meant',
        })
    },
  ),
}
