import { rangeOfToken } from '../../hcl/index.ts'
import { hasNoParameters, kv2PathOf, parametersOf, problemIn, withKv2, withParameter } from './kit/index.ts'
import type { Rule } from './rule.ts'
import { eachRuleBut } from './view/index.ts'

export const allowedParamsKv2: Rule = {
  id: 'allowed-params-kv2',
  severity: 'error',
  doc: 'allowed_parameters with the keys of a secret, on a kv mount of version 2.',
  why: 'Parameters are those of the request, which are data and options; what a secret holds stands inside of data and cannot be limited. So every write is refused.',
  bad: withKv2(withParameter('secret/data/app', 'allowed_parameters', '"password" = []')),
  good: withKv2(withParameter('secret/data/app', 'allowed_parameters', '"data" = []')),
  check: eachRuleBut(hasNoParameters, function* (rule, _policy, view) {
    if (rule.rule.allowedParameters === undefined || kv2PathOf(rule, view)?.part !== 'data') return
    for (const { tree, token, name } of parametersOf(rule, 'allowed_parameters')) {
      if (['data', 'options', '*', 'version'].includes(name.toLowerCase())) continue
      yield problemIn(rangeOfToken(tree, token), `a write of "${rule.path}" has no parameter ${name}: it has data and options`, {
        hint: 'the keys of a secret cannot be limited',
      })
    }
  }),
}
