import { refusals } from './kit/index.ts'
import type { Rule } from './rule.ts'

export const unknownKey: Rule = {
  id: 'unknown-key',
  severity: 'error',
  doc: 'A key or block that the server does not know.',
  why: 'The server refuses to write the policy. Case matters: it knows capabilities, and not Capabilities.',
  bad: 'path "secret/data/app" {\n  capabilties = ["read"]\n}\n',
  good: 'path "secret/data/app" {\n  capabilities = ["read"]\n}\n',
  check: refusals(it => it.code === 'HCL2003'),
}
