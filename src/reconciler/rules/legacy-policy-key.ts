import { rangeOfToken, stringValue, type Capability } from '../../hcl/index.ts'
import { problemIn, replaced } from './kit/index.ts'
import type { Rule } from './rule.ts'
import { attributeOf, eachRuleBut } from './view/index.ts'

export const legacyPolicyKey: Rule = {
  id: 'legacy-policy-key',
  severity: 'note',
  doc: 'policy = "write" and the like, from before there were capabilities.',
  why: 'It stands for a fixed set of capabilities that does not grow: patch and scan are in none of them.',
  bad: 'path "secret/app" {\n  policy = "write"\n}\n',
  good: 'path "secret/app" {\n  capabilities = ["create", "read", "update", "delete", "list"]\n}\n',
  check: eachRuleBut(
    rule => !rule.attributes.has('policy'),
    function* (rule) {
      const item = attributeOf(rule, 'policy')
      if (item?.value.kind !== 'literal') return
      const token = item.keys[0] as number
      const words: readonly Capability[] = rule.rule.capabilities
      const said = stringValue(rule.tree, item.value.token) ?? ''
      const isFixable = said !== '' && attributeOf(rule, 'capabilities') === undefined && rule.tree.dialect === 'hcl' && item.assign !== -1
      const list = `[${words.map(it => `"${it}"`).join(', ')}]`
      yield problemIn(rangeOfToken(rule.tree, token), `policy = "${said}" is the old way to say capabilities = ${list}`, {
        hint: 'write the capabilities',
        ...(isFixable
          ? {
              fix: {
                title: 'write the same capabilities',
                safe: true,
                edits: [replaced(rule.tree, token, 'capabilities'), replaced(rule.tree, item.value.token, list)],
              },
            }
          : {}),
      })
    },
  ),
}
