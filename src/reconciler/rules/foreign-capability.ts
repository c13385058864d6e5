import { foreignWords, quotedWord, refusals } from './kit/index.ts'
import type { Rule } from './rule.ts'

export const foreignCapability: Rule = {
  id: 'foreign-capability',
  severity: 'error',
  doc: 'A capability that only Vault knows.',
  why: 'Vault takes subscribe and recover; OpenBao and Lockstep refuse the whole policy.',
  bad: 'path "sys/events/subscribe/kv" {\n  capabilities = ["read", "subscribe"]\n}\n',
  good: 'path "sys/events/subscribe/kv" {\n  capabilities = ["read"]\n}\n',
  check: refusals(it => it.code === 'HCL2007' && foreignWords.has(quotedWord(it))),
}
