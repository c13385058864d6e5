import { problemOf } from './kit/index.ts'
import type { Rule } from './rule.ts'
import { eachRuleBut } from './view/index.ts'

const known: readonly RegExp[] = [
  /^identity\.entity\.(id|name|metadata\..+)$/,
  /^identity\.entity\.aliases\.[^.]+\.(id|name|metadata\..+|custom_metadata\..+)$/,
  /^identity\.groups\.(ids|names)\.[^.]+\.(id|name|metadata\..+)$/,
  /^time\.now(\.(plus|minus)\..+)?$/,
]

export const unknownSelector: Rule = {
  id: 'unknown-selector',
  severity: 'warning',
  doc: 'A template in a path asks for something that no token has.',
  why: 'The server takes the policy, and the rule never takes part: what cannot be resolved is dropped without a word. The metadata of a token is not that of its entity.',
  bad: 'path "secret/data/{{token.metadata.team}}/*" {\n  capabilities = ["read"]\n}\n',
  good: 'path "secret/data/{{identity.entity.metadata.team}}/*" {\n  capabilities = ["read"]\n}\n',
  check: eachRuleBut(
    rule => !rule.isTemplated,
    function* (rule) {
      for (const [, inside = ''] of rule.rule.path.matchAll(/\{\{(.*?)\}\}/g)) {
        const selector = inside.trim()
        if (known.some(it => it.test(selector))) continue
        yield problemOf(rule, `"${selector}" in "${rule.rule.path}" is no selector, so the rule never counts`, {
          hint: 'there are identity.entity.…, identity.groups.ids.ID.… or names.NAME.…, and time.now',
        })
      }
    },
  ),
}
