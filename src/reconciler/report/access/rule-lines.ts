import { capabilityNames, ruleText, type DroppedRule, type MergedRule, type RuleSource } from '../../../policy/index.ts'
import { placeText } from '../../model/index.ts'
import { harmlessLine } from '../paint.ts'

/** `secret/data/payments/*  read, list`. */
export function ruleLine(rule: MergedRule): string {
  const capabilities = capabilityNames(rule.capabilities)
  return `"${harmlessLine(ruleText(rule))}"  ${capabilities.length === 0 ? 'no capabilities' : capabilities.join(', ')}`
}

const PARTS: Readonly<Record<RuleSource['part'], string>> = {
  first: '',
  merged: ', merged with it',
  denies: ', which makes it a denial',
  ignored: ', without effect beside the denial',
}

/** Where the rules stand that it is made of: `payments-read, policies/payments-read.hcl:2:1`. */
export const sourceLines = (rule: MergedRule): readonly string[] => rule.sources.map(it => `${placeOf(it)}${PARTS[it.part]}`)

function placeOf({ policy, rule }: Pick<RuleSource, 'policy' | 'rule'>): string {
  return rule.at === undefined ? harmlessLine(policy.name) : `${harmlessLine(policy.name)}, ${harmlessLine(placeText(rule.at))}`
}

export function droppedLine(it: DroppedRule): string {
  const why = it.why.is === 'expired' ? 'has expired' : `cannot be resolved: ${it.why.detail}`
  return `"${harmlessLine(it.rule.path)}"  ${harmlessLine(why)} (${placeOf(it)})`
}
