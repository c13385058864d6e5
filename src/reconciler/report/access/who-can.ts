import { ruleText } from '../../../policy/index.ts'
import { holderWord, type AskedRequest, type WhoCan } from '../../access/index.ts'
import { placeText } from '../../model/index.ts'
import { harmlessLine, type Paint } from '../paint.ts'

interface Row {
  readonly holder: string
  readonly kind: string
  readonly policies: readonly string[]
  readonly rule: string
  readonly places: readonly string[]
  /** Only some of its tokens may. */
  readonly depends: boolean
  readonly through: readonly string[]
}

function rowOf({ holder, answer, depends }: WhoCan): Row {
  const { decision } = answer.explanation
  const base = { holder: holder.address, kind: holderWord(holder.kind), through: holder.together ? [] : answer.policies }
  if (depends.length > 0) {
    return {
      ...base,
      policies: [...new Set(depends.map(it => it.policy.name))],
      rule: depends.map(it => it.rule.path).join(', '),
      places: depends.flatMap(it => (it.rule.at === undefined ? [] : placeText(it.rule.at))),
      depends: true,
    }
  }
  const granted = decision.allowed ? [...new Set(decision.grantedBy.map(it => it.name))] : []
  const sources = decision.rule?.sources.filter(it => granted.includes(it.policy.name)) ?? []
  return {
    ...base,
    policies: granted,
    rule: decision.rule === undefined ? '(everything)' : ruleText(decision.rule),
    places: sources.flatMap(it => (it.rule.at === undefined ? [] : placeText(it.rule.at))),
    depends: false,
  }
}

export function whoCanText(found: readonly WhoCan[], { op, path }: AskedRequest, notes: readonly string[], paint: Paint): string {
  const asked = `${op} ${harmlessLine(path)}`
  const lines = found.length === 0 ? [`nobody can ${asked}`] : [`who can ${asked}`, '', ...tableLines(found.map(rowOf))]
  return `${[...lines, ...notes.map(it => `${paint('yellow', 'note')}: ${harmlessLine(it)}`)].join('\n')}\n`
}

const HEADING = ['HOLDER', 'KIND', 'POLICY', 'RULE', 'WHERE']

function tableLines(rows: readonly Row[]): readonly string[] {
  const cells = rows.map(it => [
    it.holder,
    it.kind,
    it.policies.join(', '),
    `${it.rule}${it.depends ? ' (depends on the identity)' : ''}`,
    it.places.join(', '),
  ])
  const shown = [HEADING, ...cells].map(row => row.map(harmlessLine))
  const widths = HEADING.map((_, i) => Math.max(...shown.map(row => row[i]?.length ?? 0)))
  return shown.map(row => `  ${row.map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i] ?? 0))).join('  ')}`.trimEnd())
}

export function whoCanJson(found: readonly WhoCan[], { op, path }: AskedRequest, notes: readonly string[]): string {
  const holders = found.map(rowOf).map(it => ({
    holder: it.holder,
    kind: it.kind,
    granted_by: it.policies,
    rule: it.rule,
    places: it.places,
    depends_on_identity: it.depends,
    ...(it.through.length === 0 ? {} : { with_policies: it.through }),
  }))
  return `${JSON.stringify({ operation: op, path, holders, notes }, undefined, 2)}\n`
}
