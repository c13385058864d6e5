import { refusals } from './kit/index.ts'
import type { Rule } from './rule.ts'

export const badTemplate: Rule = {
  id: 'bad-template',
  severity: 'error',
  doc: 'A path has {{ without }}, or the reverse.',
  why: 'The server refuses to write the policy.',
  bad: 'path "secret/data/{{identity.entity.id/*" {\n  capabilities = ["read"]\n}\n',
  good: 'path "secret/data/{{identity.entity.id}}/*" {\n  capabilities = ["read"]\n}\n',
  check: refusals(it => it.code === 'HCL2005'),
}
