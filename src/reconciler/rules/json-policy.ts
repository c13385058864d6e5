import { ofFile } from './kit/index.ts'
import type { Rule } from './rule.ts'

export const jsonPolicy: Rule = {
  id: 'json-policy',
  severity: 'note',
  doc: 'A policy in JSON.',
  why: 'It has no comments and cannot be formatted, and the server reads that form so leniently that it hides mistakes.',
  bad: '{"path": {"secret/data/app": {"capabilities": ["read"]}}}\n',
  good: 'path "secret/data/app" {\n  capabilities = ["read"]\n}\n',
  *check(view) {
    for (const { tree, file } of view.policies)
      if (tree?.dialect === 'json') yield ofFile(file.name, 'the policy is JSON', { hint: 'write it as path "…" { … }' })
  },
}
