import { parseJson, stringifyJson } from '../../../src/kernel/index.ts'
import type { RawAnswer } from './http.ts'
import { normalise, show, type Names, type Normal } from './normal.ts'
import type { Step } from './scenario.ts'

/** Two servers that are asked at the same moment may still be some seconds apart on a busy machine. */
const patienceSeconds = 5

const comparedHeaders = ['content-type', 'cache-control', 'strict-transport-security', 'location', 'retry-after', 'allow'] as const

export interface Seen {
  readonly answer: Pick<RawAnswer, 'text' | 'at'>
  readonly names: Names
}

/** A whole answer. */
export interface Answered extends Seen {
  readonly answer: RawAnswer
}

/** Every difference that a client could see, one line each: `body.data.keys[0]: peer "a", ours "b"`. */
export function differences(step: Step, peer: Answered, ours: Answered): readonly string[] {
  const found: string[] = []
  const note = (where: string, theirs: string, mine: string): number =>
    found.push(`${where}: ${peer.names.label} ${theirs}, ${ours.names.label} ${mine}`)
  if (peer.answer.status !== ours.answer.status) note('status', String(peer.answer.status), String(ours.answer.status))
  for (const name of comparedHeaders) {
    const [theirs, mine] = [header(peer.answer, name), header(ours.answer, name)]
    if (theirs !== mine) note(`header ${name}`, theirs, mine)
  }
  if (peer.answer.text.endsWith('\n') !== ours.answer.text.endsWith('\n')) note('newline at the end', ending(peer), ending(ours))
  // What is excepted is taken out before ids are named in the order of their appearance: one id more would shift all later names.
  const trees = [peer, ours].map(({ answer, names }) => normalise(pruned(answer.text, step.except ?? []), names, answer.at))
  compare('body', trees[0] as Normal, trees[1] as Normal, new Set(step.except?.map(path => `body.${path}`)), note)
  return found
}

/** A JSON text without what lies at these paths; number literals stay as they are written. */
function pruned(text: string, except: readonly string[]): string {
  if (except.length === 0 || !text.startsWith('{')) return text
  const body = parseJson(text)
  for (const path of except) {
    const words = path.split('.')
    const last = words.pop() as string
    let at: unknown = body
    for (const word of words) at = typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[word] : undefined
    if (typeof at === 'object' && at !== null) delete (at as Record<string, unknown>)[last]
  }
  return stringifyJson(body) + (text.endsWith('\n') ? '\n' : '')
}

/** What differs between two JSON texts; `except` are field names at any depth. */
export function jsonDifferences(peer: Seen, ours: Seen, except: readonly string[]): readonly string[] {
  const found: string[] = []
  const without = ({ answer }: Seen): string =>
    except.length === 0
      ? answer.text
      : JSON.stringify(JSON.parse(answer.text), (key, value: unknown) => (except.includes(key) ? undefined : value))
  const trees = [peer, ours].map(seen => normalise(without(seen), seen.names, seen.answer.at))
  compare('json', trees[0] as Normal, trees[1] as Normal, new Set(), (where, theirs, mine) =>
    found.push(`${where}: ${peer.names.label} ${theirs}, ${ours.names.label} ${mine}`),
  )
  return found
}

type Note = (where: string, theirs: string, mine: string) => unknown

function compare(where: string, theirs: Normal, mine: Normal, except: ReadonlySet<string>, note: Note): void {
  if (except.has(where)) return
  if (theirs.is === 'object' && mine.is === 'object') return compareObjects(where, theirs, mine, except, note)
  if (theirs.is === 'list' && mine.is === 'list' && theirs.items.length === mine.items.length) {
    return theirs.items.forEach((item, index) => compare(`${where}[${index}]`, item, mine.items[index] as Normal, except, note))
  }
  if (!isSame(theirs, mine)) note(where, show(theirs), show(mine))
}

type NormalObject = Extract<Normal, { is: 'object' }>

/** Random keys that nobody has seen before share one name, so entries are taken as they come within a name. */
function compareObjects(where: string, theirs: NormalObject, mine: NormalObject, except: ReadonlySet<string>, note: Note): void {
  const left = mine.entries.slice()
  for (const [key, value] of theirs.entries) {
    const index = left.findIndex(([name]) => name === key)
    const [found] = index < 0 ? [] : left.splice(index, 1)
    const at = `${where}.${key}`
    if (found !== undefined) compare(at, value, found[1], except, note)
    else if (!except.has(at)) note(at, show(value), 'nothing')
  }
  for (const [key, value] of left) if (!except.has(`${where}.${key}`)) note(`${where}.${key}`, 'nothing', show(value))
}

function isSame(theirs: Normal, mine: Normal): boolean {
  if (theirs.is === 'moment' && mine.is === 'moment') return theirs.form === mine.form && isClose(theirs.offset, mine.offset)
  if (theirs.is === 'span' && mine.is === 'span') return isClose(theirs.seconds, mine.seconds)
  return theirs.is === mine.is && show(theirs) === show(mine)
}

function isClose(a: number, b: number): boolean {
  return Math.abs(a - b) <= patienceSeconds
}

function header(answer: RawAnswer, name: string): string {
  return answer.headers[name]?.replace(/127\.0\.0\.1:\d+/, '<address>') ?? 'none'
}

function ending({ answer }: Seen): string {
  return answer.text.endsWith('\n') ? 'present' : 'absent'
}
