import type { RuleKind } from './rule.ts'

export interface RuleKey {
  readonly kind: RuleKind
  readonly key: string
}

/**
 * Says what kind of rule a path text is (after templating). The test for a segment rule looks for `/+` anywhere, so
 * `x/+foo` is one too, although its `+foo` is then compared as it is written. A text with `+*` has no meaning: undefined.
 */
export function ruleKeyOf(text: string, namespace: string): RuleKey | undefined {
  const full = namespace + (text.startsWith('/') ? text.slice(1) : text)
  if (full.includes('+*')) return undefined
  if (full === '+' || full.includes('/+') || full.startsWith('+/')) return { kind: 'segment', key: full }
  return full.endsWith('*') ? { kind: 'prefix', key: full.slice(0, -1) } : { kind: 'exact', key: full }
}
