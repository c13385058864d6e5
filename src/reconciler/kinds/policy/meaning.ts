import { parsePolicy, type PathRule } from '../../../hcl/index.ts'

/** Rules that expired by then do not count; none expires before the epoch, so that two texts are compared whole. */
const WHENEVER = new Date(0)

/** The rules of a text in a form that two texts share exactly if they say the same; undefined for a text that says nothing clear. */
function meaning(text: string): string | undefined {
  const { value } = parsePolicy({ name: 'policy', text }, { now: WHENEVER })
  if (value === undefined) return undefined
  return JSON.stringify(value.rules.map(withoutPlace), (_key, it: unknown) => (it instanceof Map ? [...it] : it))
}

function withoutPlace(rule: PathRule): Omit<PathRule, 'at' | 'item'> {
  const { at: _at, item: _item, capabilities, ...rest } = rule
  return { ...rest, capabilities: capabilities.toSorted() }
}

/** Two texts that differ in comments and layout only. */
export function saysTheSame(before: string, after: string): boolean {
  const said = meaning(before)
  return said !== undefined && said === meaning(after)
}
