import { assert, constant, constantFrom, oneof, property, string } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { globFits } from '../../src/kernel/index.ts'

/** What the stars mean, said by a regular expression. */
const bySpelling = (pattern: string, text: string): boolean => {
  const escaped = pattern.split('*').map(it => it.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${escaped.join('[^]*')}$`, 'u').test(text)
}

describe('a pattern with stars', () => {
  it.each([
    ['*', '', true],
    ['', '', true],
    ['', 'a', false],
    ['a*a', 'a', false],
    ['a*a', 'aa', true],
    ['payments-*', 'payments-', true],
    ['*a*b*', 'xxaxxbxx', true],
    ['*ab*ab', 'abab', true],
    ['*ab*ab', 'ab', false],
    ['**', 'anything', true],
  ])('%j and %j: %s', (pattern, text, expected) => {
    expect(globFits(pattern, text)).toBe(expected)
  })

  it('fits what its spelling says', () => {
    const letters = constantFrom('a', 'b', '.', '-')
    const pattern = string({ unit: oneof(letters, constant('*')), maxLength: 8 })
    const text = string({ unit: letters, maxLength: 10 })
    assert(property(pattern, text, (pattern, text) => globFits(pattern, text) === bySpelling(pattern, text)))
  })
})
