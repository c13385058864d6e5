import { rangeOf } from '../../hcl/index.ts'
import { hasNoParameters, parametersOf, problemIn, withParameter } from './kit/index.ts'
import type { Rule } from './rule.ts'
import { eachRuleBut } from './view/index.ts'

/** Parameters that take one text with commas for a list. */
const lists: ReadonlySet<string> = new Set([
  'policies',
  'token_policies',
  'allowed_policies',
  'allowed_policies_glob',
  'disallowed_policies',
  'identity_policies',
  'member_entity_ids',
  'member_group_ids',
  'bound_cidrs',
  'token_bound_cidrs',
  'secret_id_bound_cidrs',
  'cidr_list',
  'allowed_roles',
  'allowed_domains',
  'alt_names',
  'ip_sans',
  'uri_sans',
  'other_sans',
])

export const paramListBypass: Rule = {
  id: 'param-list-bypass',
  severity: 'error',
  doc: 'A value with * for a parameter that takes a list as one text.',
  why: 'The pattern is compared with the text as a whole, before it is split: "team-a,admin" fits team-*, and gives admin.',
  bad: withParameter('auth/token/create', 'allowed_parameters', '"policies" = ["team-*"]'),
  good: withParameter('auth/token/create', 'allowed_parameters', '"policies" = ["team-a", "team-b"]'),
  check: eachRuleBut(hasNoParameters, function* (rule) {
    for (const { tree, list, name, values } of parametersOf(rule, 'allowed_parameters', 'denied_parameters')) {
      if (!lists.has(name.toLowerCase())) continue
      for (const { node, text } of values) {
        if (text.length < 2 || !(text.startsWith('*') || text.endsWith('*'))) continue
        const sent = text.startsWith('*') ? `admin,${text.replaceAll('*', 'x')}` : `${text.replaceAll('*', 'x')},admin`
        yield problemIn(
          rangeOf(tree, node),
          list === 'allowed_parameters'
            ? `"${text}" for ${name} lets "${sent}" through`
            : `"${text}" for ${name} does not stop "admin,${text.replaceAll('*', 'x')},other"`,
          { hint: `list every value of ${name} in full` },
        )
      }
    }
  }),
}
