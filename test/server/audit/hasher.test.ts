import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseJson, stringifyJson } from '../../../src/kernel/index.ts'
import { Hasher } from '../../../src/server/audit/hasher.ts'

describe('the hashing of entries', () => {
  it("is HMAC-SHA256 under the device's salt, as the field's tools compute it", () => {
    // RFC 4231, test case 2.
    expect(new Hasher('Jefe').hash('what do ya want for nothing?')).toBe(
      'hmac-sha256:5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    )
  })

  it('hides every string of a value at any depth, and nothing else', () => {
    const hasher = new Hasher('salt')
    const marked = fc
      .jsonValue()
      .map(it => JSON.parse(JSON.stringify(it), (_, value) => (typeof value === 'string' ? `marker-${value}` : value)) as unknown)
    fc.assert(
      fc.property(marked, value => {
        const hashed = hasher.hashTree(value, undefined)
        const values: unknown[] = []
        JSON.stringify(hashed, (_, it: unknown) => (values.push(it), it))
        expect(values.filter(it => typeof it === 'string' && !/^hmac-sha256:[0-9a-f]{64}$/.test(it))).toEqual([])
        const blank = (it: unknown): string => JSON.stringify(it, (_, inner: unknown) => (typeof inner === 'string' ? '' : inner))
        expect(blank(hashed)).toBe(blank(value))
      }),
    )
  })

  it('keeps numbers as they were written', () => {
    const value = parseJson('{"a":1.50,"b":123456789012345678901234567890}')
    expect(stringifyJson(new Hasher('salt').hashTree(value, undefined))).toBe('{"a":1.50,"b":123456789012345678901234567890}')
  })

  it('leaves strings under a named key clear, in lists too, and not those further inside', () => {
    const hasher = new Hasher('salt')
    const value = { keys: ['a', 'b'], data: { inner: 'c', keys: 'd' } }
    expect(hasher.hashTree(value, ['keys', 'data'])).toEqual({ keys: ['a', 'b'], data: { inner: hasher.hash('c'), keys: 'd' } })
  })

  it('survives names that JavaScript means something by', () => {
    const value = JSON.parse('{"__proto__":"x","constructor":"y"}') as unknown
    expect(Object.keys(new Hasher('salt').hashTree(value, undefined) as object)).toEqual(['__proto__', 'constructor'])
  })
})
