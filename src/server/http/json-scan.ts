/**
 * Reads a body's JSON without building anything of it: what it would cost, where its first value ends, and, when it is no JSON,
 * the peer's words for what is wrong. The fast parser below (JSON.parse) says neither.
 *
 * As the peer does, it reads every value that the body holds, though only the first will count; what stands behind it may
 * be cut short, but must not be nonsense.
 */
import { faults } from '../logical/index.ts'
import { quoteCharacter, quoteText } from './go-quote.ts'
import type { Limits } from './limits.ts'

export type JsonKind = 'object' | 'array' | 'string' | 'number' | 'bool' | 'null'

export interface Scanned {
  /** Of the first value; undefined when there is none. */
  readonly kind: JsonKind | undefined
  /** Just behind the first value. */
  readonly end: number
}

export type JsonLimits = Pick<Limits, 'maxRequestJsonMemory' | 'maxRequestJsonStrings'>

export const MAX_DEPTH = 10_000

/** Estimated bytes in memory, by kind; a string's own bytes come on top. */
const COST: Readonly<Record<JsonKind, number>> = { object: 88, array: 40, string: 32, number: 24, bool: 17, null: 17 }

export const badJson = (why: string): Error => faults.refused({ why: `failed to decode JSON input: ${why}` })
const cutShort = (): Error => badJson('unexpected EOF')
const complex = (why: string): Error => faults.refused({ why: `refused JSON input due to high complexity: ${why}` })

