/** What the lexer can find wrong. The texts are the server's own, because they are part of its answer to a refused policy. */
export const lexProblems = {
  'illegal-character': 'illegal char',
  /** JSON only: the message ends with the character. */
  'named-character': 'illegal char: ',
  'illegal-encoding': 'illegal UTF-8 encoding',
  'null-character': 'unexpected null character (0x00)',
  'reserved-character': 'unicode code point U+E123 reserved for internal use',
  'unfinished-string': 'literal not terminated',
  'unfinished-comment': 'comment not terminated',
  'unfinished-heredoc': 'heredoc not terminated',
  'illegal-escape': 'illegal char escape',
  'lone-slash': "expected '/' for comment",
  'lone-less-than': "heredoc expected second '<', didn't see it",
  'heredoc-anchor': 'invalid characters in heredoc anchor',
  'heredoc-empty-anchor': 'zero-length heredoc anchor',
  'illegal-hexadecimal': 'illegal hexadecimal number',
  'illegal-octal': 'illegal octal number',
  'leading-zero': 'numbers cannot start with 0',
} as const
export type LexProblemKind = keyof typeof lexProblems

export interface LexProblem {
  readonly kind: LexProblemKind
  /** Where the broken token begins. */
  readonly start: number
  /** The character that could not be taken; the text's length for its end. */
  readonly at: number
  /** How many reads went beyond the end until then: the server counts each as a column. */
  readonly beyond: number
}
