import { escalations, type AccessEntry, type AnsweringRule } from '../model/index.ts'
import { harmlessLine, type Colour, type Paint } from './paint.ts'

const SIGNS: Readonly<Record<AccessEntry['change'], readonly [string, Colour]>> = {
  gained: ['+', 'green'],
  widened: ['>', 'green'],
  'limited otherwise': ['~', 'yellow'],
  narrowed: ['<', 'red'],
  lost: ['-', 'red'],
}

/** More would be read by nobody; the JSON plan has them all. */
const MOST = 20
const MOST_NAMES = 4

export interface AccessLinesOptions {
  readonly paint: Paint
  readonly full: boolean
}

/** Who gains and who loses what: escalations first. Empty where nothing changes. */
export function accessLines(entries: readonly AccessEntry[], { paint, full }: AccessLinesOptions): readonly string[] {
  if (entries.length === 0) return []
  const shown = full ? entries : entries.slice(0, MOST)
  const rest = entries.length - shown.length
  return [
    `${paint('bold', 'Access')}: ${accessSummary(entries)}`,
    ...shown.flatMap(it => entryLines(it, { paint, full })),
    ...(rest === 0 ? [] : [`    and ${rest} more; -full and -json show all`]),
  ]
}

/** `3 gains, 1 loss; 1 is an escalation`. */
export function accessSummary(entries: readonly AccessEntry[]): string {
  const more = entries.filter(it => it.change === 'gained' || it.change === 'widened').length
  const less = entries.filter(it => it.change === 'lost' || it.change === 'narrowed').length
  const other = entries.length - more - less
  const parts = [
    ...(more > 0 ? [`${more} ${more === 1 ? 'gain' : 'gains'}`] : []),
    ...(less > 0 ? [`${less} ${less === 1 ? 'loss' : 'losses'}`] : []),
    ...(other > 0 ? [`${other} limited otherwise`] : []),
  ]
  const count = escalations(entries).length
  return parts.join(', ') + (count === 0 ? '' : `; ${count} of them ${count === 1 ? 'an escalation' : 'escalations'}`)
}

export function entryLines(entry: AccessEntry, options: AccessLinesOptions): readonly string[] {
  const { paint, full } = options
  const [sign, colour] = SIGNS[entry.change]
  const isEscalation = entry.escalates !== undefined
  const head = `${entry.change} ${entry.capabilities.join(', ')} on ${pathText(entry, full)}`
  return [
    `  ${paint(isEscalation ? 'red' : colour, isEscalation ? `${sign}!` : sign)} ${paint(isEscalation ? 'bold' : colour, harmlessLine(head))}`,
    `      ${harmlessLine(`${holdersText(entry, full)}${whenText(entry)}`)}`,
    ...detailsOf(entry).map(it => `      ${harmlessLine(it)}`),
  ]
}

/** `a/* except a/b and 3 more`. */
export function pathText({ path, except, lists, capabilities }: AccessEntry, full: boolean): string {
  const of = lists === true && capabilities.includes('sudo') ? 'lists of ' : ''
  return `${of}${path}${except.length === 0 ? '' : ` except ${some(except, full)}`}`
}

export const holdersText = ({ holders }: AccessEntry, full: boolean): string =>
  some(
    holders.map(it => (it.startsWith('policy/') ? `whoever holds ${it}` : it)),
    full,
  )

export const whenText = ({ from, until, unresolved }: AccessEntry): string =>
  (from === undefined ? '' : `, from ${from} on`) +
  (until === undefined ? '' : `, until ${until}`) +
  (unresolved === true ? ', where a template of its policies cannot be resolved' : '')

/** What it means, what limits it, and which rules answer where access goes. */
export function detailsOf(entry: AccessEntry): readonly string[] {
  const { change, escalates, limitsBefore, limitsAfter } = entry
  return [
    ...(escalates === undefined ? [] : [`lets its holder ${escalates}`]),
    ...(limitsAfter.length > 0
      ? [`limited: ${limitsAfter.join('; ')}`]
      : limitsBefore.length > 0 && change !== 'lost'
        ? ['no longer limited']
        : []),
    ...(limitsBefore.length > 0 && change !== 'gained' ? [`before: ${limitsBefore.join('; ')}`] : []),
    ...(change === 'gained' || change === 'widened' ? [] : answersOf(entry)),
  ]
}

/** A rule that takes access away is mostly one that was added. */
function answersOf({ answeredBefore, answeredAfter }: AccessEntry): readonly string[] {
  if (answeredAfter.length === 0) return []
  const [old, fresh] = [answeredBefore.map(ruleText), answeredAfter.map(ruleText)]
  const now = some(fresh, false)
  return [old.join() === fresh.join() ? `${now} answers` : `${now} answers now, in place of ${some(old, false)}`]
}

const ruleText = ({ path, policies, denies }: AnsweringRule): string =>
  `path "${path}" of ${policies.join(' and ')}${denies ? ' (deny)' : ''}`

function some(names: readonly string[], full: boolean): string {
  if (full || names.length <= MOST_NAMES) return names.join(', ')
  return `${names.slice(0, MOST_NAMES).join(', ')} and ${names.length - MOST_NAMES} more`
}
