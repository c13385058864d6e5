import { kv2Parts, kv2PathOf, problemOf, withKv2 } from './kit/index.ts'
import type { Rule } from './rule.ts'
import { eachRule } from './view/index.ts'

export const kv2Data: Rule = {
  id: 'kv2-data',
  severity: 'warning',
  doc: 'A path below a kv mount of version 2 without data/, metadata/ or another part of its API.',
  why: 'The command line adds data/ to the path of a secret, and a policy does not: such a rule allows nothing. A deny like this denies nothing, which is an error.',
  bad: withKv2('path "secret/app" {\n  capabilities = ["read"]\n}\n'),
  good: withKv2('path "secret/data/app" {\n  capabilities = ["read"]\n}\n'),
  check: eachRule(function* (rule, _policy, view) {
    const kv = kv2PathOf(rule, view)
    if (kv === undefined || kv.part === '' || kv.part === '+' || kv.part === '*' || kv2Parts.has(kv.part)) return
    if (kv.part.endsWith('*') && kv.rest === '' && [...kv2Parts].some(it => it.startsWith(kv.part.slice(0, -1)))) return
    const below = [kv.part, kv.rest].filter(it => it !== '').join('/')
    yield problemOf(rule, `${kv.mount} has versions, so "${rule.path}" is no path of a secret`, {
      hint: `write ${kv.mount}data/${below} for secrets, ${kv.mount}metadata/${below} for their names`,
      ...(rule.isDeny ? { severity: 'error' as const } : {}),
    })
  }),
}
