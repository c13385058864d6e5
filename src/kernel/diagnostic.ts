/** What is wrong with the user's files or plan, as a value: collected, sorted late, rendered by a reporter. Never thrown. */
export type Severity = 'error' | 'warning' | 'note'

/** A text with the name that messages show for it (a path relative to the repository, or `<stdin>`). */
export interface SourceFile {
  readonly name: string
  readonly text: string
}

export interface SourcePosition {
  /** From 1. */
  readonly line: number
  /** From 1, counted in code points, as the policy language's own messages do. */
  readonly column: number
  /** From 0, in UTF-16 units of the text. */
  readonly offset: number
}

/** `end` is the position just behind the last character. */
export interface SourceRange {
  readonly file: string
  readonly start: SourcePosition
  readonly end: SourcePosition
}

export interface Diagnostic {
  /** Stable: 'HCL1003', 'RULE0012', 'LOAD0004', 'PLAN0004'. Each stands in docs/reference/findings.md. */
  readonly code: string
  readonly severity: Severity
  /** One line, lower case, no full stop; names the field; never shows a secret. */
  readonly summary: string
  /** What was expected, and what to do. */
  readonly detail?: string
  readonly at?: SourceRange
  /** Address of the resource it concerns. */
  readonly about?: string
  readonly related?: readonly { readonly at: SourceRange; readonly note: string }[]
}

/** A value with what was found on the way to it. No value: what was found says why. */
export interface Checked<T> {
  readonly value?: T
  readonly findings: readonly Diagnostic[]
}
