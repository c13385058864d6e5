import type { Step } from '../model/index.ts'
import { harmlessLine, type Paint } from './paint.ts'
import { symbolOf } from './step-lines.ts'

/** What an apply says of itself when it ends; the shape of apply's report, which this layer does not import. */
export interface AppliedFacts {
  readonly outcome: 'done' | 'moved' | 'failed'
  readonly done: readonly Step[]
  readonly failed: readonly { readonly step: Step; readonly message: string }[]
  readonly moved: readonly { readonly step: Step; readonly now: 'changed' | 'deleted' | 'created' }[]
  readonly rolledBack: readonly Step[]
  readonly kept: readonly { readonly step: Step; readonly why: string }[]
  readonly left: readonly Step[]
  readonly unknown: readonly string[]
  readonly ledger?: string
}

const NOW = {
  changed: 'is not as it was when the plan was made',
  deleted: 'was there when the plan was made, and is gone',
  created: 'was not there when the plan was made, and is now',
} as const

const MOST = 20

export function renderApplied(report: AppliedFacts, paint: Paint): string {
  const lines: string[] = []
  for (const { step, now } of report.moved) lines.push(`${paint('red', 'Moved')}: ${harmlessLine(step.address)} ${NOW[now]}`)
  for (const { step, message } of report.failed)
    lines.push(`${paint('red', 'Failed')}: ${harmlessLine(step.address)}: ${harmlessLine(message)}`)
  for (const address of report.unknown)
    lines.push(`${paint('yellow', 'Unknown')}: whether the server changed ${harmlessLine(address)}; the next plan tells`)
  if (report.rolledBack.length > 0) lines.push(...listed('Rolled back, as it was before:', report.rolledBack, paint))
  for (const { step, why } of report.kept)
    lines.push(`${paint('red', 'Not rolled back')}: ${harmlessLine(step.address)}: ${harmlessLine(why)}`)
  if (report.kept.length > 0 && report.done.length > 0) lines.push(...listed('Stays done, since that may need it:', report.done, paint))
  if (report.ledger !== undefined) lines.push(`${paint('red', 'Ledger')}: it could not be written: ${harmlessLine(report.ledger)}`)
  if (report.outcome === 'done') return [...lines, paint('green', `Apply complete: ${report.done.length} done.`), ''].join('\n')
  if (report.left.length > 0) lines.push(...listed('Left undone:', report.left, paint))
  const why = report.outcome === 'moved' ? 'the target has moved; make a new plan' : 'see above; it is safe to try again'
  const back = report.rolledBack.length === 0 ? '' : `${report.rolledBack.length} rolled back, `
  return [...lines, paint('red', `Apply stopped: ${report.done.length} done, ${back}${report.left.length} left: ${why}.`), ''].join('\n')
}

function listed(title: string, steps: readonly Step[], paint: Paint): readonly string[] {
  const rest = steps.length > MOST ? [`      and ${steps.length - MOST} more`] : []
  return [title, ...steps.slice(0, MOST).map(step => `${symbolOf(step, paint)} ${harmlessLine(step.address)}`), ...rest]
}

/** One line while it runs. @param left how long the rest will take, in words */
export const renderProgress = (step: Step, count: number, of: number, paint: Paint, left = ''): string =>
  `${paint('dim', `[${String(count).padStart(String(of).length)}/${of}${left}]`)}${symbolOf(step, paint)} ${harmlessLine(step.address)}\n`
