import { type AccessOp, capabilityNames, neededCapability } from './capability.ts'
import type { AccessQuery } from './decision.ts'
import type { Explanation } from './explain.ts'
import { type DroppedRule, type MergedRule, type RuleSource, ruleText } from './rule.ts'
import { couldFit, lossText, reasonClass, reasonText } from './verdict.ts'

interface SourceJson {
  readonly policy: string
  /** Path of its namespace; absent: the root one. */
  readonly namespace?: string
  /** As it is written. */
  readonly path: string
  readonly file?: string
  readonly line?: number
  readonly column?: number
}

interface RuleJson {
  readonly path: string
  readonly kind: MergedRule['kind']
  readonly capabilities: readonly string[]
  readonly sources: readonly (SourceJson & { readonly part: RuleSource['part'] })[]
}

/** An explanation as documents and APIs show it; never a value of a parameter. */
export interface ExplanationJson {
  readonly allowed: boolean
  readonly operation: AccessOp
  readonly path: string
  /** The capability that the operation needs; absent for those that no capability gives. */
  readonly capability?: string
  readonly sudo_path: boolean
  readonly reason?: string
  readonly detail?: string
  readonly parameter?: string
  readonly root?: boolean
  readonly granted_by: readonly string[]
  readonly rule?: RuleJson
  readonly losers: readonly (RuleJson & { readonly lost: string; readonly why: string })[]
  /** Rules of the policies that take no part now, and could fit the path. */
  readonly dropped: readonly (SourceJson & { readonly why: string; readonly detail?: string })[]
}

export function explanationJson(explanation: Explanation, query: AccessQuery): ExplanationJson {
  const { decision, path, candidates, dropped } = explanation
  const capability = neededCapability(query.op)
  const reason = reasonClass(explanation, query.op)
  const detail = reasonText(explanation, query)
  const parameter = decision.allowed ? undefined : decision.parameter?.parameter
  const { rule } = decision
  return {
    allowed: decision.allowed,
    operation: query.op,
    path,
    ...(capability === undefined ? {} : { capability }),
    sudo_path: query.sudoPath,
    ...(reason === undefined ? {} : { reason }),
    ...(detail === undefined ? {} : { detail }),
    ...(parameter === undefined ? {} : { parameter }),
    ...(decision.allowed && decision.root ? { root: true } : {}),
    granted_by: decision.allowed ? [...new Set(decision.grantedBy.map(it => it.name))] : [],
    ...(rule === undefined ? {} : { rule: ruleJson(rule) }),
    losers: candidates.flatMap(it => (it.lost === undefined ? [] : [{ ...ruleJson(it.rule), lost: it.lost, why: lossText(it.lost) }])),
    dropped: dropped.filter(it => couldFit(it.rule.path, path)).map(droppedJson),
  }
}

const ruleJson = (rule: MergedRule): RuleJson => ({
  path: ruleText(rule),
  kind: rule.kind,
  capabilities: capabilityNames(rule.capabilities),
  sources: rule.sources.map(it => ({ ...sourceJson(it), part: it.part })),
})

function sourceJson({ policy, rule }: Pick<RuleSource, 'policy' | 'rule'>): SourceJson {
  return {
    policy: policy.name,
    ...(policy.namespace === '' ? {} : { namespace: policy.namespace }),
    path: rule.path,
    ...(rule.at === undefined ? {} : { file: rule.at.file, line: rule.at.start.line, column: rule.at.start.column }),
  }
}

const droppedJson = (it: DroppedRule): ExplanationJson['dropped'][number] => ({
  ...sourceJson(it),
  why: it.why.is,
  ...(it.why.is === 'unresolved' ? { detail: it.why.detail } : {}),
})
