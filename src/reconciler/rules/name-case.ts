import { ofFile } from './kit/index.ts'
import type { Rule } from './rule.ts'

const text = 'path "secret/data/app" {\n  capabilities = ["read"]\n}\n'

export const nameCase: Rule = {
  id: 'name-case',
  severity: 'warning',
  doc: 'A policy file with upper case letters in its name.',
  why: 'The server folds names to lower case. So the policy has another name than its file, and two files may be one policy.',
  bad: { 'policies/App-Read.hcl': text },
  good: { 'policies/app-read.hcl': text },
  *check({ policies }) {
    for (const { name, said, file } of policies)
      if (name !== said) yield ofFile(file.name, `the server calls this policy ${name}`, { hint: 'rename the file' })
  },
}
