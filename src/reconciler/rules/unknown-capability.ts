import { foreignWords, quotedWord, refusals } from './kit/index.ts'
import type { Rule } from './rule.ts'

export const unknownCapability: Rule = {
  id: 'unknown-capability',
  severity: 'error',
  doc: 'A word that is no capability.',
  why: 'The server refuses to write the policy. There is no write: a write is a create where nothing is yet, and an update where something is.',
  bad: 'path "secret/data/app" {\n  capabilities = ["write"]\n}\n',
  good: 'path "secret/data/app" {\n  capabilities = ["create", "update", "patch"]\n}\n',
  check: refusals(it => it.code === 'HCL2007' && !foreignWords.has(quotedWord(it))),
}
