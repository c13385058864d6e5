import { covers, fits, intersect, type Pattern, patternId } from './pattern.ts'
import { PatternIndex } from './pattern-index.ts'
import { asked, type Question } from './question.ts'

/** The paths of a pattern without those of others. */
export interface Region {
  readonly pattern: Pattern
  /** Each is a part of the pattern, and none of another. */
  readonly except: readonly Pattern[]
}

/** Narrows the exceptions to what matters here; undefined if they leave nothing at first sight. */
export function regionOf(pattern: Pattern, except: Iterable<Pattern>, question: Question): Region | undefined {
  const parts: Pattern[] = []
  for (const it of except) {
    const common = intersect(pattern, it)
    const part = common === undefined ? undefined : asked(common, question)
    if (part === undefined) continue
    if (covers(part, pattern)) return undefined
    parts.push(part)
  }
  return { pattern, except: withoutCovered(parts) }
}

/** Each pattern once, and none that is a part of another. */
export function withoutCovered(patterns: readonly Pattern[]): readonly Pattern[] {
  if (patterns.length < 2) return patterns
  const once = [...new Map(patterns.map(it => [patternId(it), it])).values()]
  const index = new PatternIndex(once.filter(isWide).map(pattern => ({ pattern })))
  return once.filter(it => !index.overlapping(it).some(({ pattern }) => pattern !== it && covers(pattern, it)))
}

/** Most patterns are of one path, and hold no other. */
const isWide = ({ parts, open }: Pattern): boolean => open || parts.some(it => !it.whole)

/**
 * A path of the region, or undefined if there is none. Exact, not a sample: in the path of each length all that wildcards leave
 * open is filled with `fresh`, a letter that no rule says. A rule that fits that path fits every path of this length that the
 * pattern holds, and one path more than the longest exception stands for all that are longer.
 */
export function witnessOf({ pattern, except }: Region, question: Question, fresh: string): string | undefined {
  const shortest = pattern.parts.length
  const longest = pattern.open ? 1 + except.reduce((most, it) => Math.max(most, it.parts.length), shortest) : shortest
  for (let length = shortest; length <= longest; length++) {
    const segments = filled(pattern, length, question, fresh)
    if (segments !== undefined && !except.some(it => fits(it, segments))) return segments.join('/')
  }
  return undefined
}

function filled({ parts }: Pattern, length: number, question: Question, fresh: string): readonly string[] | undefined {
  const segments: string[] = []
  for (let i = 0; i < length; i++) {
    const part = parts[i]
    if (question === 'listing' && i === length - 1) {
      if (part !== undefined && part.text !== '') return undefined
      segments.push('')
    } else segments.push(part === undefined ? fresh : part.whole ? part.text : part.text + fresh)
  }
  // Nobody asks for a path that begins with a slash.
  return length > 1 && segments[0] === '' ? undefined : segments
}

const LETTERS = ['x', 'z', 'q', 'j', 'w', '0', '7', '_', '~', '\u00a7', '\u{f0000}', '\u{f0001}']

/** A letter that none of the keys says. */
export function freshLetter(keys: readonly string[]): string {
  const letter = LETTERS.find(it => keys.every(key => !key.includes(it)))
  if (letter !== undefined) return letter
  for (let code = 0x100000; ; code++) {
    const rare = String.fromCodePoint(code)
    if (keys.every(key => !key.includes(rare))) return rare
  }
}
