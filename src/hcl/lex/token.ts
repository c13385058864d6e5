/** What a token can be. The names are the ones that the server's own messages show (`expected: IDENT | STRING got: RBRACE`). */
export const tokenNames = [
  'ILLEGAL',
  'EOF',
  'COMMENT',
  'IDENT',
  'NUMBER',
  'FLOAT',
  'BOOL',
  'STRING',
  'HEREDOC',
  'LBRACK',
  'LBRACE',
  'COMMA',
  'PERIOD',
  'RBRACK',
  'RBRACE',
  'ASSIGN',
  'ADD',
  'SUB',
  'COLON',
  'NULL',
] as const
export type TokenName = (typeof tokenNames)[number]

/** Index into `tokenNames`. A number and not a name, because a token table keeps it in one byte. */
export type TokenKind = number

export const ILLEGAL: TokenKind = 0
export const EOF: TokenKind = 1
export const COMMENT: TokenKind = 2
export const IDENT: TokenKind = 3
export const NUMBER: TokenKind = 4
export const FLOAT: TokenKind = 5
export const BOOL: TokenKind = 6
export const STRING: TokenKind = 7
export const HEREDOC: TokenKind = 8
export const LBRACK: TokenKind = 9
export const LBRACE: TokenKind = 10
export const COMMA: TokenKind = 11
export const PERIOD: TokenKind = 12
export const RBRACK: TokenKind = 13
export const RBRACE: TokenKind = 14
export const ASSIGN: TokenKind = 15
export const ADD: TokenKind = 16
export const SUB: TokenKind = 17
export const COLON: TokenKind = 18
export const NULL: TokenKind = 19

export const tokenName = (kind: TokenKind): TokenName => tokenNames[kind] as TokenName
