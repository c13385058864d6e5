import type { SourceRange } from '../../../kernel/index.ts'
import { rangeOf, rangeOfToken, type Capability, type HclTree, type Item, type PathRule } from '../../../hcl/index.ts'
import { listItem } from './items.ts'

/** One `path "…" { … }` of a policy. */
export interface RuleView {
  readonly rule: PathRule
  readonly tree: HclTree
  readonly item: Item
  /** Without the one leading slash that the server takes away. */
  readonly path: string
  readonly segments: readonly string[]
  readonly expired: boolean
  readonly isDeny: boolean
  readonly isTemplated: boolean
  can(capability: Capability): boolean
}

export function ruleView(tree: HclTree, rule: PathRule, item: Item, expired: boolean): RuleView {
  const path = rule.path.startsWith('/') ? rule.path.slice(1) : rule.path
  return {
    rule,
    tree,
    item,
    path,
    segments: path.split('/'),
    expired,
    isDeny: rule.capabilities.includes('deny'),
    isTemplated: path.includes('{{'),
    can: capability => rule.capabilities.includes(capability),
  }
}

export const labelToken = ({ item }: RuleView): number => item.keys[1] ?? (item.keys[0] as number)

/** Where the rule's path stands. */
export const labelAt = (it: RuleView): SourceRange => rangeOfToken(it.tree, labelToken(it))

/** `key = …` in the rule's body. */
export const attributeOf = ({ tree, item }: RuleView, key: string): Item | undefined =>
  item.value.kind === 'object' ? listItem(tree, item.value.items, key) : undefined

/** Where the value of `key` stands, or the rule's path if it is not there. */
export function rangeAt(it: RuleView, key: string): SourceRange {
  const item = attributeOf(it, key)
  return item === undefined ? labelAt(it) : rangeOf(it.tree, item.value)
}
