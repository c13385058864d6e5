/**
 * Whether some path fits both patterns. In both a whole segment `+` is any one segment, and a final `*` anything that follows.
 */
export const overlap = (a: string, b: string): boolean => overlapping(a.split('/'), b.split('/'))

/** The same for paths that were cut at their slashes. */
export function overlapping(left: readonly string[], right: readonly string[]): boolean {
  for (let i = 0; ; i++) {
    const [one, other] = [left[i], right[i]]
    if (one === undefined || other === undefined) return one === other
    const [oneEnds, otherEnds] = [i === left.length - 1 && one.endsWith('*'), i === right.length - 1 && other.endsWith('*')]
    if (oneEnds || otherEnds) return begins(oneEnds ? one.slice(0, -1) : one, oneEnds, otherEnds ? other.slice(0, -1) : other, otherEnds)
    if (one !== other && one !== '+' && other !== '+') return false
  }
}

function begins(one: string, oneEnds: boolean, other: string, otherEnds: boolean): boolean {
  if (one === '+' || other === '+') return true
  if (oneEnds && otherEnds) return one.startsWith(other) || other.startsWith(one)
  return oneEnds ? other.startsWith(one) : one.startsWith(other)
}

/** Whether the first pattern fits whatever the second one does, as far as both have the same number of segments. */
export function covers(wide: readonly string[], narrow: readonly string[]): boolean {
  for (let i = 0; i < wide.length; i++) {
    const [one, other] = [wide[i] as string, narrow[i]]
    if (other === undefined) return false
    if (i === wide.length - 1 && one.endsWith('*')) return one === '*' || other.startsWith(one.slice(0, -1))
    if (one !== '+' && one !== other) return false
  }
  return wide.length === narrow.length && narrow.at(-1)?.endsWith('*') === false
}
