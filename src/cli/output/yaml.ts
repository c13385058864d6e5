import { literalOf } from './go-text.ts'
import { BREAK, styleOf, writeScalar } from './yaml-scalar.ts'

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && literalOf(value) === undefined

/** `1.50` and `1e3` lose their spelling on the way through the field's tools: a float comes out in Go's shortest form. */
function numberText(literal: string): string {
  if (/^-?\d+$/.test(literal)) {
    const whole = BigInt(literal)
    if (whole >= -(2n ** 63n) && whole < 2n ** 64n) return whole.toString()
  }
  const value = Number(literal)
  if (Object.is(value, -0)) return '-0'
  const [digits, exponent] = value.toExponential().split('e')
  const power = Number(exponent)
  if (power >= -4 && power < 6) return String(value)
  return `${digits}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`
}

const isDigit = (char: string | undefined): boolean => char !== undefined && /\p{Nd}/u.test(char)
const isLetter = (char: string): boolean => /\p{L}/u.test(char)

/** The emitter's order of keys: numbers within them count as numbers (`k9` before `k10`), letters after all else. */
function byKey(a: string, b: string): number {
  const x = Array.from(a)
  const y = Array.from(b)
  for (let i = 0; i < x.length && i < y.length; i++) {
    const [p, q] = [x[i] as string, y[i] as string]
    if (p === q) continue
    if (isLetter(p) && isLetter(q)) return (p.codePointAt(0) as number) - (q.codePointAt(0) as number)
    if (isLetter(p) || isLetter(q)) return isLetter(q) ? -1 : 1
    const significant = p === '0' || q === '0' ? leads(x, i) : false
    const [m, n] = [run(x, i), run(y, i)]
    const [left, right] = [Number(`${significant ? '1' : ''}${m}` || '0'), Number(`${significant ? '1' : ''}${n}` || '0')]
    if (left !== right) return left - right
    if (m.length !== n.length) return m.length - n.length
    return (p.codePointAt(0) as number) - (q.codePointAt(0) as number)
  }
  return x.length - y.length
}

/** Whether a digit other than zero stands before position `end` in the same number. */
function leads(chars: readonly string[], end: number): boolean {
  for (let i = end - 1; i >= 0 && isDigit(chars[i]); i--) if (chars[i] !== '0') return true
  return false
}

function run(chars: readonly string[], start: number): string {
  let end = start
  while (isDigit(chars[end])) end++
  return chars.slice(start, end).join('')
}

/** Keys longer than this, and those of several lines, are written with a question mark. */
const LONGEST_KEY = 128

function scalar(value: unknown, indent: number, column: number): string {
  if (value === null || value === undefined) return 'null'
  if (typeof value === 'boolean') return String(value)
  const literal = literalOf(value)
  if (literal !== undefined) return numberText(literal)
  const text = value as string
  return writeScalar(text, styleOf(text), { column, indent, folds: true })
}

/** The lines of a value; the first one goes behind what is already written. `indent` is that of its own keys or dashes. */
function node(value: unknown, indent: number, column: number): string {
  const pad = ' '.repeat(indent)
  if (Array.isArray(value)) {
    if (value.length === 0) return '[]'
    return value.map((it, i) => `${i === 0 ? '' : pad}- ${node(it, indent + 2, indent + 2)}`).join('\n')
  }
  if (isMap(value)) {
    const keys = Object.keys(value).sort(byKey)
    if (keys.length === 0) return '{}'
    return keys.map((key, i) => `${i === 0 ? '' : pad}${entry(key, value[key], indent)}`).join('\n')
  }
  return scalar(value, indent, column)
}

function entry(key: string, value: unknown, indent: number): string {
  const pad = ' '.repeat(indent)
  if (BREAK.test(key) || Buffer.byteLength(key) > LONGEST_KEY) {
    return `? ${node(key, indent + 2, indent + 2)}\n${pad}: ${node(value, indent + 2, indent + 2)}`
  }
  const name = writeScalar(key, styleOf(key), { column: indent, indent, folds: false })
  if (Array.isArray(value) && value.length > 0) return `${name}:\n${pad}${node(value, indent, indent)}`
  if (isMap(value) && Object.keys(value).length > 0) return `${name}:\n${pad}  ${node(value, indent + 2, indent + 2)}`
  return `${name}: ${scalarOrEmpty(value, indent + 2, indent + Array.from(name).length + 2)}`
}

const scalarOrEmpty = (value: unknown, indent: number, column: number): string =>
  Array.isArray(value) ? '[]' : isMap(value) ? '{}' : scalar(value, indent, column)

/** As the field's tools print YAML, without the final newline. */
export function yamlOf(value: unknown): string {
  if (typeof value === 'string') return scalar(value, 2, 0)
  return node(value, 0, 0)
}
