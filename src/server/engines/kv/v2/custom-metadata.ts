import { f, type WireObject } from '../../../../schema/index.ts'
import { faults } from '../../../logical/index.ts'

export type CustomMetadata = Readonly<Record<string, string>>

const KEYS = 64
const KEY_BYTES = 128
const VALUE_BYTES = 512
const PREFIX = 'custom_metadata validation failed'
const TEXT = f.string('A value.')

/** Letters, marks, numbers, punctuation, symbols and the plain blank: what Go calls printable. */
const isPrintable = (text: string): boolean => /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]*$/u.test(text)

/** Throws what is wrong with custom metadata, all of it at once, else gives its values as text. */
export function checkedCustomMetadata(raw: WireObject): CustomMetadata {
  const texts = Object.entries(raw).map(([key, value]) => [key, textOf(value)] as const)
  if (texts.length > KEYS) throw refused([`payload must contain at most ${KEYS} keys, provided ${texts.length}`])
  const wrong = texts.flatMap(([key, value]) => [...complaints(key, value)])
  if (wrong.length > 0) throw refused(wrong)
  return Object.fromEntries(texts)
}

function textOf(value: unknown): string {
  let why = ''
  const text = value === null ? '' : TEXT.decode(value, it => void (why = it))
  if (text === undefined) throw faults.refused({ why: `${PREFIX}: ${why}` })
  return text
}

function* complaints(key: string, value: string): Generator<string> {
  const [keyBytes, valueBytes] = [Buffer.byteLength(key), Buffer.byteLength(value)]
  const name = quoted(key)
  if (keyBytes === 0 || keyBytes > KEY_BYTES) yield `length of key ${name} is ${keyBytes} but must be 0 < len(key) <= ${KEY_BYTES}`
  if (valueBytes === 0 || valueBytes > VALUE_BYTES) {
    yield `length of value for key ${name} is ${valueBytes} but must be 0 < len(value) <= ${VALUE_BYTES}`
  }
  if (!isPrintable(key)) yield `key ${name} (${key}) contains unprintable characters`
  if (!isPrintable(value)) yield `value for key ${name} contains unprintable characters`
}

function refused(complaints: readonly string[]): ReturnType<typeof faults.refused> {
  const lines = complaints.map(it => `\t* ${PREFIX}: ${it}\n`).join('')
  return faults.refused({ why: `${complaints.length} error${complaints.length === 1 ? '' : 's'} occurred:\n${lines}\n` })
}

const NAMED: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
}

/** As Go quotes a text: what is not printable shows as an escape. */
function quoted(text: string): string {
  let out = ''
  for (const rune of text) out += NAMED[rune] ?? (isPrintable(rune) ? rune : escaped(rune.codePointAt(0) ?? 0))
  return `"${out}"`
}

function escaped(code: number): string {
  if (code < 0x80) return `\\x${code.toString(16).padStart(2, '0')}`
  return code < 0x10000 ? `\\u${code.toString(16).padStart(4, '0')}` : `\\U${code.toString(16).padStart(8, '0')}`
}
