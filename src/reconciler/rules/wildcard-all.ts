import { problemOf } from './kit/index.ts'
import type { Rule } from './rule.ts'
import { eachRuleBut } from './view/index.ts'

const all = /^(\*|\+\/\*|(\+\/)+\*)$/

export const wildcardAll: Rule = {
  id: 'wildcard-all',
  severity: 'warning',
  doc: 'A rule for everything.',
  why: 'It reaches every mount, also those that come later, and sys/ with them; in the root namespace it reaches all namespaces. With sudo, which is an error, its holder is root.',
  bad: 'path "*" {\n  capabilities = ["read", "list"]\n}\n',
  good: 'path "secret/data/*" {\n  capabilities = ["read"]\n}\n',
  check: eachRuleBut(
    rule => rule.isDeny || rule.rule.capabilities.length === 0 || !all.test(rule.path),
    function* (rule) {
      yield problemOf(rule, `"${rule.path}" fits every path of the server${rule.can('sudo') ? ', with sudo' : ''}`, {
        hint: 'name the mounts that are meant',
        ...(rule.can('sudo') ? { severity: 'error' as const } : {}),
      })
    },
  ),
}
