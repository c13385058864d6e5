import { problemAt } from './kit/index.ts'
import type { Rule } from './rule.ts'
import { attributeOf, eachRuleBut } from './view/index.ts'

export const ttlNoLimit: Rule = {
  id: 'ttl-no-limit',
  severity: 'warning',
  doc: 'A wrapping limit that limits nothing.',
  why: 'Zero and what is less means that there is no limit, and a bare number counts whole seconds, so one below 1 is zero.',
  bad: 'path "secret/data/app" {\n  capabilities     = ["read"]\n  max_wrapping_ttl = 0.5\n}\n',
  good: 'path "secret/data/app" {\n  capabilities     = ["read"]\n  max_wrapping_ttl = "1s"\n}\n',
  check: eachRuleBut(
    rule => rule.isDeny,
    function* (rule) {
      for (const [key, value] of [
        ['min_wrapping_ttl', rule.rule.minWrappingTtl],
        ['max_wrapping_ttl', rule.rule.maxWrappingTtl],
      ] as const)
        if (attributeOf(rule, key) !== undefined && (value ?? 0) <= 0)
          yield problemAt(rule, key, `${key} of "${rule.path}" means no limit`, { hint: 'write at least "1s", or remove it' })
    },
  ),
}
