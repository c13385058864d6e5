import { rangeOf, tokenName } from '../../hcl/index.ts'
import { hasNoParameters, parametersOf, problemIn, withParameter } from './kit/index.ts'
import type { Rule } from './rule.ts'
import { eachRuleBut } from './view/index.ts'

export const paramNumberValue: Rule = {
  id: 'param-number-value',
  severity: 'error',
  doc: 'A number among the values of a parameter.',
  why: 'A number of a policy equals no number of a request, nor the same digits as a text: it is never allowed, and never denied.',
  bad: withParameter('auth/token/create', 'allowed_parameters', '"ttl" = [3600]'),
  good: withParameter('auth/token/create', 'allowed_parameters', '"ttl" = ["1h"]'),
  check: eachRuleBut(hasNoParameters, function* (rule) {
    for (const { tree, list, name, values } of parametersOf(rule, 'allowed_parameters', 'denied_parameters')) {
      for (const { node, text } of values) {
        const kind = tokenName(tree.tokens.kind(node.token))
        if (kind !== 'NUMBER' && kind !== 'FLOAT') continue
        yield problemIn(rangeOf(tree, node), `${text} never equals what a request says of ${name}`, {
          hint:
            list === 'denied_parameters'
              ? 'it denies nothing; write it as a text, and make clients send a text'
              : 'write it as a text, and make clients send a text',
        })
      }
    }
  }),
}
