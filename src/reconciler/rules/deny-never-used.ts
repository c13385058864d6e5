import { answersOf, problemOf } from './kit/index.ts'
import type { Rule } from './rule.ts'
import { eachRuleBut, labelAt } from './view/index.ts'

export const denyNeverUsed: Rule = {
  id: 'deny-never-used',
  severity: 'error',
  doc: 'A deny that never answers.',
  why: 'A rule with + and a final * loses to one that ends in * where its first + stands: kv/* answers for everything below kv/, and kv/+/private/* for nothing. So the deny protects nothing.',
  bad: 'path "kv/*" {\n  capabilities = ["read"]\n}\n\npath "kv/+/private/*" {\n  capabilities = ["deny"]\n}\n',
  good: 'path "kv/+/*" {\n  capabilities = ["read"]\n}\n\npath "kv/+/private/+" {\n  capabilities = ["deny"]\n}\n',
  check: eachRuleBut(
    rule => !rule.isDeny,
    function* (rule, policy) {
      if (!rule.isDeny || policy.reach.rivals(rule).length === 0) return
      const { answers, instead } = answersOf(rule, policy)
      if (answers) return
      yield problemOf(rule, `the deny of "${rule.path}" never answers`, {
        hint: 'drop its final *, or deny below each longer prefix that is allowed',
        ...(instead === undefined ? {} : { related: [{ at: labelAt(instead), note: `"${instead.path}" answers in its place` }] }),
      })
    },
  ),
}
