import { Buffer } from 'node:buffer'
import { bytesOf } from './byte-text.ts'
import type { RuleKey } from './rule-key.ts'

/** Why one wildcard rule wins over another on a path that both match. In order; the first that differs decides. */
export type Precedence = 'later-wildcard' | 'no-final-star' | 'fewer-plus' | 'longer' | 'greater-text'

/** What the order of wildcard rules looks at. Lengths and positions are in bytes, as the server counts. */
export interface Weight {
  /** Where the first wildcard stands: any `+` counts, also one that is compared as it is written. */
  readonly wildcardAt: number
  readonly starred: boolean
  readonly plusSegments: number
  /** Without the final `*`. */
  readonly bytes: Buffer
}

export function weightOf({ kind, key }: RuleKey): Weight {
  if (kind === 'prefix') {
    const bytes = bytesOf(key)
    return { wildcardAt: bytes.length, starred: true, plusSegments: 0, bytes }
  }
  const starred = key.endsWith('*')
  const text = starred ? key.slice(0, -1) : key
  const bytes = bytesOf(text)
  return { wildcardAt: bytes.indexOf('+'), starred, plusSegments: text.split('/').filter(part => part === '+').length, bytes }
}

/** Positive if `a` wins. */
export function compareWeights(a: Weight, b: Weight): number {
  return (
    a.wildcardAt - b.wildcardAt ||
    Number(b.starred) - Number(a.starred) ||
    b.plusSegments - a.plusSegments ||
    a.bytes.length - b.bytes.length ||
    Buffer.compare(a.bytes, b.bytes)
  )
}

/** The reason for which `winner` comes before `loser`. */
export function precedenceOf(winner: Weight, loser: Weight): Precedence {
  if (winner.wildcardAt !== loser.wildcardAt) return 'later-wildcard'
  if (winner.starred !== loser.starred) return 'no-final-star'
  if (winner.plusSegments !== loser.plusSegments) return 'fewer-plus'
  return winner.bytes.length === loser.bytes.length ? 'greater-text' : 'longer'
}
