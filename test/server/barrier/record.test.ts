import { createDecipheriv, createSecretKey, randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { NoncePool } from '../../../src/server/barrier/nonce-pool.ts'
import { decrypt, encrypt, termOf } from '../../../src/server/barrier/record.ts'
import { systemRandom } from './fixture.ts'

const key = createSecretKey(Buffer.alloc(32, 7))

describe('record', () => {
  it('has the layout that it is documented to have', () => {
    const nonce = Buffer.from('000102030405060708090a0b', 'hex')
    const record = encrypt(key, 0x01020304, nonce, 'logical/a', Buffer.from('hello'))
    expect(record).toHaveLength(4 + 1 + 12 + 5 + 16)
    expect(record.subarray(0, 17).toString('hex')).toBe(`0102030402${nonce.toString('hex')}`)
    const decipher = createDecipheriv('aes-256-gcm', Buffer.alloc(32, 7), nonce)
    decipher.setAAD(Buffer.from('logical/a')).setAuthTag(record.subarray(22))
    expect(Buffer.concat([decipher.update(record.subarray(17, 22)), decipher.final()]).toString()).toBe('hello')
  })

  it('opens at its own path', () => {
    const record = encrypt(key, 1, randomBytes(12), 'é/a', Buffer.from('hello'))
    expect(decrypt(key, 'é/a', record).toString()).toBe('hello')
  })

  it.each(['é/b', 'é/a ', 'é/', '', 'É/a', 'e\u0301/a'])('does not open at another path (%s)', path => {
    const record = encrypt(key, 1, randomBytes(12), 'é/a', Buffer.from('hello'))
    expect(() => decrypt(key, path, record)).toThrow(
      expect.objectContaining({ code: 'recordUnreadable', status: 500, wire: ['internal error'] }),
    )
  })

  it('names its term', () => {
    expect(termOf(encrypt(key, 4_000_000_000, randomBytes(12), 'a', Buffer.alloc(0)))).toBe(4_000_000_000)
  })

  it('cannot be shorter than its head and tag', () => {
    const record = encrypt(key, 1, randomBytes(12), 'a', Buffer.alloc(0))
    expect(record).toHaveLength(33)
    for (let length = 0; length < 33; length++) {
      expect(() => termOf(record.subarray(0, length))).toThrow(expect.objectContaining({ code: 'recordUnreadable' }))
    }
  })

  it('has one version', () => {
    const record = encrypt(key, 1, randomBytes(12), 'a', Buffer.from('hello'))
    for (let version = 0; version < 256; version++) {
      record[4] = version
      if (version === 2) expect(termOf(record)).toBe(1)
      else expect(() => termOf(record)).toThrow(expect.objectContaining({ code: 'recordUnreadable' }))
    }
  })
})

describe('nonce pool', () => {
  it('never gives a nonce twice', () => {
    const pool = new NoncePool(systemRandom)
    const seen = new Set(Array.from({ length: 5_000 }, () => Buffer.from(pool.next()).toString('hex')))
    expect(seen.size).toBe(5_000)
    for (const nonce of seen) expect(nonce).toHaveLength(24)
  })

  it('gives every byte that it draws once, and in order', () => {
    let drawn = Buffer.alloc(0)
    const pool = new NoncePool({
      bytes(count) {
        const bytes = randomBytes(count)
        drawn = Buffer.concat([drawn, bytes])
        return bytes
      },
      uuid: () => '',
    })
    const given = Buffer.concat(Array.from({ length: 2_000 }, () => Buffer.from(pool.next())))
    expect(given.equals(drawn.subarray(0, given.length))).toBe(true)
  })
})
