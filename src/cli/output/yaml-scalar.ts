/**
 * How one string is written in YAML 1.1, as the emitter of the field's tools (go-yaml 2, a libyaml) does it: plain where a
 * reader takes it back as the same string, else quoted, over several lines as a literal; long ones folded at column 80.
 */
export type Style = 'plain' | 'single' | 'double' | 'literal'

const NAMED = new Set(
  '~ null Null NULL y Y yes Yes YES on On ON n N no No NO off Off OFF true True TRUE false False FALSE .nan .NaN .NAN .inf .Inf .INF +.inf +.Inf +.INF -.inf -.Inf -.INF'.split(
    ' ',
  ),
)
const INTEGER = /^[-+]?(0[xX][\da-fA-F]+|0[oO]?[0-7]+|0[bB][01]+|[1-9]\d*|0)$/
const FLOAT = /^[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?$/
const BASE60 = /^[-+]?\d[\d_]*(:[0-5]?\d)+(\.[\d_]*)?$/
const TIMESTAMP = /^\d{4}-\d{1,2}-\d{1,2}([tT ]\d{1,2}:\d{1,2}:\d{1,2}(\.\d+)?(Z|[+-]\d\d:\d\d)?)?$/

/** What a reader would take for something else than a string. */
function isTaken(text: string): boolean {
  if (text === '' || NAMED.has(text)) return true
  if (text.startsWith('.')) return /^\.\d+([eE][-+]?\d+)?$/.test(text)
  if (!/^[-+\d]/.test(text)) return false
  const plain = text.replaceAll('_', '')
  return INTEGER.test(plain) || FLOAT.test(plain) || BASE60.test(text) || TIMESTAMP.test(text)
}

/** What libyaml counts as the end of a line. */
export const BREAK: RegExp = /[\n\r\u0085\u2028\u2029]/
/** Neither what libyaml prints as it is, nor a line break. It knows no planes beyond the first. */
const SPECIAL = /[^\n\x20-\x7e\u00a0-\ud7ff\ue000-\ufefe\uff00-\ufffd]/ // eslint-disable-line no-control-regex

interface Allowed {
  readonly plain: boolean
  readonly single: boolean
  readonly literal: boolean
}

function analyse(text: string): Allowed {
  const indicator =
    /^(---|\.\.\.)/.test(text) ||
    /^[#,[\]{}&*!|>'"%@`]/.test(text) ||
    /^[?:-]([ \t\n]|$)/.test(text) ||
    /:([ \t\n]|$)/.test(text) ||
    /[ \t\n]#/.test(text)
  const special = SPECIAL.test(text) || /\p{Surrogate}|[\u{10000}-\u{10ffff}]/u.test(text)
  const spaceBreak = / [\n\r\u0085\u2028\u2029]/.test(text)
  const breakSpace = /[\n\r\u0085\u2028\u2029] /.test(text)
  const edges = /^[ \n\r\u0085\u2028\u2029]|[ \n\r\u0085\u2028\u2029]$/.test(text)
  const folds = !breakSpace && !spaceBreak && !special
  return {
    plain: folds && !indicator && !edges && !BREAK.test(text),
    single: folds,
    literal: text !== '' && !spaceBreak && !special && !text.endsWith(' '),
  }
}

export function styleOf(text: string): Style {
  const allowed = analyse(text)
  if (text.includes('\n')) return allowed.literal ? 'literal' : 'double'
  if (isTaken(text)) return 'double'
  if (allowed.plain) return 'plain'
  return allowed.single ? 'single' : 'double'
}

const NAMED_ESCAPES: Readonly<Record<string, string>> = {
  '\0': '\\0',
  '\u0007': '\\a',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\v': '\\v',
  '\f': '\\f',
  '\r': '\\r',
  '\u001b': '\\e',
  '"': '\\"',
  '\\': '\\\\',
  '\u0085': '\\N',
  '\u2028': '\\L',
  '\u2029': '\\P',
}

function escaped(char: string): string {
  const named = NAMED_ESCAPES[char]
  if (named !== undefined) return named
  const code = char.codePointAt(0) as number
  const hex = code.toString(16).toUpperCase()
  return code <= 0xff ? `\\x${hex.padStart(2, '0')}` : code <= 0xffff ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`
}

const WIDTH = 80

/** Where a scalar is written: the column it starts in, the indentation of what follows a fold, and whether it may fold. */
export interface Place {
  readonly column: number
  readonly indent: number
  readonly folds: boolean
}

/** Writes piece by piece; a single blank beyond column 80 becomes a line break. */
function folded(
  chars: readonly string[],
  place: Place,
  mayFold: (i: number) => boolean,
  write: (char: string) => string,
  afterFold: (next: string | undefined) => string,
): string {
  let made = ''
  let { column } = place
  let blank = false
  for (const [i, char] of chars.entries()) {
    if (char === ' ' && place.folds && !blank && column > WIDTH && mayFold(i)) {
      const continued = afterFold(chars[i + 1])
      made += `\n${' '.repeat(place.indent)}${continued}`
      column = place.indent + continued.length
      blank = true
      continue
    }
    const text = write(char)
    made += text
    column += Array.from(text).length
    blank = char === ' '
  }
  return made
}

/** U+2028 and U+2029 end a line too: what follows one on it is indented, though no line break is written. */
const indented = (text: string, indent: number): string => text.replace(/(?<=[\u2028\u2029])(?=[^\n\u2028\u2029])/g, ' '.repeat(indent))

function literal(text: string, indent: number): string {
  const hint = /^[ \n\u2028\u2029]/.test(text) ? '2' : ''
  const chomp = !/[\n\u2028\u2029]$/.test(text) ? '-' : /^.$|[\n\u2028\u2029].$/su.test(text) ? '+' : ''
  const lines = text.split('\n').map(line => (line === '' || /^[\u2028\u2029]/.test(line) ? line : ' '.repeat(indent) + line))
  if (text.endsWith('\n')) lines.pop()
  return `|${hint}${chomp}\n${indented(lines.join('\n'), indent)}`
}

export function writeScalar(text: string, style: Style, place: Place): string {
  const chars = Array.from(text)
  const last = chars.length - 1
  if (style === 'literal') return literal(text, place.indent)
  if (style === 'plain')
    return folded(
      chars,
      place,
      i => chars[i + 1] !== ' ',
      it => it,
      () => '',
    )
  if (style === 'single') {
    const inner = folded(
      chars,
      { ...place, column: place.column + 1 },
      i => i > 0 && i < last && chars[i + 1] !== ' ',
      it => (it === "'" ? "''" : it),
      () => '',
    )
    return `'${indented(inner, place.indent)}'`
  }
  // libyaml looks for a byte order mark at the start of the string when it means the character, and so escapes all of it.
  const marked = text.startsWith('\ufeff')
  const write = (char: string): string =>
    marked || /["\\]/.test(char) || SPECIAL.test(char) || BREAK.test(char) || char.length > 1 ? escaped(char) : char
  const inner = folded(
    chars,
    { ...place, column: place.column + 1 },
    i => i > 0 && i < last,
    write,
    next => (next === ' ' ? '\\' : ''),
  )
  return `"${inner}"`
}