export function scanJson(text: string, limits: JsonLimits): Scanned {
  return new Scan(text, limits).run()
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const COLON = 0x3a
const OPEN_LIST = 0x5b
const CLOSE_LIST = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d

const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39
const isHex = (code: number): boolean => isDigit(code) || ((code | 0x20) >= 0x61 && (code | 0x20) <= 0x66)
const LITERALS: Readonly<Record<number, readonly [string, JsonKind]>> = {
  0x74: ['true', 'bool'],
  0x66: ['false', 'bool'],
  0x6e: ['null', 'null'],
}

/** What may come next. `first` and `key` have just been opened, `value` and `name` follow a comma or a colon. */
type Expects = 'value' | 'item' | 'first' | 'key' | 'name' | 'colon' | 'member' | 'after'

class Scan {
  readonly #text: string
  readonly #limits: JsonLimits
  /** True for an object, false for a list. */
  readonly #open: boolean[] = []
  #at = 0
  #memory = 0
  #strings = 0
  #expects: Expects = 'value'
  #kind: JsonKind | undefined
  #end = -1

  constructor(text: string, limits: JsonLimits) {
    this.#text = text
    this.#limits = limits
  }

  run(): Scanned {
    for (;;) {
      const code = this.#skipBlanks()
      if (code !== code) break
      this.#step(code)
    }
    if (this.#kind !== undefined && this.#end < 0) throw cutShort()
    return { kind: this.#kind, end: Math.max(this.#end, 0) }
  }

  #skipBlanks(): number {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at)
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return code
      this.#at++
    }
  }

  #step(code: number): void {
    switch (this.#expects) {
      case 'first':
        if (code === CLOSE_LIST) return this.#close()
        return this.#value(code)
      case 'key':
        if (code === CLOSE_OBJECT) return this.#close()
        return this.#name(code)
      case 'name':
        if (code === CLOSE_OBJECT) throw this.#unexpected('looking for beginning of value', ',')
        return this.#name(code)
      case 'item':
        if (code === CLOSE_LIST) throw this.#unexpected('looking for beginning of value', ',')
        return this.#value(code)
      case 'colon':
        if (code !== COLON) throw this.#unexpected('after object key')
        this.#at++
        this.#expects = 'member'
        return
      case 'member':
        if (code === CLOSE_OBJECT) throw badJson('missing value after object key')
        if (code === CLOSE_LIST) throw this.#unexpected('after object key:value pair')
        return this.#value(code)
      case 'value':
        return this.#value(code)
      case 'after':
        return this.#after(code)
    }
  }

  #after(code: number): void {
    const inObject = this.#open.at(-1) as boolean
    if (code === COMMA) {
      this.#at++
      this.#expects = inObject ? 'name' : 'item'
    } else if (code === (inObject ? CLOSE_OBJECT : CLOSE_LIST)) this.#close()
    else throw this.#unexpected(inObject ? 'after object key:value pair' : 'after array element')
  }

  #value(code: number): void {
    const kind = this.#readValue(code)
    this.#kind ??= kind
    if (kind === 'object' || kind === 'array') {
      if (this.#open.length === MAX_DEPTH) throw badJson('exceeded max depth')
      this.#open.push(kind === 'object')
      this.#expects = kind === 'object' ? 'key' : 'first'
    } else this.#closed()
  }

  #name(code: number): void {
    if (this.#readValue(code) !== 'string') throw badJson('object member name must be a string')
    this.#expects = 'colon'
  }

  #close(): void {
    this.#at++
    this.#open.pop()
    this.#closed()
  }

  #closed(): void {
    this.#expects = this.#open.length > 0 ? 'after' : 'value'
    if (this.#open.length === 0 && this.#end < 0) this.#end = this.#at
  }

  /** One token, up to and with an opening bracket. */
  #readValue(code: number): JsonKind {
    if (code === QUOTE) return this.#string()
    if (code === OPEN_OBJECT || code === OPEN_LIST) {
      this.#at++
      return this.#pay(code === OPEN_OBJECT ? 'object' : 'array')
    }
    if (code === 0x2d || isDigit(code)) return this.#number()
    const literal = LITERALS[code]
    if (literal === undefined) throw this.#unexpected('looking for beginning of value')
    return this.#literal(...literal)
  }

  #pay(kind: JsonKind, more = 0): JsonKind {
    this.#memory += COST[kind] + more
    if (this.#memory > this.#limits.maxRequestJsonMemory) throw complex('exceeded maximum estimated memory limits')
    return kind
  }

  #literal(word: string, kind: JsonKind): JsonKind {
    for (let i = 1; i < word.length; i++) {
      this.#at++
      if (this.#at >= this.#text.length) throw cutShort()
      if (this.#text[this.#at] !== word[i]) throw this.#unexpected(`in literal ${word} (expecting '${word[i] as string}')`)
    }
    this.#at++
    return this.#pay(kind)
  }

  #number(): JsonKind {
    const from = this.#at
    if (this.#text.charCodeAt(this.#at) === 0x2d) this.#at++
    if (this.#text.charCodeAt(this.#at) === 0x30) this.#at++
    else this.#digits()
    if (this.#text[this.#at] === '.') {
      this.#at++
      this.#digits()
    }
    if (/[eE]/.test(this.#text[this.#at] ?? '')) {
      this.#at++
      if (/[+-]/.test(this.#text[this.#at] ?? '')) this.#at++
      this.#digits()
    }
    const literal = this.#text.slice(from, this.#at)
    if (!Number.isFinite(Number(literal))) throw badJson(`json: cannot unmarshal number ${literal} into Go value of type float64`)
    return this.#pay('number')
  }

  #digits(): void {
    if (this.#at >= this.#text.length) throw cutShort()
    if (!isDigit(this.#text.charCodeAt(this.#at))) throw this.#unexpected('in numeric literal')
    while (isDigit(this.#text.charCodeAt(this.#at))) this.#at++
  }

  #string(): JsonKind {
    let bytes = 0
    for (this.#at++; ; this.#at++) {
      const code = this.#text.charCodeAt(this.#at)
      if (code === QUOTE) break
      if (code === BACKSLASH) this.#escape()
      else if (code < 0x20) throw this.#unexpected('in string')
      else if (code !== code) throw cutShort()
      // A surrogate is half of what takes four bytes.
      bytes += code < 0x80 ? 1 : code < 0x800 || (code >= 0xd800 && code < 0xe000) ? 2 : 3
    }
    this.#at++
    if (++this.#strings > this.#limits.maxRequestJsonStrings) {
      this.#pay('string', bytes)
      throw complex('exceeded maximum number of strings')
    }
    return this.#pay('string', bytes)
  }

  /** Leaves the position on the last character of the escape. */
  #escape(): void {
    const from = this.#at
    const next = this.#text[++this.#at]
    if (next === undefined) throw cutShort()
    if ('"\\/bfnrt'.includes(next)) return
    if (next !== 'u') throw badEscape(next.charCodeAt(0) < 0x80 ? `\\${next}` : `\\${rawFirstByte(next)}`)
    for (let i = 0; i < 4; i++) {
      const code = this.#text.charCodeAt(++this.#at)
      if (code !== code) throw cutShort()
      if (!isHex(code)) throw badEscape(this.#text.slice(from, from + 6))
    }
  }

  #unexpected(where: string, character: string = String.fromCodePoint(this.#text.codePointAt(this.#at) as number)): Error {
    return badJson(`invalid character ${quoteCharacter(character)} ${where}`)
  }
}

/** The peer cuts the sequence between bytes; a byte on its own stands here as a character of the private use area. */
const rawFirstByte = (character: string): string => String.fromCharCode(0xf700 + (Buffer.from(character)[0] as number))

/** Go's strconv.CanBackquote, else strconv.Quote. */
function badEscape(sequence: string): Error {
  // eslint-disable-next-line no-control-regex
  const plain = !/[`\u0000-\u0008\u000a-\u001f\u007f\ufeff\uf700-\uf7ff]/.test(sequence)
  const quoted = plain ? `\`${sequence}\`` : quoteText(sequence).replaceAll(/\\u(f7[\da-f]{2})/g, (_, hex: string) => `\\x${hex.slice(2)}`)
  return badJson(`invalid escape sequence ${quoted} in string`)
}
