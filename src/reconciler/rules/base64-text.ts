import { isBase64 } from '../../hcl/index.ts'
import { ofFile } from './kit/index.ts'
import type { Rule } from './rule.ts'

export const base64Text: Rule = {
  id: 'base64-text',
  severity: 'error',
  doc: 'A file that is base64 as a whole.',
  why: 'The server decodes such a text before it keeps it: what is reviewed is not what holds.',
  bad: 'cGF0aCAic2VjcmV0L2RhdGEvYXBwIiB7CiAgY2FwYWJpbGl0aWVzID0gWyJyZWFkIl0KfQo=\n',
  good: 'path "secret/data/app" {\n  capabilities = ["read"]\n}\n',
  *check({ policies }) {
    for (const { file } of policies)
      if (file.text.trim() !== '' && isBase64(file.text))
        yield ofFile(file.name, 'the server takes this text for base64 and decodes it', { hint: 'write the policy in clear' })
  },
}
