import { describe, expect, it } from 'vitest'
import { nativeNumber, parseJson, stringifyJson } from '../../src/kernel/index.ts'

describe('json', () => {
  for (const text of ['1.50', '1e3', '-0', '9007199254740993', '12345678901234567890', '0.1', '1E+2', '42', '[1.0,{"a":2.50}]', '"1.50"'])
    it(`keeps ${text} as it is written`, () => expect(stringifyJson(parseJson(text))).toBe(text))
  it('gives the nearest number of a kept literal', () => expect(nativeNumber(parseJson('1e3'))).toBe(1000))
  it('escapes what HTML would read', () => expect(stringifyJson({ a: '<b>&\u2028' })).toBe('{"a":"\\u003cb\\u003e\\u0026\\u2028"}'))
  it('takes the names of the prototype for ordinary keys', () =>
    expect(stringifyJson(parseJson('{"__proto__":{"a":1},"constructor":2,"toString":1.50}'))).toBe(
      '{"__proto__":{"a":1},"constructor":2,"toString":1.50}',
    ))
})
