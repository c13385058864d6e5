import { rangeOfToken } from '../../hcl/index.ts'
import { problemIn } from './kit/index.ts'
import type { Rule } from './rule.ts'
import { eachRuleBut } from './view/index.ts'

export const noLabel: Rule = {
  id: 'no-label',
  severity: 'error',
  doc: 'A path block without a path.',
  why: 'The server takes it for a rule about a path whose name is the word path.',
  bad: 'path {\n  capabilities = ["read"]\n}\n',
  good: 'path "secret/data/app" {\n  capabilities = ["read"]\n}\n',
  check: eachRuleBut(
    rule => rule.item.keys.length > 1,
    function* ({ tree, item }) {
      if (item.keys.length === 1)
        yield problemIn(rangeOfToken(tree, item.keys[0] as number), 'the block names no path', {
          hint: 'write path "secret/data/app" { … }',
        })
    },
  ),
}
