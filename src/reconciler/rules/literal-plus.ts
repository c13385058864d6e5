import { problemOf } from './kit/index.ts'
import type { Rule } from './rule.ts'
import { eachRuleBut } from './view/index.ts'

export const literalPlus: Rule = {
  id: 'literal-plus',
  severity: 'warning',
  doc: 'A + that is not a whole segment.',
  why: 'Only a segment that is + and nothing else matches any name; inside of a name it is compared as a character, and still lowers the rank of the rule.',
  bad: 'path "secret/data/+-prod/db" {\n  capabilities = ["read"]\n}\n',
  good: 'path "secret/data/+/db" {\n  capabilities = ["read"]\n}\n',
  check: eachRuleBut(
    rule => !rule.path.includes('+'),
    function* (rule) {
      const part = rule.path
        .replaceAll(/\{\{.*?\}\}/g, '')
        .split('/')
        .find(it => it.includes('+') && it !== '+')
      if (part !== undefined)
        yield problemOf(rule, `the + in "${part}" is compared as it is`, { hint: 'only a whole segment + stands for any name' })
    },
  ),
}
