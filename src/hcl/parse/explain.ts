import type { SourceFile, SourceRange } from '../../kernel/index.ts'
import { lexProblems, type LexProblem, type LexProblemKind, type LineIndex, type TokenName } from '../lex/index.ts'
import { MAX_FINDINGS } from './limits.ts'
import type { Refusal } from './refusal.ts'
import type { HclTree } from './tree.ts'

/** What the grammar can find wrong. */
export type ProblemKind =
  | 'key-expected'
  | 'body-without-key'
  | 'assign-without-key'
  | 'assign-after-labels'
  | 'illegal-character'
  | 'key-alone'
  | 'value-expected'
  | 'brace-expected'
  | 'element-expected'
  | 'comma-expected'
  | 'too-deep'

/** What the grammar of the JSON form can find wrong; the server names no place but for the last. */
export type JsonProblemKind =
  'json-key-expected' | 'json-element-expected' | 'json-object-expected' | 'json-value-expected' | 'json-too-deep'

export interface Problem {
  readonly kind: ProblemKind | JsonProblemKind
  readonly lines: LineIndex
  readonly start: number
  readonly end: number
  /** Reads behind the end until then; 0 for a token inside of the text. */
  readonly beyond: number
  readonly got: TokenName
  readonly text: string
  /** The keys or the key that it is about, as written. */
  readonly about: string
  /** The bracket that the text ends without closing. */
  readonly opening?: SourceRange
}

interface Wording {
  readonly code: string
  readonly peer: (it: Problem, place: string) => string
  readonly summary: (it: Problem) => string
  readonly detail: (it: Problem) => string
}

const KEY = 'a key is a word or a string in double quotes'

const wordings: Readonly<Record<ProblemKind | JsonProblemKind, Wording>> = {
  'key-expected': {
    code: 'HCL1101',
    peer: (it, place) => `At ${place}: expected: IDENT | STRING | ASSIGN | LBRACE got: ${it.got}`,
    summary: it => `expected a key, found ${shown(it)}`,
    detail: it => (it.got === 'RBRACE' ? 'this } closes nothing' : `here stands a key, then = and a value or { and a body; ${KEY}`),
  },
  'body-without-key': {
    code: 'HCL1102',
    peer: (_it, place) => `At ${place}: expected: IDENT | STRING got: LBRACE`,
    summary: () => 'expected a key before {',
    detail: () => `a body needs a name, as in path "secret/x" { … }; ${KEY}`,
  },
  'assign-without-key': {
    code: 'HCL1103',
    peer: (_it, place) => `At ${place}: no object keys found!`,
    summary: () => 'expected a key before =',
    detail: () => KEY,
  },
  'assign-after-labels': {
    code: 'HCL1104',
    peer: (it, place) => `At ${place}: nested object expected: LBRACE got: ${it.got}`,
    summary: () => 'expected { after a key with labels, found =',
    detail: () => 'leave the = out: path "secret/x" { … }',
  },
  'illegal-character': {
    code: 'HCL1105',
    peer: (_it, place) => `At ${place}: illegal character`,
    summary: it => `expected a key, found ${shown(it)}`,
    detail: () => KEY,
  },
  'key-alone': {
    code: 'HCL1106',
    peer: (it, place) => `At ${place}: key '${it.about}' expected start of object ('{') or assignment ('=')`,
    summary: it => `expected = or { after ${it.about}, found ${shown(it)}`,
    detail: () => 'a key is followed by = and a value, or by { and a body',
  },
  'value-expected': {
    code: 'HCL1107',
    peer: (it, place) => `At ${place}: Unknown token: ${place} ${it.got} ${it.text}`,
    summary: it => `expected a value, found ${shown(it)}`,
    detail: it =>
      it.got === 'IDENT'
        ? `text stands in double quotes: ${JSON.stringify(it.text)}`
        : 'a value is a string, number, true, false, [ list ] or { object }',
  },
  'brace-expected': {
    code: 'HCL1108',
    peer: (it, place) => `At ${place}: object expected closing RBRACE got: ${it.got}`,
    summary: it => `expected } to close the body, found ${shown(it)}`,
    detail: () => 'a body that was opened with { is not closed',
  },
  'element-expected': {
    code: 'HCL1109',
    peer: (it, place) => `At ${place}: unexpected token while parsing list: ${it.got}`,
    summary: it => `expected an element or ] in the list, found ${shown(it)}`,
    detail: it =>
      it.got === 'IDENT'
        ? `text stands in double quotes: ${JSON.stringify(it.text)}`
        : 'an element is a string, number, true, false, [ list ] or { object }',
  },
  'comma-expected': {
    code: 'HCL1110',
    peer: (it, place) => `At ${place}: error parsing list, expected comma or list end, got: ${it.got}`,
    summary: it => `expected , or ] after the element, found ${shown(it)}`,
    detail: () => 'elements of a list are separated by commas',
  },
  'too-deep': {
    code: 'HCL1111',
    peer: (_it, place) => `At ${place}: nesting is too deep`,
    summary: () => 'nesting is too deep',
    detail: () => 'at most a thousand levels of { and [ are read',
  },
  'json-key-expected': {
    code: 'HCL1201',
    peer: it => `expected: STRING got: ${it.got}`,
    summary: it => `expected a key in double quotes, found ${shown(it)}`,
    detail: () => 'a member is "key": value',
  },
  'json-element-expected': {
    code: 'HCL1202',
    peer: it => `unexpected token while parsing list: ${it.got}`,
    summary: it => `expected an element or ] in the list, found ${shown(it)}`,
    detail: () => 'an element is a string, a number or { object }',
  },
  'json-object-expected': {
    code: 'HCL1203',
    peer: (it, place) => `Expected object, got unknown token: ${place} ${it.got} ${it.text}`,
    summary: it => `expected {, found ${shown(it)}`,
    detail: () => 'a policy in JSON is one object',
  },
  'json-value-expected': {
    code: 'HCL1204',
    peer: (it, place) => `Expected object value, got unknown token: ${place} ${it.got} ${it.text}`,
    summary: it => `expected a value, found ${shown(it)}`,
    detail: () => 'a value is a string, number, true, false, null, [ list ] or { object }',
  },
  'json-too-deep': {
    code: 'HCL1111',
    peer: () => 'nesting is too deep',
    summary: () => 'nesting is too deep',
    detail: () => 'at most a thousand levels of { and [ are read',
  },
}

