import { ofFile } from './kit/index.ts'
import type { Rule } from './rule.ts'

const reserved: ReadonlySet<string> = new Set(['root', 'response-wrapping', 'control-group'])
const text = 'path "secret/data/app" {\n  capabilities = ["read"]\n}\n'

export const reservedName: Rule = {
  id: 'reserved-name',
  severity: 'error',
  doc: 'A policy with a name that the server keeps for itself.',
  why: 'The server refuses to write it.',
  bad: { 'policies/root.hcl': text },
  good: { 'policies/administrator.hcl': text },
  *check({ policies }) {
    for (const { name, file } of policies)
      if (reserved.has(name))
        yield ofFile(file.name, `${name} is built into the server and cannot be written`, { hint: 'give the file another name' })
  },
}
