import { covers, intersect, type Pattern, patternId } from './pattern.ts'
import { PatternIndex } from './pattern-index.ts'
import type { Region } from './region.ts'

/**
 * Joins regions that have no path in common into fewer that hold the same paths: one whose pattern is an exception of another
 * goes into it. `absorb` is told, so that what is known of both can be kept.
 */
export function joinRegions<T extends Region>(regions: readonly T[], absorb: (wide: T, narrow: T) => void): readonly T[] {
  if (regions.length < 2) return regions
  const alive = new Set(regions)
  const byPattern = new Map<string, T[]>()
  for (const it of regions) {
    const id = patternId(it.pattern)
    const known = byPattern.get(id)
    if (known === undefined) byPattern.set(id, [it])
    else known.push(it)
  }
  const gaps = new Map<T, readonly Pattern[]>(regions.map(it => [it, it.except]))
  for (const wide of regions.toSorted((a, b) => a.pattern.parts.length - b.pattern.parts.length || b.except.length - a.except.length)) {
    if (!alive.has(wide) || wide.except.length === 0) continue
    const own = new Gaps(wide.except)
    // What could not be filled may be, once another is.
    for (let tried = own.all(), filled = true; filled; tried = own.all()) {
      filled = false
      for (const gap of tried) {
        if (!own.has(gap)) continue
        const narrow = byPattern.get(patternId(gap))?.find(it => it !== wide && alive.has(it))
        if (narrow === undefined || !own.fill(gap, gaps.get(narrow) ?? [])) continue
        alive.delete(narrow)
        absorb(wide, narrow)
        filled = true
      }
    }
    gaps.set(wide, own.all())
  }
  return regions.filter(it => alive.has(it)).map(it => ({ ...it, except: gaps.get(it) ?? [] }))
}

/** The exceptions of a region while regions are joined. */
class Gaps {
  readonly #patterns = new Set<Pattern>()
  readonly #index = new PatternIndex<{ readonly pattern: Pattern }>()

  constructor(patterns: readonly Pattern[]) {
    for (const it of patterns) this.#add(it)
  }

  all(): readonly Pattern[] {
    return [...this.#patterns]
  }

  has(pattern: Pattern): boolean {
    return this.#patterns.has(pattern)
  }

  /**
   * Takes the exception away, but for `inner`, which are parts of it. Not done if another exception reaches into what would be
   * filled and out of it, because the rest of that one could not be said.
   */
  fill(gap: Pattern, inner: readonly Pattern[]): boolean {
    const touched = this.#overlapping(gap).filter(it => it !== gap)
    const [within, across] = [touched.filter(it => covers(gap, it)), touched.filter(it => !covers(gap, it))]
    const stays = (it: Pattern): boolean => {
      const common = intersect(it, gap)
      return common === undefined || inner.some(one => covers(one, common))
    }
    if (!across.every(stays)) return false
    for (const it of [gap, ...within]) this.#patterns.delete(it)
    for (const it of inner) if (!this.#overlapping(it).some(other => covers(other, it))) this.#add(it)
    return true
  }

  #overlapping(pattern: Pattern): readonly Pattern[] {
    return this.#index
      .overlapping(pattern)
      .map(it => it.pattern)
      .filter(it => this.#patterns.has(it))
  }

  #add(pattern: Pattern): void {
    this.#patterns.add(pattern)
    this.#index.add({ pattern })
  }
}
