import type { Random } from '../../kernel/index.ts'

export interface BackOff {
  /** Milliseconds before the first repetition. */
  readonly first: number
  /** Milliseconds that are never exceeded. */
  readonly most: number
}

/** Milliseconds before try number `tries` + 1: twice as long each time, up to a fourth less, so that many do not come at once. */
export function delayBefore({ first, most }: BackOff, tries: number, random: Random): number {
  const whole = Math.min(most, first * 2 ** Math.min(tries - 1, 30))
  const share = (random.bytes(1)[0] ?? 0) / 256
  return Math.round(whole * (1 - share / 4))
}
