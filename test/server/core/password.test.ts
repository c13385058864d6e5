import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Random } from '../../../src/kernel/index.ts'
import { generatePassword } from '../../../src/server/core/password/generate.ts'
import { parsePasswordPolicy, type PasswordPolicy } from '../../../src/server/core/password/policy.ts'

/** Bytes of a linear congruential generator: every run the same. */
function countingRandom(seed = 1): Random {
  let state = seed
  const next = (): number => (state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0) >>> 24
  return { bytes: count => Uint8Array.from({ length: count }, next), uuid: () => '' }
}

const passwordBy = (policy: PasswordPolicy, random = countingRandom()): string => {
  const made = generatePassword(policy, random)
  if ('error' in made) throw new Error(made.error)
  return made.password
}

describe('a generated password', () => {
  it('has the length and the least of each charset', () => {
    const rule = fc.record({
      charset: fc.uniqueArray(fc.constantFrom(...Array.from('abcdefgh!é😀')), { minLength: 1 }),
      minChars: fc.nat(2),
    })
    const policies = fc.record({ length: fc.integer({ min: 8, max: 40 }), rules: fc.array(rule, { minLength: 1, maxLength: 3 }) })
    fc.assert(
      fc.property(policies, fc.nat(), (policy, seed) => {
        const made = generatePassword(policy, countingRandom(seed))
        // A rule of one character among many may be out of reach of a fixed number of draws.
        fc.pre('password' in made)
        const characters = Array.from('password' in made ? made.password : '')
        const all = new Set(policy.rules.flatMap(it => it.charset))
        expect(characters).toHaveLength(policy.length)
        expect(characters.every(it => all.has(it))).toBe(true)
        for (const { charset, minChars } of policy.rules)
          expect(characters.filter(it => charset.includes(it)).length).toBeGreaterThanOrEqual(minChars)
      }),
    )
  })

  it('has no favourite characters, though their number does not divide 256', () => {
    const every: Random = { bytes: count => Uint8Array.from({ length: count }, (_, i) => i % 256), uuid: () => '' }
    const charset = Array.from('abcdefghijk')
    const password = passwordBy({ length: 253, rules: [{ charset, minChars: 0 }] }, every)
    expect(new Set(charset.map(it => password.split(it).length - 1))).toEqual(new Set([23]))
  })

  it('counts a character once, however often it is written', () => {
    const flip: Random = { bytes: count => Uint8Array.from({ length: count }, (_, i) => i), uuid: () => '' }
    expect(passwordBy({ length: 6, rules: [{ charset: Array.from('aaaaab'), minChars: 0 }] }, flip)).toBe('ababab')
  })

  it('gives up on a policy that no draw meets, at a bounded cost', () => {
    const rules = [
      { charset: ['a'], minChars: 100 },
      { charset: Array.from('bcdefghij'), minChars: 0 },
    ]
    let asked = 0
    const random = countingRandom()
    const counted: Random = { ...random, bytes: count => ((asked += count), random.bytes(count)) }
    expect(generatePassword({ length: 100, rules }, counted)).toEqual({ error: 'timed out generating string' })
    expect(asked).toBeLessThan(1_000_000)
  })
})

describe('a password policy', () => {
  it('is never read into a crash', () => {
    const words = fc.constantFrom(
      'length',
      'rule',
      '"charset"',
      'charset',
      'min-chars',
      '=',
      '{',
      '}',
      '[',
      ']',
      '10',
      '"ab"',
      'true',
      '\n',
    )
    fc.assert(fc.property(fc.array(words, { maxLength: 30 }), parts => void parsePasswordPolicy(parts.join(' '))))
  })
})
