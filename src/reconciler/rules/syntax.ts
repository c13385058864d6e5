import { ofFile, refusals } from './kit/index.ts'
import type { Rule } from './rule.ts'

const refused = refusals(it => it.code.startsWith('HCL1'))

export const syntax: Rule = {
  id: 'syntax',
  severity: 'error',
  doc: 'The text is not in the policy language.',
  why: 'The server refuses to write the policy, with these verdict and place.',
  bad: 'path "secret/data/app" {\n  capabilities = [read]\n}\n',
  good: 'path "secret/data/app" {\n  capabilities = ["read"]\n}\n',
  check: view => [
    ...refused(view),
    ...view.policies.flatMap(({ file }) => (file.text === '' ? ofFile(file.name, 'the file is empty, which no policy can be') : [])),
  ],
}
