import { goQuote, isPrintable } from '../../../../kernel/index.ts'
import { f, type WireObject } from '../../../../schema/index.ts'
import { faults } from '../../../logical/index.ts'

export type CustomMetadata = Readonly<Record<string, string>>

const KEYS = 64
const KEY_BYTES = 128
const VALUE_BYTES = 512
const PREFIX = 'custom_metadata validation failed'
const TEXT = f.string('A value.')

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
  const name = goQuote(key)
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
