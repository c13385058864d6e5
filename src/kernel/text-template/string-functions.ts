import { Buffer } from 'node:buffer'
import { lowerCase } from '../lower-case.ts'
import { goTime } from './go-time.ts'
import { bounded, type TemplateFunctions, TemplateTrouble } from './value.ts'

/** What the functions of the API's templates need from outside. */
export interface TemplatePorts {
  readonly now: Date
  /** So many letters and digits. */
  readonly randomText: (length: number) => string
  readonly uuid: () => string
  /** Of the text's UTF-8, in hexadecimal. */
  readonly sha256: (text: string) => string
}

/** The functions that the API gives its templates (names of users in databases, paths of list filters) beside Go's own. */
export function stringFunctions({ now, randomText, uuid, sha256 }: TemplatePorts): TemplateFunctions {
  return {
    random: { params: ['int'], call: (length: number) => randomText(bounded(atLeast(length, 1, 'length'))) },
    truncate: { params: ['int', 'string'], call: (most: number, text: string) => head(text, atLeast(most, 1)) },
    truncate_sha256: { params: ['int', 'string'], call: (most: number, text: string) => shortened(text, atLeast(most, 9), sha256) },
    uppercase: { params: ['string'], call: (text: string) => Array.from(text).map(upper).join('') },
    lowercase: { params: ['string'], call: (text: string) => lowerCase(text) },
    replace: { params: ['string', 'string', 'string'], call: replaced },
    sha256: { params: ['string'], call: (text: string) => sha256(text) },
    base64: { params: ['string'], call: (text: string) => Buffer.from(text).toString('base64') },
    decode_base64: { params: ['string'], call: fromBase64 },
    hex: { params: ['string'], call: (text: string) => Buffer.from(text).toString('hex') },
    decode_hex: { params: ['string'], call: fromHex },
    unix_time: { params: [], call: () => String(Math.floor(now.getTime() / 1000)) },
    unix_time_millis: { params: [], call: () => String(now.getTime()) },
    timestamp: { params: ['string'], call: (layout: string) => goTime(now, layout) },
    uuid: { params: [], call: () => uuid() },
    glob: { params: ['string', 'string'], call: (pattern: string, text: string) => matchesGlob(pattern, text) },
  }
}

/** For parsing alone, where nothing is called yet. */
export const stringFunctionNames: readonly string[] = Object.keys(
  stringFunctions({ now: new Date(0), randomText: () => '', uuid: () => '', sha256: () => '' }),
)

function atLeast(given: number, least: number, what = 'max length'): number {
  if (given >= least) return given
  throw new TemplateTrouble(`${what} must be > ${least - 1} but was ${given}`)
}

/** Nothing is found before, between and behind all letters. */
function replaced(find: string, by: string, text: string): string {
  const parts = find === '' ? ['', ...Array.from(text), ''] : text.split(find)
  bounded((parts.length - 1) * by.length)
  return parts.join(by)
}

const head = (text: string, bytes: number): string => {
  const all = Buffer.from(text)
  return all.length > bytes ? all.subarray(0, bytes).toString() : text
}

/** What is cut off stands as the first eight digits of its hash. */
function shortened(text: string, most: number, sha256: (text: string) => string): string {
  const all = Buffer.from(text)
  if (all.length <= most) return text
  return all.subarray(0, most - 8).toString() + sha256(all.subarray(most - 8).toString()).slice(0, 8)
}

const upper = (character: string): string => {
  const made = character.toUpperCase()
  return Array.from(made).length === 1 ? made : character
}

function fromBase64(text: string): string {
  const bare = text.replace(/[\r\n]/g, '')
  const bytes = Buffer.from(bare, 'base64')
  if (bytes.toString('base64') === bare) return bytes.toString()
  const bad = bare.search(/[^A-Za-z\d+/]/)
  throw new TemplateTrouble(`illegal base64 data at input byte ${bad < 0 ? bare.length - (bare.length % 4) : bad}`)
}

function fromHex(text: string): string {
  const bad = Array.from(text).find(it => !/[\da-fA-F]/.test(it))
  if (bad !== undefined)
    throw new TemplateTrouble(
      `encoding/hex: invalid byte: U+${(bad.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')} '${bad}'`,
    )
  if (text.length % 2 === 1) throw new TemplateTrouble('encoding/hex: odd length hex string')
  return Buffer.from(text, 'hex').toString()
}

/** `*` stands for any text; nothing else is special. */
function matchesGlob(pattern: string, text: string): boolean {
  const [first = '', ...parts] = pattern.split('*')
  if (parts.length === 0) return text === pattern
  if (!text.startsWith(first)) return false
  const last = parts.pop() ?? ''
  let at = first.length
  for (const part of parts) {
    const found = text.indexOf(part, at)
    if (found < 0) return false
    at = found + part.length
  }
  return text.length - at >= last.length && text.endsWith(last)
}
