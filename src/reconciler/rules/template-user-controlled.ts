import { problemOf } from './kit/index.ts'
import type { Rule } from './rule.ts'
import { eachRuleBut } from './view/index.ts'

export const templateUserControlled: Rule = {
  id: 'template-user-controlled',
  severity: 'warning',
  doc: 'A template whose value comes from the login: the name or metadata of an alias.',
  why: 'Whoever may choose a user name there chooses a part of the path. A name with / + or * makes the whole token unusable, and where the policy was written with allow_wildcards or allow_slashes, it opens other paths (GHSA-59w7-v8rr-pr4p).',
  bad: 'path "kv/{{identity.entity.aliases.auth_userpass_1234.name}}/*" {\n  capabilities = ["read"]\n}\n',
  good: 'path "kv/{{identity.entity.id}}/*" {\n  capabilities = ["read"]\n}\n',
  check: eachRuleBut(
    rule => !rule.isTemplated,
    function* (rule) {
      const selector = /\{\{\s*(identity\.entity\.aliases\.[^.}]+\.(?:name|metadata\.|custom_metadata\.)[^}]*?)\s*\}\}/.exec(rule.path)?.[1]
      if (selector !== undefined)
        yield problemOf(rule, `"${selector}" is chosen at the login`, { hint: 'use identity.entity.id or metadata that an operator sets' })
    },
  ),
}
