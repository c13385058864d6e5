import { countBySeverity, type LintReport, type ReportedFinding } from './reported.ts'

/** Lines and columns count from 1, columns in code points; offsets of edits from 0, in UTF-16 units. */
export const jsonReport = ({ findings, files }: LintReport): string =>
  `${JSON.stringify({ format_version: '1.0', findings: findings.map(plainFinding), counts: countBySeverity(findings), files: files.length }, null, 2)}\n`

const plainFinding = ({ code, severity, summary, detail, at, related, fingerprint, fix }: ReportedFinding): object => ({
  rule: code,
  severity,
  message: summary,
  ...(detail === undefined ? {} : { hint: detail }),
  ...plainRange(at),
  fingerprint,
  ...(related === undefined ? {} : { related: related.map(it => ({ note: it.note, ...plainRange(it.at) })) }),
  ...(fix === undefined ? {} : { fix }),
})

const plainRange = ({ file, start, end }: ReportedFinding['at']): object => ({
  file,
  line: start.line,
  column: start.column,
  end_line: end.line,
  end_column: end.column,
})
