import { problemOf, quoted, replaced } from './kit/index.ts'
import type { Rule } from './rule.ts'
import { eachRuleBut, labelToken } from './view/index.ts'

export const doubleLeadingSlash: Rule = {
  id: 'double-leading-slash',
  severity: 'error',
  doc: 'A path that begins with two slashes.',
  why: 'The server takes one slash away and compares the other, which no request has: the rule never matches.',
  bad: 'path "//secret/data/app" {\n  capabilities = ["read"]\n}\n',
  good: 'path "secret/data/app" {\n  capabilities = ["read"]\n}\n',
  check: eachRuleBut(
    rule => !rule.path.startsWith('/'),
    function* (rule) {
      const text = quoted(rule.path.replace(/^\/+/, ''))
      yield problemOf(rule, `"${rule.rule.path}" never matches: no request begins with a slash`, {
        hint: 'write the path without slashes in front',
        // What never matched would begin to: somebody has to want that.
        ...(text === undefined
          ? {}
          : { fix: { title: 'remove the slashes', safe: false, edits: [replaced(rule.tree, labelToken(rule), text)] } }),
      })
    },
  ),
}
