import { rangeOfToken } from '../../hcl/index.ts'
import { hasNoParameters, parametersOf, problemIn, withParameter } from './kit/index.ts'
import type { Rule } from './rule.ts'
import { eachRuleBut } from './view/index.ts'

export const paramStarNameValues: Rule = {
  id: 'param-star-name-values',
  severity: 'warning',
  doc: 'Values for the parameter *.',
  why: 'For all other parameters the server looks at no values: they are allowed, or denied, whatever they say.',
  bad: withParameter('pki/issue/web', 'allowed_parameters', '"*" = ["x"]'),
  good: withParameter('pki/issue/web', 'allowed_parameters', '"*" = []'),
  check: eachRuleBut(hasNoParameters, function* (rule) {
    for (const { tree, token, list, name, values } of parametersOf(rule, 'allowed_parameters', 'denied_parameters'))
      if (name === '*' && values.length > 0)
        yield problemIn(rangeOfToken(tree, token), `the values of "*" in ${list} do not count`, { hint: 'write "*" = []' })
  }),
}
