import { couldFit, explanationJson, lossText, reasonClass, reasonText } from '../../../policy/index.ts'
import type { Answer } from '../../access/index.ts'
import { harmlessLine, type Paint } from '../paint.ts'
import { droppedLine, ruleLine, sourceLines } from './rule-lines.ts'

export interface ExplainReport {
  readonly answer: Answer
  /** Of whom: addresses, or what is known of a token. */
  readonly of: readonly string[]
  /** Policies that are held and not known. */
  readonly unknown: readonly string[]
  /** What could not be looked at. */
  readonly notes: readonly string[]
}

export function explainText({ answer, of, unknown, notes }: ExplainReport, paint: Paint): string {
  const { explanation, query, policies } = answer
  const { decision, path, candidates } = explanation
  const lines: string[] = []
  const verdict = decision.allowed ? paint('green', 'allowed') : paint('red', 'denied')
  lines.push(`${verdict}: ${query.op} ${harmlessLine(path)}`)
  const reason = reasonClass(explanation, query.op)
  if (reason !== undefined) lines.push(`  ${reason}: ${harmlessLine(reasonText(explanation, query) ?? '')}`)
  if (decision.allowed && decision.root) lines.push('  a token with the policy root may do anything')
  if (query.sudoPath) lines.push('  the path is root-protected: it asks for sudo too')
  if (decision.allowed && decision.controlGroup !== undefined) lines.push('  a control group has to approve it first')
  if (decision.allowed && decision.limit !== undefined) lines.push(`  the list is cut after ${decision.limit} entries`)
  lines.push('')
  if (decision.rule !== undefined) {
    const granted = decision.allowed ? [...new Set(decision.grantedBy.map(it => it.name))] : []
    lines.push(`  ${paint('bold', 'rule')}  ${ruleLine(decision.rule)}`, ...sourceLines(decision.rule).map(it => `        ${it}`))
    if (granted.length > 0) lines.push(`        given by ${granted.map(harmlessLine).join(', ')}`)
  }
  for (const { rule, lost } of candidates) {
    if (lost === undefined) continue
    lines.push(`  ${paint('dim', 'lost')}  ${ruleLine(rule)}  (${lossText(lost)})`, ...sourceLines(rule).map(it => `        ${it}`))
  }
  for (const it of explanation.dropped) if (couldFit(it.rule.path, path)) lines.push(`  ${paint('yellow', 'gone')}  ${droppedLine(it)}`)
  lines.push(`  ${paint('dim', 'held')}  ${policies.length === 0 ? 'no policies' : policies.map(harmlessLine).join(', ')}${ofText(of)}`)
  for (const name of unknown)
    lines.push(`  ${paint('yellow', 'note')}  the policy ${harmlessLine(name)} is not known here, and gives nothing`)
  for (const note of notes) lines.push(`  ${paint('yellow', 'note')}  ${harmlessLine(note)}`)
  return `${lines.join('\n')}\n`
}

const ofText = (of: readonly string[]): string => (of.length === 0 ? '' : ` (${of.map(harmlessLine).join(', ')})`)

export function explainJson({ answer, of, unknown, notes }: ExplainReport): string {
  const { explanation, query, policies } = answer
  return `${JSON.stringify({ ...explanationJson(explanation, query), policies, of, unknown_policies: unknown, notes }, undefined, 2)}\n`
}
