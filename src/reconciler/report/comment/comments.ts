import type { Diagnostic } from '../../../kernel/index.ts'
import {
  drifted,
  escalations,
  movedWords,
  placeText,
  type AccessEntry,
  type Moved,
  type Plan,
  type Refusal,
  type Step,
} from '../../model/index.ts'
import { accessSummary, detailsOf, holdersText, pathText, whenText } from '../access-lines.ts'
import { dirtyLines, sourceText, targetText } from '../heading.ts'
import { accessBlock, code, inlineMarkdown, stepBlock, type Block } from '../markdown.ts'
import { planHeadline } from './headline.ts'
import { pack } from './pack.ts'

/** GitHub takes 65,536 characters; the hidden marker before the text needs some of them. */
const COMMENT = 65_536 - 1024
/** The summary of a check is counted in bytes, of which a character has up to four; half of them are enough to read. */
const CHECK = 16_000
/** A step may write 1 MiB, in bytes. */
const SUMMARY = 250_000
/** Nobody reads more; the artefact has the whole plan. */
const MOST_COMMENTS = 5

export interface CommentOptions {
  /** What the target is called here. */
  readonly target: string
  /** Where the run is that wrote it. */
  readonly url?: string
}

export interface FailureOptions extends CommentOptions {
  /** In characters; without it, as long as a comment may be. */
  readonly longest?: number
}

/** The comments of a pull request: as few as hold the plan, each with the plan's hash. */
export const planComments = (plan: Plan, options: CommentOptions): readonly string[] => texts(plan, options, COMMENT, MOST_COMMENTS)

/** The same in one text, for the summary of a check. */
export const checkSummary = (plan: Plan, options: CommentOptions): string => texts(plan, options, CHECK, 1).join('')

/** The same in one text, for the summary of a job. */
export const jobSummary = (plan: Plan, options: CommentOptions): string => texts(plan, options, SUMMARY, 1).join('')

function texts(plan: Plan, options: CommentOptions, longest: number, most: number): readonly string[] {
  const foot = (part: number, of: number): string => `\n\n${footText(plan, options, of > 1 ? ` · part ${part} of ${of}` : '')}\n`
  const head: readonly Block[] = [
    line(`## Lockstep: ${inlineMarkdown(options.target)}`),
    ...dangerBlocks(plan),
    line(`**${inlineMarkdown(planHeadline(plan))}**`),
    line(`${inlineMarkdown(sourceText(plan.source))} → ${inlineMarkdown(targetText(plan.target))}`),
    ...dirtyLines(plan).map(it => line(inlineMarkdown(it))),
    ...findingBlocks(plan.findings),
    ...accessBlocks(plan.access),
  ]
  const packed = pack([...head, ...plan.steps.map(stepBlock)], {
    longest: longest - foot(most, most + 1).length,
    most,
    leftOut: count => `… and ${count} more; the saved plan has them all.`,
  })
  return packed.map((text, i) => `${text}${foot(i + 1, packed.length)}`)
}

const line = (text: string): Block => ({ open: [], rows: [text], close: [] })

const footText = (plan: Plan, { url }: CommentOptions, part: string): string =>
  `<sub>plan <code>${plan.digest}</code>${part}${url === undefined ? '' : ` · <a href="${attribute(url)}">run</a>`}</sub>`

const attribute = (url: string): string => encodeURI(url).replaceAll('&', '&amp;').replaceAll("'", '%27')

/** Escalations of access, then what would be lost for good, then what is refused. */
function dangerBlocks({ access, steps, refusals }: Plan): readonly Block[] {
  const losses = steps.filter(it => it.loses !== undefined)
  return [
    ...alert('WARNING', 'Escalation of access', escalations(access).map(escalationText)),
    ...alert('CAUTION', 'Loss of data', losses.map(lossText)),
    ...alert('CAUTION', 'Refused', refusals.map(refusalText)),
  ]
}

