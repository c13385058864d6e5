import type { Diagnostic } from '../../kernel/index.ts'
import { countSteps, isDrift, placeText, textOf, type AccessEntry, type Plan, type Refusal, type Step } from '../model/index.ts'
import { accessSummary, detailsOf, holdersText, pathText, whenText } from './access-lines.ts'
import { sourceText, targetText } from './heading.ts'
import { harmlessLine, plain } from './paint.ts'
import { stepLines } from './step-lines.ts'
import { linesOf, textDiff } from './text-diff.ts'

/** A comment on GitHub holds 65,536 characters; some are left for whoever puts the text into a larger one. */
const LONGEST = 60_000

/** For a pull request: what would be lost first, then what would change, the details folded away. */
export function renderMarkdown(plan: Plan, longest: number = LONGEST): string {
  const head = [
    `## ${summaryOf(plan)}`,
    `${inlineMarkdown(sourceText(plan.source))} → ${inlineMarkdown(targetText(plan.target))}`,
    ...plan.refusals.map(refusalText),
    ...findingsText(plan.findings),
    ...accessSection(plan.access),
  ]
  const foot = `<sub>plan ${plan.digest}</sub>\n`
  const sections: string[] = []
  let length = [...head, foot].join('\n\n').length
  for (const [i, step] of plan.steps.entries()) {
    const section = stepSection(step)
    length += section.length + 2
    if (length > longest) {
      sections.push(`… and ${plan.steps.length - i} more; the whole plan is in the log.`)
      break
    }
    sections.push(section)
  }
  return `${[...head, ...sections].join('\n\n')}\n\n${foot}`
}

export function summaryOf(plan: Plan): string {
  if (!isDrift(plan)) return 'Plan: no changes'
  const { create, update, move, replace, delete: remove, adopt, forget } = countSteps(plan.steps)
  const more = [
    move > 0 ? `, ${move} to move` : '',
    replace > 0 ? `, ${replace} to replace` : '',
    adopt > 0 ? `, ${adopt} to adopt` : '',
    forget > 0 ? `, ${forget} to forget` : '',
  ]
  return `Plan: ${create} to add, ${update} to change, ${remove} to destroy${more.join('')}`
}

const refusalText = ({ summary, detail }: Refusal): string =>
  `> [!CAUTION]\n> **Refused**: ${inlineMarkdown(summary)}\n> ${inlineMarkdown(detail)}`

function findingsText(findings: readonly Diagnostic[]): readonly string[] {
  if (findings.length === 0) return []
  return [
    findings
      .map(it => `- **${it.severity}** ${it.at === undefined ? '' : `${code(placeText(it.at))} `}${inlineMarkdown(it.summary)}`)
      .join('\n'),
  ]
}

/** More rows than a reviewer reads; the JSON plan has them all. */
const MOST = 50

/** Who gains and who loses what: escalations first. */
export function accessSection(entries: readonly AccessEntry[]): readonly string[] {
  if (entries.length === 0) return []
  const { open, rows, close } = accessBlock(entries)
  return [`### Access: ${accessSummary(entries)}`, [...open, ...rows].join('\n'), ...close]
}

/** The same as a table that may be cut between its rows. */
export function accessBlock(entries: readonly AccessEntry[]): Block {
  const rows = entries.slice(0, MOST).map(entry => {
    const mark = entry.escalates === undefined ? entry.change : `:warning: **${entry.change}**`
    const notes = detailsOf(entry).map(inlineMarkdown).join('<br>')
    const cells = [
      mark,
      entry.capabilities.join(', '),
      code(pathText(entry, false)),
      `${inlineMarkdown(holdersText(entry, false))}${inlineMarkdown(whenText(entry))}`,
      notes,
    ]
    return `| ${cells.join(' | ')} |`
  })
  const rest = entries.length - rows.length
  return {
    open: ['| change | capabilities | path | for | notes |', '| --- | --- | --- | --- | --- |'],
    rows,
    close: rest > 0 ? [`… and ${rest} more; the JSON plan has them all.`] : [],
  }
}

/** In a table a bar ends the cell, in code too. */
export const code = (text: string): string =>
  `<code>${html(harmlessLine(text))
    .replaceAll('|', '&#124;')
    .replace(/[\\*_`[\]@]|~(?! )|:(?=\/)/g, it => `&#${it.charCodeAt(0)};`)}</code>`

/**
 * Markdown's own characters in names and messages are shown, not obeyed. A space without width behind @ and # keeps GitHub and GitLab
 * from calling the person or the issue that a name looks like.
 */
export const inlineMarkdown = (text: string): string =>
  harmlessLine(text)
    .replaceAll('&', '&amp;')
    .replace(/[\\`*_{}[\]<>#|~]/g, '\\$&')
    .replace(/(\\#|@|!(?=\d))(?=[\p{L}\p{N}_])/gu, '$1&#8203;')

export function stepSection(step: Step): string {
  const { open, rows, close } = stepBlock(step)
  return [...open, ...rows, ...close].join('\n')
}

/** A part of a report that may be cut between its rows: what opens and what closes it is then said again. */
export interface Block {
  readonly open: readonly string[]
  readonly rows: readonly string[]
  readonly close: readonly string[]
}

export function stepBlock(step: Step): Block {
  const [title = '', why = '', ...rest] = stepLines(step, { paint: plain, full: true })
  const said = [...(step.loses === undefined ? [] : [`loses ${step.loses}`]), ...step.notes]
  const rows = step.kind === 'policy' ? policyBody(step) : rest.slice(said.length).map(it => it.trimStart())
  const notes = said.flatMap(it => ['', inlineMarkdown(it)])
  const fence = fenceFor(rows)
  const isBare = rows.length === 0
  return {
    open: [
      `<details><summary>${code(title.trim())}</summary>`,
      '',
      inlineMarkdown(why.trim()),
      ...notes,
      ...(isBare ? [] : ['', `${fence}diff`]),
    ],
    rows,
    close: [...(isBare ? [] : [fence]), '', '</details>'],
  }
}

function policyBody(step: Step): readonly string[] {
  const [before, after] = [textOf(step.before?.['policy']), textOf(step.after?.['policy'])]
  if (step.action === 'create') return linesOf(after).map(it => `+${it}`)
  if (step.action === 'delete') return linesOf(before).map(it => `-${it}`)
  return step.action === 'update' ? textDiff(before, after).map(({ sign, text }) => (sign === '@' ? text : `${sign}${text}`)) : []
}

/** Longer than any run of backticks inside, so that a text cannot end its own block. */
function fenceFor(lines: readonly string[]): string {
  const longest = Math.max(2, ...lines.flatMap(line => [...line.matchAll(/`+/g)].map(([run]) => run.length)))
  return '`'.repeat(longest + 1)
}

const html = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
