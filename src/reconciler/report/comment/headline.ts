import { escalations, isEmptyPlan, type Plan } from '../../model/index.ts'
import { summaryOf } from '../markdown.ts'

/** One line without Markdown: for a status, a check's title. */
export function planHeadline(plan: Plan): string {
  const dangers = escalations(plan.access).length
  const losses = plan.steps.filter(it => it.loses !== undefined).length
  const more = [
    ...(dangers === 0 ? [] : [`${dangers} ${dangers === 1 ? 'escalation' : 'escalations'} of access`]),
    ...(losses === 0 ? [] : [`${losses} ${losses === 1 ? 'loss' : 'losses'} of data`]),
    ...(plan.refusals.length === 0 ? [] : [`refused by ${[...new Set(plan.refusals.map(it => it.guard))].join(', ')}`]),
  ]
  const head = isEmptyPlan(plan) ? 'No changes' : summaryOf(plan)
  return more.length === 0 ? head : `${head}; ${more.join('; ')}`
}
