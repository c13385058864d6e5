import type { Diagnostic, SourceFile } from '../../../kernel/index.ts'
import { decodePolicy, parseText, type HclTree, type PolicyDoc } from '../../../hcl/index.ts'
import { reachOf, type Reach } from './reach.ts'
import { ruleView, type RuleView } from './rule-view.ts'

export interface PolicyInput {
  readonly file: SourceFile
  /** As its file's name says it; the server folds it. */
  readonly name: string
  /** Only looked at where another one needs it: nothing is found in it. Its text may be read when it is first asked for. */
  readonly isContext?: boolean
}

/** A policy text with all that can be known of it alone. */
export interface PolicyView {
  readonly file: SourceFile
  readonly said: string
  readonly name: string
  /** Absent: not even the grammar is right. */
  readonly tree: HclTree | undefined
  /** Absent: the server would refuse the text. */
  readonly doc: PolicyDoc | undefined
  /** What the server would say. */
  readonly refusals: readonly Diagnostic[]
  /** In text order, with those that have expired. */
  readonly rules: readonly RuleView[]
  readonly now: Date
  /** Who answers where; worked out when it is first asked for. */
  readonly reach: Reach
}

export function viewPolicy({ file, name }: PolicyInput, now: Date): PolicyView {
  const parsed = parseText(file)
  const tree = parsed.ok ? parsed.value : undefined
  const decoded = parsed.ok ? decodePolicy(parsed.value, { now }) : { findings: parsed.refusals.map(it => it.finding) }
  const doc = decoded.value === undefined ? undefined : { ...decoded.value, name: name.toLowerCase() }
  const rules = tree === undefined || doc === undefined ? [] : rulesOf(tree, doc)
  let reach: Reach | undefined
  return {
    file,
    said: name,
    name: name.toLowerCase(),
    tree,
    doc,
    refusals: decoded.findings,
    rules,
    now,
    get reach() {
      return (reach ??= reachOf([{ name: name.toLowerCase(), rules }], now))
    },
  }
}

function rulesOf(tree: HclTree, doc: PolicyDoc): readonly RuleView[] {
  const rules = doc.rules.flatMap(it => (it.item === undefined ? [] : ruleView(tree, it, it.item, false)))
  if (doc.expired === undefined) return rules
  const all = [...rules, ...doc.expired.flatMap(it => (it.item === undefined ? [] : ruleView(tree, it, it.item, true)))]
  return all.sort((a, b) => (a.rule.at?.start.offset ?? 0) - (b.rule.at?.start.offset ?? 0))
}