const NAMES: Readonly<Partial<Record<TokenName, string>>> = { EOF: 'the end of the text', STRING: 'a string', HEREDOC: 'a heredoc' }

const shown = (it: Problem): string => NAMES[it.got] ?? (it.text === '' ? it.got : (it.text.split('\n', 1)[0] ?? it.got))

export function explainProblem(problem: Problem): Refusal {
  const { code, peer, summary, detail } = wordings[problem.kind]
  const at = problem.lines.range(problem.start, problem.end)
  const related = problem.opening === undefined ? {} : { related: [{ at: problem.opening, note: 'it was opened here' }] }
  return {
    peer: peer(problem, peerPlace(at, problem.beyond)),
    finding: { code, severity: 'error', summary: summary(problem), detail: detail(problem), at, ...related },
  }
}

/** The server's words when what is inside of a list is refused: each list adds its own beginning. */
export function withinList(refusal: Refusal, what: 'object' | 'list', at: SourceRange): Refusal {
  return { ...refusal, peer: `At ${peerPlace(at, 0)}: error while trying to parse ${what} within list: ${refusal.peer}` }
}

/** `line:column`; the server counts one column for each read behind the end. */
function peerPlace(at: SourceRange, beyond: number): string {
  return `${at.start.line}:${at.start.column + (beyond === 0 ? 0 : beyond - 1)}`
}

