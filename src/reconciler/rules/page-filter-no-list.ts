import { problemAt, refusals } from './kit/index.ts'
import type { Problem, Rule } from './rule.ts'
import { eachRuleBut } from './view/index.ts'

const refused = refusals(it => it.code === 'HCL2011')
const idle = eachRuleBut(
  rule => rule.rule.paginationLimit === undefined,
  function* (rule) {
    if (rule.isDeny || rule.rule.paginationLimit === undefined || rule.can('list') || rule.can('scan')) return
    yield problemAt(rule, 'pagination_limit', `pagination_limit of "${rule.rule.path}" limits nothing: the rule allows no list`, {
      hint: 'add list to capabilities, or remove the limit',
      severity: 'warning',
    })
  },
)

export const pageFilterNoList: Rule = {
  id: 'page-filter-no-list',
  severity: 'error',
  doc: 'A limit or filter of lists on a rule that allows no list.',
  why: 'The server refuses a filter without list, or one that it cannot read. A pagination_limit without list or scan is taken and does nothing.',
  bad: 'path "secret/metadata/app" {\n  capabilities     = ["read"]\n  pagination_limit = 100\n}\n',
  good: 'path "secret/metadata/app" {\n  capabilities     = ["read", "list"]\n  pagination_limit = 100\n}\n',
  check: (view): readonly Problem[] => [...refused(view), ...idle(view)],
}
