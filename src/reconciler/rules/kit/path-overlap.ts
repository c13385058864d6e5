/**
 * Whether some path fits both patterns. In both a whole segment `+` is any one segment, and a final `*` anything that follows.
 */
export function overlap(a: string, b: string): boolean {
  const [left, right] = [a.split('/'), b.split('/')]
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
