import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { SecretBytes, type Random } from '../../../../src/kernel/index.ts'
import { combine, ShamirError, split } from '../../../../src/server/seal/shamir/index.ts'

const random: Random = { bytes: count => randomBytes(count), uuid: () => '' }
const secret = (bytes: Uint8Array | string): SecretBytes => SecretBytes.from(Buffer.from(bytes as string))
const hex = (it: SecretBytes): string => it.reveal().toString('hex')

interface Vector {
  readonly key: string
  readonly threshold: number
  readonly shares: readonly string[]
}
const vector = JSON.parse(readFileSync(new URL('../../../vectors/shamir/openbao-2.7.2.json', import.meta.url), 'utf8')) as Vector

describe('combine', () => {
  it('makes one key of any three of the shares that OpenBao made', () => {
    const shares = vector.shares.map(it => Buffer.from(it, 'hex'))
    let subsets = 0
    for (const [a, first] of shares.entries()) {
      for (const [b, second] of shares.entries()) {
        for (const [c, third] of shares.entries()) {
          if (a === b || b === c || a === c) continue
          subsets++
          expect(hex(combine([first, second, third]))).toBe(vector.key)
        }
      }
    }
    expect(subsets).toBe(60)
  })

  it('makes the same of more shares than are needed', () => {
    expect(hex(combine(vector.shares.map(it => Buffer.from(it, 'hex'))))).toBe(vector.key)
  })

  it('makes something else of fewer, or of one that was changed', () => {
    const shares = vector.shares.map(it => Buffer.from(it, 'hex'))
    expect(hex(combine(shares.slice(0, 2)))).not.toBe(vector.key)
    const changed = shares.slice(0, 3).map(it => Buffer.from(it))
    changed[1]?.writeUInt8((changed[1].at(0) as number) ^ 1, 0)
    expect(hex(combine(changed))).not.toBe(vector.key)
  })

  it('leaves the shares as they are', () => {
    const shares = vector.shares.map(it => Buffer.from(it, 'hex'))
    combine(shares)
    expect(shares.map(it => it.toString('hex'))).toEqual(vector.shares)
  })

  it.each([
    ['no share', [], 'less than two parts cannot be used to reconstruct the secret'],
    ['one share', ['0102'], 'less than two parts cannot be used to reconstruct the secret'],
    ['shares without a secret', ['01', '02'], 'parts must be at least two bytes'],
    ['shares of different lengths', ['0101', '020202'], 'all parts must be the same length'],
    ['shares of different lengths further on', ['0101', '0202', '03'], 'all parts must be the same length'],
    ['one share twice', ['0101', '0202', '0101'], 'duplicate part detected'],
    ['two shares at one point', ['0101', '0201'], 'duplicate part detected'],
  ])('refuses %s in the words of the peer', (_, shares, message) => {
    const act = (): unknown => combine(shares.map(it => Buffer.from(it, 'hex')))
    expect(act).toThrow(ShamirError)
    expect(act).toThrow(message)
  })
})

describe('split', () => {
  it('makes shares of one byte more than the secret, the last of which is different from all others and from zero', () => {
    const shares = split(secret(randomBytes(32)), 255, 200, random)
    expect(shares).toHaveLength(255)
    expect(new Set(shares.map(it => it.length))).toEqual(new Set([33]))
    expect(new Set(shares.map(it => it[32]))).toEqual(new Set(Array.from({ length: 255 }, (_, i) => i + 1)))
  })

  it('leaves the secret as it is', () => {
    const key = secret('a secret')
    split(key, 3, 2, random)
    expect(key.reveal().toString()).toBe('a secret')
  })

  it('wipes the coefficients, which tell the secret together with one share', () => {
    const drawn: Uint8Array[] = []
    const watched: Random = {
      bytes(count) {
        const bytes = randomBytes(count)
        drawn.push(bytes)
        return bytes
      },
      uuid: () => '',
    }
    split(secret(randomBytes(32)), 5, 3, watched)
    const coefficients = drawn.filter(it => it.length === 64)
    expect(coefficients).toHaveLength(1)
    expect(coefficients.every(it => it.every(byte => byte === 0))).toBe(true)
  })

  it('takes no point twice, whatever the generator gives', () => {
    let draws = 0
    // Zeros and repetitions first, then something new.
    const poor: Random = {
      bytes: count => (count === 256 ? Buffer.alloc(count, Buffer.from([0, 1, 1, draws++])) : Buffer.alloc(count, 7)),
      uuid: () => '',
    }
    const shares = split(secret('x'), 4, 2, poor)
    expect(new Set(shares.map(it => it[1])).size).toBe(4)
    expect(shares.map(it => it[1])).not.toContain(0)
  })

  it.each([
    [2, 3, 'secret', 'parts cannot be less than threshold'],
    [256, 3, 'secret', 'parts cannot exceed 255'],
    [3, 1, 'secret', 'threshold must be at least 2'],
    [1, 1, 'secret', 'threshold must be at least 2'],
    [0, 0, 'secret', 'threshold must be at least 2'],
    [3, -1, 'secret', 'threshold must be at least 2'],
    [3.5, 2, 'secret', 'parts and threshold must be whole numbers'],
    [Number.NaN, Number.NaN, 'secret', 'parts and threshold must be whole numbers'],
    [3, 2, '', 'cannot split an empty secret'],
  ])('refuses %d shares and a threshold of %d for "%s"', (shares, threshold, text, message) => {
    const act = (): unknown => split(secret(text), shares, threshold, random)
    expect(act).toThrow(ShamirError)
    expect(act).toThrow(message)
  })
})
