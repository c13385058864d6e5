import { problemAt } from './kit/index.ts'
import type { Rule } from './rule.ts'
import { attributeOf, eachRuleBut } from './view/index.ts'

const looked = ['create', 'read', 'update', 'patch'] as const

export const paramsOnListDelete: Rule = {
  id: 'params-on-list-delete',
  severity: 'note',
  doc: 'Limits of parameters on a rule that only lists or deletes.',
  why: 'The server looks at parameters of reads and writes alone; here the limits do nothing.',
  bad: 'path "kv/app" {\n  capabilities = ["delete"]\n  required_parameters = ["reason"]\n}\n',
  good: 'path "kv/app" {\n  capabilities = ["delete"]\n}\n',
  check: eachRuleBut(
    rule => rule.isDeny || rule.rule.capabilities.length === 0 || looked.some(it => rule.can(it)),
    function* (rule) {
      for (const key of ['allowed_parameters', 'denied_parameters', 'required_parameters'])
        if (attributeOf(rule, key) !== undefined)
          yield problemAt(rule, key, `${key} of "${rule.path}" is never looked at`, { hint: 'remove it' })
    },
  ),
}
