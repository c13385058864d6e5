import { rangeOf, rangeOfToken } from '../../hcl/index.ts'
import { hasNoParameters, parametersOf, problemIn, withParameter } from './kit/index.ts'
import type { Rule } from './rule.ts'
import { eachRuleBut } from './view/index.ts'

export const paramStarValue: Rule = {
  id: 'param-star-value',
  severity: 'warning',
  doc: 'A * in the values or the name of a parameter where it is no wildcard.',
  why: 'A value that is * alone is that character; inside of a value or in a name it is one too. Any value is the empty list, and only * at an end of a longer value stands for anything.',
  bad: withParameter('pki/issue/web', 'allowed_parameters', '"common_name" = ["*"]'),
  good: withParameter('pki/issue/web', 'allowed_parameters', '"common_name" = []'),
  check: eachRuleBut(hasNoParameters, function* (rule) {
    for (const { tree, token, name, values } of parametersOf(rule, 'allowed_parameters', 'denied_parameters')) {
      if (name !== '*' && name.includes('*'))
        yield problemIn(rangeOfToken(tree, token), `the * in the name ${name} is compared as it is`, {
          hint: 'name each parameter; "*" alone is all others',
        })
      if (name === '*') continue
      for (const { node, text } of values) {
        if (text === '*')
          yield problemIn(rangeOf(tree, node), `"*" allows ${name} to be that one character`, { hint: `write ${name} = [] for any value` })
        else if (text.slice(1, -1).includes('*'))
          yield problemIn(rangeOf(tree, node), `the * inside of "${text}" is compared as it is`, {
            hint: 'a * at the beginning or the end stands for anything',
          })
      }
    }
  }),
}