const lexWordings: Readonly<Record<LexProblemKind, { readonly code: string; readonly summary: string; readonly detail: string }>> = {
  'illegal-character': {
    code: 'HCL1001',
    summary: 'this character has no meaning here',
    detail: 'expected a key, a value, = { } [ ] or a comma',
  },
  'named-character': {
    code: 'HCL1001',
    summary: 'this character has no meaning here',
    detail: 'expected a string, a number, { } [ ] : or a comma; JSON has no comments',
  },
  'leading-zero': { code: 'HCL1015', summary: 'a number in JSON does not begin with 0', detail: 'leave the 0 out' },
  'illegal-encoding': { code: 'HCL1002', summary: 'the text is not valid UTF-8 here', detail: 'save the file as UTF-8' },
  'null-character': { code: 'HCL1003', summary: 'a null character stands here', detail: 'remove it' },
  'reserved-character': { code: 'HCL1004', summary: 'the character U+E123 is reserved', detail: 'remove it' },
  'unfinished-string': { code: 'HCL1005', summary: 'the string is not closed', detail: 'expected a closing " on the same line' },
  'unfinished-comment': { code: 'HCL1006', summary: 'the comment is not closed', detail: 'expected */' },
  'unfinished-heredoc': {
    code: 'HCL1007',
    summary: 'the heredoc is not closed',
    detail: 'expected its marker alone on a line that ends with a line break',
  },
  'illegal-escape': {
    code: 'HCL1008',
    summary: 'unknown escape in a string',
    detail: 'known are \\a \\b \\f \\n \\r \\t \\v \\\\ \\" \\101 \\x41 \\u00e9 \\U0001f600',
  },
  'lone-slash': {
    code: 'HCL1009',
    summary: 'a / alone has no meaning here',
    detail: 'a comment begins with // or /*; a path stands in double quotes',
  },
  'lone-less-than': { code: 'HCL1010', summary: 'a < alone has no meaning here', detail: 'a heredoc begins with << and its marker' },
  'heredoc-anchor': {
    code: 'HCL1011',
    summary: 'unknown character in the marker of a heredoc',
    detail: 'behind << stands a word and then the line ends; no quotes, no blanks',
  },
  'heredoc-empty-anchor': { code: 'HCL1012', summary: 'the heredoc has no marker', detail: 'expected a word behind <<, as in <<EOT' },
  'illegal-hexadecimal': { code: 'HCL1013', summary: 'the hexadecimal number has no digits', detail: 'expected 0x and digits from 0 to f' },
  'illegal-octal': {
    code: 'HCL1014',
    summary: 'the octal number has an 8 or 9',
    detail: 'a number that begins with 0 is octal; leave the 0 out',
  },
}

const HINTS: Readonly<Record<string, string>> = {
  "'": 'strings stand in double quotes',
  ':': 'a key and its value are joined by =',
  ';': 'no ; is needed: an attribute ends by itself',
  '\ufeff': 'the file begins with a byte order mark; save it without',
  '\u00a0': 'this is a non-breaking space; write an ordinary one',
  '“': 'strings stand in straight double quotes',
  '”': 'strings stand in straight double quotes',
}

/** The server gives the last problem, so that one comes first; for the reader of a finding they stand in text order. */
export function explainLexProblems(
  source: SourceFile,
  lines: LineIndex,
  problems: readonly LexProblem[],
  dialect: HclTree['dialect'],
): Refusal[] {
  const last = problems.at(-1) as LexProblem
  const others = problems.slice(0, Math.min(problems.length - 1, MAX_FINDINGS))
  return [last, ...others].map(it => explainLexProblem(source, lines, it, dialect))
}

function explainLexProblem(source: SourceFile, lines: LineIndex, problem: LexProblem, dialect: HclTree['dialect']): Refusal {
  const { code, summary, detail } = lexWordings[problem.kind]
  const { text } = source
  const end = Math.min(text.length, problem.at + ((text.codePointAt(problem.at) ?? 0) > 0xffff ? 2 : 1))
  const about = problem.kind.startsWith('unfinished')
    ? lines.range(problem.start, firstLineEnd(text, problem.start, problem.at))
    : lines.range(problem.at, end)
  const character = text.slice(problem.at, end)
  const hint = problem.kind === 'illegal-character' || problem.kind === 'named-character' ? HINTS[character] : undefined
  const words = lexProblems[problem.kind] + (problem.kind === 'named-character' ? character.toWellFormed() : '')
  return {
    peer: `${dialect === 'hcl' ? 'At ' : ''}${peerPlace(lines.range(problem.at, end), problem.beyond)}: ${words}`,
    finding: { code, severity: 'error', summary, detail: hint ?? detail, at: about },
  }
}

/** What is not closed is shown to the end of its first line. */
function firstLineEnd(text: string, start: number, limit: number): number {
  const end = text.indexOf('\n', start)
  return Math.max(start + 1, Math.min(limit, end === -1 ? limit : end))
}
