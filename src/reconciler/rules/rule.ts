import type { Severity, SourceRange } from '../../kernel/index.ts'
import type { WorkspaceView } from './view/index.ts'

/** Puts `text` in place of what stands from `start` to `end` (UTF-16 offsets of the file). */
export interface Edit {
  readonly start: number
  readonly end: number
  readonly text: string
}

/** `safe`: the server reads the same before and after, so `lint -fix` makes the edit. Others are for a person to choose. */
export interface Fix {
  readonly title: string
  readonly safe: boolean
  readonly edits: readonly Edit[]
}

/** One thing that a rule found. */
export interface Problem {
  readonly file: string
  /** Absent: it concerns the file as a whole. */
  readonly at?: SourceRange
  readonly message: string
  /** What to do. */
  readonly hint?: string
  readonly related?: readonly { readonly at: SourceRange; readonly note: string }[]
  /** Where one of a rule's findings weighs differently from the others. */
  readonly severity?: Severity
  readonly fix?: Fix
}

/** A policy file alone, or a small repository: texts by path. */
export type Example = string | Readonly<Record<string, string>>

/**
 * One rule as data. Adding a rule is a file with its table and a line in index.ts; its page in docs/reference/rules is written
 * from it, and a test holds that `bad` is found and `good` is not.
 */
export interface Rule {
  readonly id: string
  readonly severity: Severity
  /** One sentence: what it finds. */
  readonly doc: string
  /** What happens on the server, and why that is not what the author meant. */
  readonly why: string
  readonly bad: Example
  readonly good: Example
  /** Looked at only when a second opinion was asked for, with `lint -strict`. */
  readonly strict?: true
  /** A finding only where it is one for each target: what one does not use, another may. */
  readonly everywhere?: true
  check(view: WorkspaceView): Iterable<Problem>
}
