import {
  countSteps,
  isDrift,
  type Action,
  type Changes,
  type Moved,
  type Plan,
  type Refusal,
  type Step,
  type Unmanaged,
} from '../model/index.ts'
import { accessLines } from './access-lines.ts'
import { changedByText, coverageLine, ignoreText } from './drift/words.ts'
import { findingLines } from './finding-lines.ts'
import { dirtyLines, sourceText, targetText } from './heading.ts'
import { harmlessLine, type Paint } from './paint.ts'
import { stepLines } from './step-lines.ts'

export interface PlanTextOptions {
  readonly paint: Paint
  /** Show every new object in full. Absent: only where there are few. */
  readonly full?: boolean
  /** The refusals that somebody consented to. */
  readonly consented?: ReadonlySet<Refusal>
}

/** Above so many new objects, what each of them says is in the files and not in the plan. */
const FEW = 20

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`

export function renderPlan(plan: Plan, options: PlanTextOptions): string {
  const { paint } = options
  const full = options.full ?? countSteps(plan.steps).create <= FEW
  const blocks = [
    [`${sourceText(plan.source)} → ${targetText(plan.target)}`, ...dirtyLines(plan).map(it => paint('yellow', it))],
    plan.findings.flatMap(it => findingLines(it, paint)),
    ...stepBlocks(plan.steps, paint, full),
    accessLines(plan.access, { paint, full: options.full === true }),
    unmanagedLines(plan.unmanaged, paint),
    refusalLines(plan.refusals, paint, options.consented),
    summaryLines(plan, paint),
  ]
  return `${blocks
    .filter(it => it.length > 0)
    .map(it => it.join('\n'))
    .join('\n\n')}\n`
}

/** Where nothing more is said of the steps, they stand close together. */
function stepBlocks(steps: readonly Step[], paint: Paint, full: boolean, changes?: Changes): readonly (readonly string[])[] {
  const blocks: string[][] = []
  let isLoose = true
  for (const step of steps) {
    const by = changes?.get(step.address)
    const [title = '', ...rest] = stepLines(step, { paint, full })
    const lines = [title, ...(by === undefined ? [] : [`      ${paint('yellow', harmlessLine(changedByText(by)))}`]), ...rest]
    const isShort = lines.length <= 2
    if (isShort && !isLoose) blocks.at(-1)?.push(...lines)
    else blocks.push(lines)
    isLoose = !isShort
  }
  return blocks
}

function refusalLines(refusals: readonly Refusal[], paint: Paint, consented: ReadonlySet<Refusal> = new Set()): readonly string[] {
  return refusals.flatMap(it =>
    consented.has(it)
      ? [`${paint('yellow', 'Allowed')}: ${harmlessLine(it.summary)}`]
      : [`${paint('red', 'Refused')}: ${harmlessLine(it.summary)}`, `    ${harmlessLine(it.detail)}`],
  )
}

const MOST = 5

function unmanagedLines({ policies, auth, engines, objects, unlisted }: Unmanaged, paint: Paint): readonly string[] {
  const groups: readonly (readonly [string, string, readonly string[]])[] = [
    ['policy', 'policies', policies],
    ['auth mount', 'auth mounts', auth],
    ['secrets mount', 'secrets mounts', engines],
    ['object on a managed mount', 'objects on managed mounts', objects],
  ]
  const lines = groups.flatMap(([one, more, names]) => {
    if (names.length === 0) return []
    const rest = names.length > MOST ? ` and ${names.length - MOST} more` : ''
    const what = `${names.length} ${names.length === 1 ? one : more}`
    return [paint('dim', `Not managed, left alone: ${what} (${names.slice(0, MOST).map(harmlessLine).join(', ')}${rest})`)]
  })
  const hidden =
    unlisted.length === 0 ? [] : [paint('dim', `The token may not list ${unlisted.join(', ')}: what else is there is not known.`)]
  return [...lines, ...hidden]
}

/** The last line has the form that the field's tools look for. */
function summaryLines(plan: Plan, paint: Paint): readonly string[] {
  const counts = countSteps(plan.steps)
  if (plan.steps.length === 0) {
    return [paint('green', `No changes. ${plural(plan.unchanged, 'managed object')} on the server, all as the files say.`)]
  }
  if (!isDrift(plan)) {
    const written = [counts.adopt > 0 ? `${counts.adopt} to adopt` : '', counts.forget > 0 ? `${counts.forget} to forget` : '']
    return [`${paint('green', 'No changes on the server.')} Only the ledger is behind: ${written.filter(it => it !== '').join(', ')}.`]
  }
  const parts: readonly (readonly [Action, string])[] = [
    ['move', 'to move'],
    ['replace', 'to replace'],
    ['adopt', 'to adopt'],
    ['forget', 'to forget'],
  ]
  const more = parts.flatMap(([action, words]) => (counts[action] === 0 ? [] : [`, ${counts[action]} ${words}`])).join('')
  const line = `Plan: ${counts.create} to add, ${counts.update} to change, ${counts.delete} to destroy${more}.`
  return [paint('bold', line)]
}

const HEADINGS: readonly (readonly [Moved, string])[] = [
  ['target', 'Changed on the server, not in the files'],
  ['both', 'Changed on the server and in the files'],
  ['repository', 'Changed in the files, not applied yet'],
  ['new', 'Never applied'],
]

export interface DriftTextOptions extends PlanTextOptions {
  /** Who wrote an object last, where an audit log tells. */
  readonly changes?: Changes
}

/** The same differences, by who moved. */
export function renderDrift(plan: Plan, options: DriftTextOptions): string {
  const { paint } = options
  const full = options.full ?? countSteps(plan.steps).create <= FEW
  const drifted = plan.steps.filter(it => it.action !== 'adopt' && it.action !== 'forget')
  const groups = HEADINGS.flatMap(([moved, heading]) => {
    const steps = drifted.filter(it => it.moved === moved)
    return steps.length === 0 ? [] : [[paint('bold', `${heading}: ${steps.length}`)], ...stepBlocks(steps, paint, full, options.changes)]
  })
  const summary =
    drifted.length === 0
      ? paint('green', `No drift. ${plural(plan.unchanged, 'managed object')} on the server, all as the files say.`)
      : paint(
          'bold',
          `Drift: ${plural(drifted.length, 'object')} ${drifted.length === 1 ? 'differs' : 'differ'}, ${plan.unchanged} as the files say.`,
        )
  const blocks = [
    [`${sourceText(plan.source)} → ${targetText(plan.target)}`, ...dirtyLines(plan).map(it => paint('yellow', it))],
    plan.findings.flatMap(it => findingLines(it, paint)),
    ...groups,
    unmanagedLines(plan.unmanaged, paint),
    [coverageLine(plan.coverage), ...plan.ignored.map(it => paint('dim', `Ignored: ${harmlessLine(ignoreText(it))}`))],
    [summary],
  ]
  return `${blocks
    .filter(it => it.length > 0)
    .map(it => it.join('\n'))
    .join('\n\n')}\n`
}
