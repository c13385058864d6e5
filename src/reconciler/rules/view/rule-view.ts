import type { SourceRange } from '../../../kernel/index.ts'
import { capabilities, rangeOf, rangeOfToken, type Capability, type HclTree, type Item, type PathRule } from '../../../hcl/index.ts'
import { keyText } from './items.ts'

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
  /** What its body sets, by key. */
  readonly attributes: ReadonlyMap<string, Item>
  can(capability: Capability): boolean
}

export function ruleView(tree: HclTree, rule: PathRule, item: Item, expired: boolean): RuleView {
  const path = rule.path.startsWith('/') ? rule.path.slice(1) : rule.path
  let attributes: ReadonlyMap<string, Item> | undefined
  // Asked for by most rules, of each path.
  const bits = rule.capabilities.reduce((sum, it) => sum | bitOf(it), 0)
  return {
    rule,
    tree,
    item,
    path,
    segments: path.split('/'),
    expired,
    isDeny: rule.capabilities.includes('deny'),
    isTemplated: path.includes('{{'),
    get attributes() {
      return (attributes ??= attributesOf(tree, item))
    },
    can: capability => (bits & bitOf(capability)) !== 0,
  }
}

const bitOf = (capability: Capability): number => 1 << capabilities.indexOf(capability)

export const labelToken = ({ item }: RuleView): number => item.keys[1] ?? (item.keys[0] as number)

/** Where the rule's path stands. */
export const labelAt = (it: RuleView): SourceRange => rangeOfToken(it.tree, labelToken(it))

/** `key = …` in the rule's body. */
export const attributeOf = ({ attributes }: RuleView, key: string): Item | undefined => attributes.get(key)

/** Of a key that is there twice, the last one. */
function attributesOf(tree: HclTree, { value }: Item): ReadonlyMap<string, Item> {
  const found = new Map<string, Item>()
  if (value.kind !== 'object') return found
  for (const it of value.items) if (it.keys.length === 1) found.set(keyText(tree, it.keys[0] as number), it)
  return found
}

/** Where the value of `key` stands, or the rule's path if it is not there. */
export function rangeAt(it: RuleView, key: string): SourceRange {
  const item = attributeOf(it, key)
  return item === undefined ? labelAt(it) : rangeOf(it.tree, item.value)
}
