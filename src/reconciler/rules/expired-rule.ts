import { problemAt } from './kit/index.ts'
import type { Rule } from './rule.ts'

export const expiredRule: Rule = {
  id: 'expired-rule',
  severity: 'warning',
  doc: 'A rule whose expiration has passed.',
  why: 'The server acts as if it were not there, also if it denied something.',
  bad: 'path "secret/data/app" {\n  capabilities = ["read"]\n  expiration   = "2020-01-31T00:00:00Z"\n}\n',
  good: 'path "secret/data/app" {\n  capabilities = ["read"]\n}\n',
  *check(view) {
    for (const policy of view.policies)
      for (const rule of policy.rules)
        if (rule.expired)
          yield problemAt(rule, 'expiration', `the rule for "${rule.rule.path}" has expired`, { hint: 'remove it, or move its expiration' })
  },
}
