import { problemOf } from './kit/index.ts'
import type { Rule } from './rule.ts'
import { eachRuleBut } from './view/index.ts'

export const literalStar: Rule = {
  id: 'literal-star',
  severity: 'warning',
  doc: 'A * that is not the last character of a path.',
  why: 'Only a final * stands for anything; elsewhere it is compared as a character. One segment of any name is +.',
  bad: 'path "secret/data/*/db" {\n  capabilities = ["read"]\n}\n',
  good: 'path "secret/data/+/db" {\n  capabilities = ["read"]\n}\n',
  check: eachRuleBut(
    rule => rule.path.indexOf('*') >= rule.path.length - 1 || !rule.path.includes('*'),
    function* (rule) {
      const path = rule.path.replaceAll(/\{\{.*?\}\}/g, '')
      if (path.slice(0, -1).includes('*'))
        yield problemOf(rule, `only a final * is a wildcard: the other one in "${rule.rule.path}" is compared as it is`, {
          hint: 'write + for one segment of any name',
        })
    },
  ),
}
