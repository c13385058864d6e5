import type { Diagnostic, SourceRange } from '../../../kernel/index.ts'
import { harmless } from '../paint.ts'

/** A finding at the line of a file, as the API of checks calls it. */
export interface PlanAnnotation {
  readonly path: string
  readonly startLine: number
  readonly endLine: number
  readonly startColumn: number
  readonly endColumn: number
  readonly level: 'notice' | 'warning' | 'failure'
  readonly title: string
  readonly message: string
}

const LEVELS: Readonly<Record<Diagnostic['severity'], PlanAnnotation['level']>> = { error: 'failure', warning: 'warning', note: 'notice' }

interface Placed {
  readonly from?: SourceRange
  readonly loses?: string
  readonly address: string
}

/** What a reviewer should see beside the lines: findings, and steps by which data is lost. Without a place nothing can be shown there. */
export function planAnnotations(findings: readonly Diagnostic[], steps: readonly Placed[] = []): readonly PlanAnnotation[] {
  return [
    ...findings.flatMap(({ at, code, severity, summary, detail }) =>
      at === undefined ? [] : [annotation(at, LEVELS[severity], code, detail === undefined ? summary : `${summary}\n${detail}`)],
    ),
    ...steps.flatMap(({ from, loses, address }) =>
      from === undefined || loses === undefined ? [] : [annotation(from, 'warning', 'Loss of data', `${address} loses ${loses}`)],
    ),
  ]
}

const annotation = ({ file, start, end }: SourceRange, level: PlanAnnotation['level'], title: string, message: string): PlanAnnotation => ({
  path: file,
  startLine: start.line,
  endLine: Math.max(start.line, end.line),
  startColumn: start.column,
  endColumn: Math.max(start.column, end.column),
  level,
  title,
  message: harmless(message),
})