function alert(kind: 'WARNING' | 'CAUTION', title: string, items: readonly string[]): readonly Block[] {
  if (items.length === 0) return []
  return [{ open: [`> [!${kind}]`, `> **${title}**`], rows: items.map(it => `> - ${it}`), close: [] }]
}

const escalationText = (entry: AccessEntry): string =>
  `${inlineMarkdown(holdersText(entry, false))} ${entry.change} ${entry.capabilities.join(', ')} on ${code(pathText(entry, false))}${inlineMarkdown(whenText(entry))}: ${detailsOf(entry).map(inlineMarkdown).join('; ')}`

const lossText = (step: Step): string => `${code(step.address)} loses ${inlineMarkdown(step.loses ?? '')}`

const refusalText = ({ guard, summary, detail }: Refusal): string => `${code(guard)} ${inlineMarkdown(summary)}: ${inlineMarkdown(detail)}`

function findingBlocks(findings: readonly Diagnostic[]): readonly Block[] {
  if (findings.length === 0) return []
  return [{ open: [], rows: findings.map(findingText), close: [] }]
}

const findingText = ({ severity, code: id, at, summary, detail }: Diagnostic): string =>
  `- **${severity}** ${code(id)} ${at === undefined ? '' : `${code(placeText(at))} `}${inlineMarkdown(summary)}${detail === undefined ? '' : `: ${inlineMarkdown(detail)}`}`

function accessBlocks(entries: readonly AccessEntry[]): readonly Block[] {
  return entries.length === 0 ? [] : [line(`### Access: ${accessSummary(entries)}`), accessBlock(entries)]
}

const UNKNOWN = line('The files or the server could not be read; the log of the run says why.')

/** Where there is no plan, because files are not right or the server could not be read. */
export function failureComment(findings: readonly Diagnostic[], { target, url, longest = COMMENT }: FailureOptions): string {
  const foot = url === undefined ? '' : `\n\n<sub><a href="${attribute(url)}">run</a></sub>`
  const blocks = [
    line(`## Lockstep: ${inlineMarkdown(target)}`),
    line('**Plan: failed**'),
    ...(findings.length === 0 ? [UNKNOWN] : findingBlocks(findings)),
  ]
  const [text = ''] = pack(blocks, {
    longest: longest - foot.length,
    most: 1,
    leftOut: () => '… and more; the log of the run has them all.',
  })
  return `${text}${foot}\n`
}

const ORDER: readonly Moved[] = ['target', 'both', 'repository', 'new']

/** Title and body of the issue that tells of a drift; undefined where there is none. What somebody changed on the server comes first. */
export function driftIssueText(plan: Plan, options: CommentOptions): { readonly title: string; readonly body: string } | undefined {
  const steps = ORDER.flatMap(moved => drifted(plan).filter(it => it.moved === moved))
  if (steps.length === 0) return undefined
  const count = `${steps.length} ${steps.length === 1 ? 'object differs' : 'objects differ'}`
  const rows = steps.map(it => `| ${code(it.address)} | ${movedWords[it.moved]} | ${inlineMarkdown(it.changed.join(', '))} |`)
  const foot = `\n\n${footText(plan, options, '')}\n`
  const blocks: readonly Block[] = [
    line(`**${inlineMarkdown(options.target)}: ${count}** from what the repository says.`),
    line(`${inlineMarkdown(sourceText(plan.source))} → ${inlineMarkdown(targetText(plan.target))}`),
    ...dangerBlocks(plan),
    { open: ['| object | what happened | attributes |', '| --- | --- | --- |'], rows, close: [] },
    ...accessBlocks(plan.access),
    ...steps.map(stepBlock),
  ]
  const [text = ''] = pack(blocks, {
    longest: COMMENT - foot.length,
    most: 1,
    leftOut: left => `… and ${left} more; the saved plan has them all.`,
  })
  return { title: `Drift: ${options.target}: ${count}`, body: `${text}${foot}` }
}
