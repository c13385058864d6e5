import { Buffer } from 'node:buffer'
import { compareUtf8 } from '../kernel/index.ts'
import type { RuleKey } from './rule-key.ts'

/** Why one wildcard rule wins over another on a path that both match. In order; the first that differs decides. */
export type Precedence = 'later-wildcard' | 'no-final-star' | 'fewer-plus' | 'longer' | 'greater-text'

/** What the order of wildcard rules looks at. Lengths and positions are in UTF-8 bytes, as the server counts. */
export interface Weight {
  /** Where the first wildcard stands: any `+` counts, also one that is compared as it is written. */
  readonly wildcardAt: number
  readonly starred: boolean
  readonly plusSegments: number
  readonly length: number
  /** Without the final `*`. */
  readonly text: string
}

export function weightOf({ kind, key }: RuleKey): Weight {
  const starred = kind === 'prefix' || key.endsWith('*')
  const text = kind === 'segment' && starred ? key.slice(0, -1) : key
  const length = Buffer.byteLength(text)
  if (kind === 'prefix') return { wildcardAt: length, starred, plusSegments: 0, length, text }
  return {
    wildcardAt: Buffer.byteLength(key.slice(0, key.indexOf('+'))),
    starred,
    plusSegments: text.split('/').filter(part => part === '+').length,
    length,
    text,
  }
}

/** Positive if `a` wins. */
export function compareWeights(a: Weight, b: Weight): number {
  return (
    a.wildcardAt - b.wildcardAt ||
    Number(b.starred) - Number(a.starred) ||
    b.plusSegments - a.plusSegments ||
    a.length - b.length ||
    compareUtf8(a.text, b.text)
  )
}

/** The reason for which `winner` comes before `loser`. */
export function precedenceOf(winner: Weight, loser: Weight): Precedence {
  if (winner.wildcardAt !== loser.wildcardAt) return 'later-wildcard'
  if (winner.starred !== loser.starred) return 'no-final-star'
  if (winner.plusSegments !== loser.plusSegments) return 'fewer-plus'
  return winner.length === loser.length ? 'greater-text' : 'longer'
}
