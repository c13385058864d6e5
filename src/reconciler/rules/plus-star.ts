import { refusals } from './kit/index.ts'
import type { Rule } from './rule.ts'

export const plusStar: Rule = {
  id: 'plus-star',
  severity: 'error',
  doc: 'A path holds +*.',
  why: 'The server refuses to write the policy. What is meant is +/*: everything below any one segment.',
  bad: 'path "secret/data/+*" {\n  capabilities = ["read"]\n}\n',
  good: 'path "secret/data/+/*" {\n  capabilities = ["read"]\n}\n',
  check: refusals(it => it.code === 'HCL2006'),
}
