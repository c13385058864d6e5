import { problemOf, quoted, replaced } from './kit/index.ts'
import type { Rule } from './rule.ts'
import { eachRuleBut, labelToken } from './view/index.ts'

export const leadingSlash: Rule = {
  id: 'leading-slash',
  severity: 'note',
  doc: 'A path that begins with a slash.',
  why: 'The server takes it away, so /x and x are the same rule; searches and other tools take them for two.',
  bad: 'path "/secret/data/app" {\n  capabilities = ["read"]\n}\n',
  good: 'path "secret/data/app" {\n  capabilities = ["read"]\n}\n',
  check: eachRuleBut(
    rule => !rule.rule.path.startsWith('/') || rule.path.startsWith('/') || rule.item.keys.length < 2 || rule.path === '',
    function* (rule) {
      const text = quoted(rule.path)
      yield problemOf(rule, `"${rule.rule.path}" is the same as "${rule.path}"`, {
        hint: 'write it without the slash',
        ...(text === undefined
          ? {}
          : { fix: { title: 'remove the slash', safe: true, edits: [replaced(rule.tree, labelToken(rule), text)] } }),
      })
    },
  ),
}
