import type { SourceRange } from '../../../kernel/index.ts'
import type { Problem } from '../rule.ts'
import { labelAt, rangeAt, type RuleView } from '../view/index.ts'

type More = Omit<Problem, 'file' | 'at' | 'message'>

export const problemIn = (at: SourceRange, message: string, more: More = {}): Problem => ({ file: at.file, at, message, ...more })

/** At a rule's path. */
export const problemOf = (it: RuleView, message: string, more: More = {}): Problem => problemIn(labelAt(it), message, more)

/** At the value of a key in a rule's body. */
export const problemAt = (it: RuleView, key: string, message: string, more: More = {}): Problem =>
  problemIn(rangeAt(it, key), message, more)

export const ofFile = (file: string, message: string, more: More = {}): Problem => ({ file, message, ...more })
