import { describe, expect, it } from 'vitest'
import { decodePolicyText } from '../../../src/hcl/policy/index.ts'

describe('decodePolicyText', () => {
  it.each([
    ['path "a" {}', 'path "a" {}'],
    ['cGF0aCAiYSIge30=', 'path "a" {}'],
    ['cGF0aCAi\r\nYSIge30=\n', 'path "a" {}'],
    ['\n\n', ''],
    ['cGF0aCAiYSIge30', 'cGF0aCAiYSIge30'],
    ['cGF0aCAiYSIge30= ', 'cGF0aCAiYSIge30= '],
    ['abc=abcd', 'abc=abcd'],
  ])('reads %j as %j', (text, stored) => {
    expect(decodePolicyText(text)).toBe(stored)
  })

  it('keeps bytes that are no UTF-8 apart from U+FFFD', () => {
    expect(decodePolicyText('//4=')).toBe('\udcff\udcfe')
  })
})
