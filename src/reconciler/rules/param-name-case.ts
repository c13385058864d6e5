import { rangeOfToken } from '../../hcl/index.ts'
import { hasNoParameters, problemIn } from './kit/index.ts'
import type { Rule } from './rule.ts'
import { attributeOf, eachRuleBut, keyText } from './view/index.ts'

export const paramNameCase: Rule = {
  id: 'param-name-case',
  severity: 'error',
  doc: 'Two parameter names that differ only in case.',
  why: 'The server folds names to lower case, so one of the two lists is lost, and which one is chance: the same file can mean either.',
  bad: 'path "pki/issue/web" {\n  capabilities = ["update"]\n  allowed_parameters = {\n    "common_name" = ["a.example"]\n    "Common_Name" = ["b.example"]\n  }\n}\n',
  good: 'path "pki/issue/web" {\n  capabilities = ["update"]\n  allowed_parameters = {\n    "common_name" = ["a.example", "b.example"]\n  }\n}\n',
  check: eachRuleBut(hasNoParameters, function* (rule) {
    for (const key of ['allowed_parameters', 'denied_parameters']) {
      const value = attributeOf(rule, key)?.value
      if (value?.kind !== 'object') continue
      const seen = new Map<string, string>()
      for (const { keys } of value.items) {
        const token = keys[0] as number
        const name = keyText(rule.tree, token)
        const before = seen.get(name.toLowerCase())
        if (before !== undefined && before !== name)
          yield problemIn(rangeOfToken(rule.tree, token), `${name} and ${before} in ${key} are one parameter to the server`, {
            hint: 'put their values into one list',
          })
        seen.set(name.toLowerCase(), name)
      }
    }
  }),
}
