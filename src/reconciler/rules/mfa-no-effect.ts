import { problemAt } from './kit/index.ts'
import type { Rule } from './rule.ts'
import { attributeOf, eachRuleBut } from './view/index.ts'

export const mfaNoEffect: Rule = {
  id: 'mfa-no-effect',
  severity: 'warning',
  doc: 'mfa_methods in a policy.',
  why: 'OpenBao and Lockstep read it and ask nobody for a second factor; what protects a login is a login enforcement.',
  bad: 'path "secret/data/app" {\n  capabilities = ["read"]\n  mfa_methods  = ["totp"]\n}\n',
  good: 'path "secret/data/app" {\n  capabilities = ["read"]\n}\n',
  check: eachRuleBut(
    rule => rule.rule.mfaMethods === undefined && !rule.isDeny,
    function* (rule) {
      if (attributeOf(rule, 'mfa_methods') !== undefined)
        yield problemAt(rule, 'mfa_methods', 'mfa_methods has no effect: no second factor is asked for', {
          hint: 'enforce it at the login',
        })
    },
  ),
}
