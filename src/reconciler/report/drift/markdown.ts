import { drifted, movedWords, placeText, type Changes, type Moved, type Plan } from '../../model/index.ts'
import { sourceText, targetText } from '../heading.ts'
import { inlineMarkdown, stepSection } from '../markdown.ts'
import { changedByText, coverageLine, ignoreText } from './words.ts'

const order: readonly Moved[] = ['target', 'both', 'repository', 'new']
/** A comment on GitHub holds 65,536 characters. */
const LONGEST = 60_000

/** For an issue or a chat: what somebody changed on the server first. */
export function driftMarkdown(plan: Plan, changes: Changes, longest: number = LONGEST): string {
  const steps = order.flatMap(moved => drifted(plan).filter(it => it.moved === moved))
  const title = steps.length === 0 ? 'No drift' : `Drift: ${steps.length} ${steps.length === 1 ? 'object differs' : 'objects differ'}`
  const head = [
    `## ${title}`,
    `${inlineMarkdown(sourceText(plan.source))} → ${inlineMarkdown(targetText(plan.target))}`,
    ...(steps.length === 0 ? [] : [table(plan, changes)]),
    inlineMarkdown(coverageLine(plan.coverage)),
    ...(plan.ignored.length === 0 ? [] : [plan.ignored.map(it => `- ignored: ${inlineMarkdown(ignoreText(it))}`).join('\n')]),
  ]
  const sections: string[] = []
  let length = head.join('\n\n').length
  for (const [i, step] of steps.entries()) {
    const section = stepSection(step)
    length += section.length + 2
    if (length > longest) {
      sections.push(`… and ${steps.length - i} more.`)
      break
    }
    sections.push(section)
  }
  return `${[...head, ...sections].join('\n\n')}\n`
}

const MOST = 50

function table(plan: Plan, changes: Changes): string {
  const steps = order.flatMap(moved => drifted(plan).filter(it => it.moved === moved))
  const rows = steps.slice(0, MOST).map(step => {
    const by = changes.get(step.address)
    const cells = [step.address, movedWords[step.moved], step.changed.join(', '), step.from === undefined ? '' : placeText(step.from)]
    return `| ${[...cells, by === undefined ? '' : changedByText(by)].map(inlineMarkdown).join(' | ')} |`
  })
  const more = steps.length > rows.length ? [`| … and ${steps.length - rows.length} more | | | | |`] : []
  return ['| object | what happened | attributes | described in | who |', '| --- | --- | --- | --- | --- |', ...rows, ...more].join('\n')
}
