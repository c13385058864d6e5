import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { nativeNumber, stringifyJson } from '../../../src/kernel/index.ts'
import { isForm, parseForm } from '../../../src/server/http/form.ts'
import { parseJsonBody } from '../../../src/server/http/json-body.ts'
import { defaultLimits } from '../../../src/server/http/limits.ts'
import { parseQuery } from '../../../src/server/http/query.ts'
import { isFault } from '../../../src/server/logical/index.ts'

interface Bodies {
  readonly small: readonly { readonly body: string; readonly refused: string | null }[]
  readonly large: readonly {
    readonly open: string
    readonly depth: number
    readonly middle: string
    readonly times: number
    readonly close: string
    readonly refused: string | null
  }[]
}
interface Form {
  readonly type: string
  readonly body: string
  readonly query: string
  readonly refused: string | null
  readonly data: Readonly<Record<string, unknown>> | null
}

const vectors = <T>(name: string): T => JSON.parse(readFileSync(new URL(`../../vectors/http/${name}`, import.meta.url), 'utf8')) as T

function refusal(work: () => unknown): string | null {
  try {
    work()
    return null
  } catch (thrown) {
    if (isFault(thrown)) return thrown.wire[0] ?? ''
    throw thrown
  }
}

describe("a body's JSON", () => {
  const { small, large } = vectors<Bodies>('json-bodies.json')

  for (const { body, refused } of small)
    it(`${JSON.stringify(body)} is ${refused === null ? 'taken' : 'refused in the words of the peer'}`, () => {
      expect(refusal(() => parseJsonBody(body, defaultLimits))).toBe(refused)
    })

  for (const { open, depth, middle, times, close, refused } of large)
    it(`${open} ${depth} deep around ${times} of ${middle || 'nothing'} is ${refused === null ? 'taken' : 'refused in the words of the peer'}`, () => {
      const body = open.repeat(depth) + middle.repeat(times) + close.repeat(depth)
      expect(refusal(() => parseJsonBody(body, defaultLimits))).toBe(refused)
    })

  it('keeps number literals, and lets the last of two members with one name win', () => {
    expect(stringifyJson(parseJsonBody('{"a":1.50,"b":9007199254740993,"a":1e3}', defaultLimits))).toBe('{"a":1e3,"b":9007199254740993}')
  })

  it('reads the first value of several', () => {
    expect(parseJsonBody('{"a":1}{"a":2}', defaultLimits)).toEqual({ a: 1 })
    expect(parseJsonBody('{"a":"}"} {"b":', defaultLimits)).toEqual({ a: '}' })
  })

  it('gives a lone surrogate as the character that stands for what cannot be read', () => {
    expect(parseJsonBody('{"\\ud800":["\\udfff",{"a":"\\ud83d\\ude00"}],"n":1.50}', defaultLimits)).toEqual({
      '\ufffd': ['\ufffd', { a: '\u{1f600}' }],
      n: expect.anything(),
    })
  })

  it('keeps __proto__ and constructor as members', () => {
    const data = parseJsonBody('{"__proto__":{"admin":true},"constructor":1,"s":"\\ud800"}', defaultLimits) ?? {}
    expect(Object.keys(data)).toEqual(['__proto__', 'constructor', 's'])
    expect((data as { admin?: unknown }).admin).toBeUndefined()
  })

  it('is held to the limits of its listener', () => {
    const strings = { maxRequestJsonMemory: 1_000_000, maxRequestJsonStrings: 3 }
    expect(refusal(() => parseJsonBody('{"a":"b","c":1}', strings))).toBeNull()
    expect(refusal(() => parseJsonBody('{"a":"b","c":"d"}', strings))).toContain('exceeded maximum number of strings')
    const memory = { maxRequestJsonMemory: 200, maxRequestJsonStrings: 1000 }
    expect(refusal(() => parseJsonBody('{"a":"b"}', memory))).toBeNull()
    expect(refusal(() => parseJsonBody(`{"a":"${'x'.repeat(100)}"}`, memory))).toContain('exceeded maximum estimated memory limits')
  })

  it('counts a quote inside of a string for none', () => {
    const limits = { ...defaultLimits, maxRequestJsonStrings: 10 }
    expect(refusal(() => parseJsonBody(JSON.stringify({ a: '"'.repeat(100) }), limits))).toBeNull()
  })

  it('reads numbers that a float64 cannot hold as an error, and others near to it as numbers', () => {
    expect(nativeNumber((parseJsonBody('{"a":1e308}', defaultLimits) ?? {})['a'])).toBe(1e308)
    expect(refusal(() => parseJsonBody(`{"a":${'9'.repeat(310)}}`, defaultLimits))).toContain('cannot unmarshal number')
  })
})

describe('a form body', () => {
  for (const { type, body, query, refused, data } of vectors<readonly Form[]>('forms.json'))
    it(`${JSON.stringify(body)} as ${type}${query} is read as the peer reads it`, () => {
      const read = (): unknown => (isForm(type, body) ? parseForm(body, parseQuery(query.slice(1))) : parseJsonBody(body, defaultLimits))
      expect(refusal(read)).toBe(refused)
      if (refused === null) expect(JSON.stringify(read())).toEqual(JSON.stringify(data))
    })
})
