import type { Diagnostic, Severity, SourceRange } from '../../../kernel/index.ts'

/** A finding of the linter; `code` is the id of its rule. */
export interface ReportedFinding extends Diagnostic {
  readonly at: SourceRange
  readonly fingerprint: string
  readonly fix?: ReportedFix
}

export interface ReportedFix {
  readonly title: string
  readonly safe: boolean
  readonly edits: readonly { readonly start: number; readonly end: number; readonly text: string }[]
}

export interface ReportedRule {
  readonly id: string
  readonly severity: Severity
  readonly doc: string
  readonly why: string
}

export interface LintReport {
  readonly findings: readonly ReportedFinding[]
  /** All files that were looked at. */
  readonly files: readonly string[]
  readonly rules: readonly ReportedRule[]
}

export const isFileFinding = ({ at }: ReportedFinding): boolean => at.start.offset === at.end.offset && at.start.offset === 0

export function countBySeverity(findings: readonly Diagnostic[]): Readonly<Record<Severity, number>> {
  const counts = { error: 0, warning: 0, note: 0 }
  for (const { severity } of findings) counts[severity]++
  return counts
}
