import { rangeOfToken } from '../../hcl/index.ts'
import { problemIn } from './kit/index.ts'
import type { Rule } from './rule.ts'
import { eachRuleBut, keyText } from './view/index.ts'

export const extraLabel: Rule = {
  id: 'extra-label',
  severity: 'error',
  doc: 'A path block with two paths.',
  why: 'The server reads the first and ignores the others.',
  bad: 'path "secret/data/a" "secret/data/b" {\n  capabilities = ["read"]\n}\n',
  good: 'path "secret/data/a" {\n  capabilities = ["read"]\n}\n\npath "secret/data/b" {\n  capabilities = ["read"]\n}\n',
  check: eachRuleBut(
    rule => rule.item.keys.length < 3,
    function* ({ tree, item }) {
      const extra = item.keys[2]
      if (extra !== undefined)
        yield problemIn(rangeOfToken(tree, extra), `the server ignores "${keyText(tree, extra)}"`, { hint: 'write a block for each path' })
    },
  ),
}
