import { refusals } from './kit/index.ts'
import type { Rule } from './rule.ts'

const codes: ReadonlySet<string> = new Set(['HCL2001', 'HCL2002', 'HCL2004', 'HCL2008', 'HCL2009', 'HCL2010'])

export const badValue: Rule = {
  id: 'bad-value',
  severity: 'error',
  doc: 'A value that its key cannot have.',
  why: 'The server refuses to write the policy: a duration has no weeks, a list is no text, a control group needs its factors.',
  bad: 'path "secret/data/app" {\n  capabilities     = ["read"]\n  max_wrapping_ttl = "1w"\n}\n',
  good: 'path "secret/data/app" {\n  capabilities     = ["read"]\n  max_wrapping_ttl = "7d"\n}\n',
  check: refusals(it => codes.has(it.code)),
}
