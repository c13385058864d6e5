import { describe, expect, it } from 'vitest'
import { byBytes, goText, humanDuration } from '../../../src/cli/output/index.ts'
import { goQuotedList, goTime, humanDurationOf, looksLikeDuration } from '../../../src/cli/output/go-text.ts'
import { parseJson } from '../../../src/kernel/index.ts'

describe('goText', () => {
  it.each([
    ['"text"', 'text'],
    ['null', '<nil>'],
    ['true', 'true'],
    ['12', '12'],
    ['1.50', '1.50'],
    ['12345678901234567890', '12345678901234567890'],
    ['[]', '[]'],
    ['[1,"a b",null]', '[1 a b <nil>]'],
    ['{}', 'map[]'],
    ['{"b":{"c":[1.0]},"a":"x"}', 'map[a:x b:map[c:[1.0]]]'],
    ['{"10":1,"9":2}', 'map[10:1 9:2]'],
  ])('prints %s as %s', (json, text) => {
    expect(goText(parseJson(json))).toBe(text)
  })
})

describe('humanDuration', () => {
  it.each([[0, '0s'], [59, '59s'], [60, '1m'], [90, '1m30s'], [3600, '1h'], [3660, '1h1m'], [3661, '1h1m1s'], [2_764_800, '768h'], [36_000, '10h'], [-60, '-1m']])('says %i as %s', (seconds, text) => {
    expect(humanDuration(seconds)).toBe(text)
  }) // prettier-ignore

  it('leaves alone what is no whole number', () => {
    expect([humanDurationOf('1h'), humanDurationOf(null), humanDurationOf(1.5), humanDurationOf(60)]).toEqual(['1h', null, 1.5, '1m'])
  })
})

describe('looksLikeDuration', () => {
  it('goes by the name', () => {
    const names = [
      'ttl',
      'max_ttl',
      'period',
      'token_period',
      'lease_duration',
      'lease_max',
      'ttl_max',
      'ttlx',
      'periodic',
      'maxttl',
      'ttl_x',
    ]
    expect(names.filter(looksLikeDuration)).toEqual(['ttl', 'max_ttl', 'period', 'token_period', 'lease_duration', 'lease_max', 'ttl_max'])
  })
})

describe('goTime', () => {
  it.each([
    ['2026-11-24T18:16:36.873690000Z', '2026-11-24 18:16:36.87369 +0000 UTC'],
    ['2026-11-24T18:16:36Z', '2026-11-24 18:16:36 +0000 UTC'],
    ['2026-11-24T18:16:36.000Z', '2026-11-24 18:16:36 +0000 UTC'],
    ['2026-11-24T18:16:36+01:30', '2026-11-24 18:16:36 +0130 +0130'],
    ['some day', 'some day'],
  ])('prints %s as %s', (given, text) => {
    expect(goTime(given)).toBe(text)
  })
})

describe('byBytes', () => {
  it('orders as UTF-8 does, not as UTF-16', () => {
    expect(['\uff5e', '😀', 'z', 'a', 'Z', ''].sort(byBytes)).toEqual(['', 'Z', 'a', 'z', '\uff5e', '😀'])
  })
})

describe('goQuotedList', () => {
  it('quotes', () => {
    expect([goQuotedList([]), goQuotedList(['a', 'b "c"'])]).toEqual(['[]', '["a" "b \\"c\\""]'])
  })
})
