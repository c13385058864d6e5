import { findingLines } from '../finding-lines.ts'
import type { Paint } from '../paint.ts'
import { countBySeverity, type LintReport } from './reported.ts'

/** A line for each finding, as compilers write it. */
export const compactReport = ({ findings }: LintReport, paint: Paint): string =>
  findings.map(({ detail: _, related: __, ...it }) => `${findingLines(it, paint).join('\n')}\n`).join('')

/** `2 errors and 1 note in 14 files`. */
export function lintSummary({ findings, files }: LintReport): string {
  const counts = countBySeverity(findings)
  const said = (['error', 'warning', 'note'] as const).flatMap(it => (counts[it] === 0 ? [] : plural(counts[it], it)))
  const [last = 'nothing', ...others] = said.toReversed()
  const list = others.length === 0 ? last : `${others.toReversed().join(', ')} and ${last}`
  return `${list} in ${plural(files.length, 'file')}`
}

const plural = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`
