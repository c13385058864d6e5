import { describe, expect, it } from 'vitest'
import { decodePart, encodePart, sealWith } from '../../../src/reconciler/ledger/index.ts'
import type { Address } from '../../../src/reconciler/model/index.ts'

const at = 'auth/userpass/users/ann' as Address

describe('the seal of a secret', () => {
  const seal = sealWith('a key that nobody guesses', 'payments')

  it('is the same for the same value at the same place', () => {
    expect(seal(at, 'password', 'correct horse')).toBe(sealWith('a key that nobody guesses', 'payments')(at, 'password', 'correct horse'))
    expect(seal(at, 'password', 'correct horse')).toMatch(/^[\w-]{22}$/)
  })

  it('is another for another value, attribute, object, owner or key', () => {
    const seals = [
      seal(at, 'password', 'correct horse'),
      seal(at, 'password', 'battery staple'),
      seal(at, 'other', 'correct horse'),
      seal('auth/userpass/users/bob' as Address, 'password', 'correct horse'),
      sealWith('a key that nobody guesses', 'orders')(at, 'password', 'correct horse'),
      sealWith('a key that somebody guesses', 'payments')(at, 'password', 'correct horse'),
    ]
    expect(new Set(seals).size).toBe(seals.length)
  })

  it('stands in the ledger behind what it belongs to, and comes back', () => {
    const entries = new Map([
      [at, { origin: 'created', applied: seal(at, 'a', 'b'), sealed: { password: seal(at, 'password', 'x'), other: '-' } }],
      ['auth/userpass/users/bob' as Address, { origin: 'creating' }],
    ] as const)
    const text = encodePart({ owner: 'payments', index: 0, count: 1, entries })
    expect(text).toMatch(/^# created auth\/userpass\/users\/ann [\w-]{22} other=- password=[\w-]{22}$/m)
    expect(decodePart(text, 'x').entries).toEqual(entries)
  })
})
