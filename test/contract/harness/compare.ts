import type { RawAnswer } from './http.ts'
import { normalise, normaliseLines, show, showParts, type Normal, type Part } from './normal.ts'
import type { Step } from './scenario.ts'

/** Two servers that are asked at the same moment may still be some seconds apart on a busy machine. */
const patienceSeconds = 5

const comparedHeaders = [
  'content-type',
  'cache-control',
  'strict-transport-security',
  'location',
  'retry-after',
  'allow',
  'x-ratelimit-limit',
  'x-ratelimit-remaining',
  'access-control-allow-origin',
  'access-control-allow-headers',
  'access-control-allow-methods',
  'access-control-allow-credentials',
  'access-control-max-age',
] as const

/**
 * Which random value of one server stands for which of the other. The first time two meet in the same place they are paired; from then
 * on neither may meet anything else, so that *the same* token in two answers must be the same on both sides.
 */
export class Pairs {
  readonly #ours = new Map<string, string>()
  readonly #theirs = new Map<string, string>()

  /** For a comparison that may have to be made again. */
  copy(): Pairs {
    const copy = new Pairs()
    for (const [theirs, mine] of this.#ours) copy.agree(theirs, mine)
    return copy
  }

  agree(theirs: string, mine: string): boolean {
    const [paired, back] = [this.#ours.get(theirs), this.#theirs.get(mine)]
    if (paired !== undefined || back !== undefined) return paired === mine && back === theirs
    this.#ours.set(theirs, mine)
    this.#theirs.set(mine, theirs)
    return true
  }
}

/** Which product, and which build of it: there two products differ by right. */
const productFields = ['lockstep_version', 'commit_date', 'build_date']

/** Every difference that a client could see, one line each: `body.data.keys[0]: peer "a", ours "b"`. */
export function differences(step: Step, peer: RawAnswer, ours: RawAnswer, pairs: Pairs): readonly string[] {
  const [found, note] = notes()
  if (peer.status !== ours.status) note('status', String(peer.status), String(ours.status))
  for (const name of comparedHeaders) {
    const [theirs, mine] = [header(peer, name), header(ours, name)]
    if (theirs !== mine) note(`header ${name}`, theirs, mine)
  }
  if (peer.text.endsWith('\n') !== ours.text.endsWith('\n')) note('newline at the end', ending(peer.text), ending(ours.text))
  const except = new Set([...productFields, ...(step.except ?? [])])
  const [theirs, mine] = [peer, ours].map(({ text, at }) => normalise(text, at, path => except.has(path))) as [Normal, Normal]
  compare('body', theirs, mine, { pairs, note })
  return found
}

/** A text and when it came. */
type Told = Pick<RawAnswer, 'text' | 'at'>

/** What differs between two JSON texts; `except` are field names at any depth. */
export function jsonDifferences(peer: Told, ours: Told, pairs: Pairs, except: readonly string[]): readonly string[] {
  const [found, note] = notes()
  const [theirs, mine] = [peer, ours].map(({ text, at }) => normalise(text, at, (_, key) => except.includes(key))) as [Normal, Normal]
  compare('json', theirs, mine, { pairs, note })
  return found
}

/** What differs between two printed texts; `except` are the starts of lines. */
export function lineDifferences(peer: string, ours: string, pairs: Pairs, except: readonly string[]): readonly string[] {
  const [found, note] = notes()
  const [theirs = [], mine = []] = [peer, ours].map(text =>
    normaliseLines(text).filter(parts => !except.some(start => showParts(parts).startsWith(start))),
  )
  for (let index = 0; index < Math.max(theirs.length, mine.length); index++) {
    const [left, right] = [theirs[index], mine[index]]
    if (left === undefined || right === undefined || !areSameParts(left, right, pairs))
      note(`line ${index + 1}`, showLine(left), showLine(right))
  }
  return found
}

type Note = (where: string, theirs: string, mine: string) => void

function notes(): readonly [string[], Note] {
  const found: string[] = []
  return [
    found,
    (where, theirs, mine) => {
      found.push(`${where}: peer ${theirs}, ours ${mine}${theirs === mine ? ', which stood for another value before' : ''}`)
    },
  ]
}

interface Comparing {
  readonly pairs: Pairs
  readonly note: Note
}

function compare(where: string, theirs: Normal, mine: Normal, comparing: Comparing): void {
  if (theirs.is === 'object' && mine.is === 'object') return compareObjects(where, theirs, mine, comparing)
  if (theirs.is === 'list' && mine.is === 'list' && theirs.items.length === mine.items.length) {
    return theirs.items.forEach((item, index) => compare(`${where}[${index}]`, item, mine.items[index] as Normal, comparing))
  }
  if (!areSame(theirs, mine, comparing.pairs)) comparing.note(where, show(theirs), show(mine))
}

type NormalObject = Extract<Normal, { is: 'object' }>

/** Random keys of one kind share one name, so entries are taken as they come within a name. */
function compareObjects(where: string, theirs: NormalObject, mine: NormalObject, comparing: Comparing): void {
  const left = mine.entries.slice()
  for (const [key, value] of theirs.entries) {
    const index = left.findIndex(([name]) => name === key)
    const [found] = index < 0 ? [] : left.splice(index, 1)
    const at = `${where}.${key}`
    if (found === undefined) comparing.note(at, show(value), 'nothing')
    else compare(at, value, found[1], comparing)
  }
  for (const [key, value] of left) comparing.note(`${where}.${key}`, 'nothing', show(value))
}

function areSame(theirs: Normal, mine: Normal, pairs: Pairs): boolean {
  if (theirs.is === 'moment' && mine.is === 'moment') return theirs.form === mine.form && isClose(theirs.offset, mine.offset)
  if (theirs.is === 'span' && mine.is === 'span') return isClose(theirs.seconds, mine.seconds)
  if (theirs.is === 'text' && mine.is === 'text') return areSameParts(theirs.parts, mine.parts, pairs)
  return theirs.is === mine.is && show(theirs) === show(mine)
}

function areSameParts(theirs: readonly Part[], mine: readonly Part[], pairs: Pairs): boolean {
  return showParts(theirs) === showParts(mine) && theirs.every((part, index) => isSamePart(part, mine[index], pairs))
}

function isSamePart(theirs: Part, mine: Part | undefined, pairs: Pairs): boolean {
  if (typeof theirs === 'string' || typeof mine === 'string' || mine === undefined) return theirs === mine
  if (theirs.kind === 'remaining time' && mine.kind === theirs.kind) return isClose(secondsOf(theirs.value), secondsOf(mine.value))
  return theirs.kind === mine.kind && (unpaired.has(theirs.kind) || pairs.agree(theirs.value, mine.value))
}

/** Of these many places may show different ones, or each side its own all the time. */
const unpaired = new Set(['built-in version', 'time', 'address'])

function isClose(a: number, b: number): boolean {
  return Math.abs(a - b) <= patienceSeconds
}

/** `19m59s` → 1199. */
function secondsOf(duration: string): number {
  const units: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1 }
  return [...duration.matchAll(/(\d+)([hms])/g)].reduce((sum, [, count, unit]) => sum + Number(count) * (units[unit ?? ''] ?? 0), 0)
}

function header(answer: RawAnswer, name: string): string {
  return answer.headers[name]?.replace(/127\.0\.0\.1:\d+/, '<address>') ?? 'none'
}

function ending(text: string): string {
  return text.endsWith('\n') ? 'present' : 'absent'
}

function showLine(parts: readonly Part[] | undefined): string {
  return parts === undefined ? 'nothing' : JSON.stringify(showParts(parts))
}
