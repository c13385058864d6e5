import { describe, expect, it } from 'vitest'
import { lowerCase } from '../../src/kernel/index.ts'

describe('lowerCase', () => {
  it.each([
    ['', ''],
    ['plain-1', 'plain-1'],
    ['Foo', 'foo'],
    ['ÉX', 'éx'],
    ['İX', 'ix'],
    ['ΣΑΣ', 'σασ'],
    ['ẞ', 'ß'],
    ['𐐀', '𐐨'],
  ])('of %j is %j', (text, lower) => {
    expect(lowerCase(text)).toBe(lower)
  })
})
