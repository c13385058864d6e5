export type TokenKind =
  | 'text'
  | 'open'
  | 'close'
  | 'space'
  | 'word'
  | 'keyword'
  | 'field'
  | 'dot'
  | 'variable'
  | 'nil'
  | 'bool'
  | 'number'
  | 'string'
  | 'char'
  | 'mark'
  | 'error'
  | 'end'

export interface Token {
  readonly kind: TokenKind
  /** As it stands in the text; of a text token what is left after trimming, of an error the message. */
  readonly text: string
  /** In UTF-16 units of the text. */
  readonly at: number
}

export const KEYWORDS: ReadonlySet<string> = new Set([
  'block',
  'break',
  'continue',
  'define',
  'else',
  'end',
  'if',
  'range',
  'template',
  'with',
])
