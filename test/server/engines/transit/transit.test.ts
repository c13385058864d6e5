import { createPublicKey, hkdfSync, verify } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromBase64 } from '../../../../src/server/framework/index.ts'
import { transit } from '../../../../src/server/engines/transit/index.ts'
import { keyTypes } from '../../../../src/server/engines/transit/key-types.ts'
import { Mounted, type Answer } from '../../../conformance/engine-replay.ts'
import { unsealedBarrier } from '../../barrier/fixture.ts'

const dataOf = (answer: Answer): Readonly<Record<string, unknown>> =>
  (answer.reply as { readonly data?: Readonly<Record<string, unknown>> }).data ?? {}
const b64 = (text: string): string => Buffer.from(text).toString('base64')

async function withKey(settings: object = {}): Promise<Mounted> {
  const at = new Mounted(transit, {})
  expect(await at.ask('write', 'keys/k', { exportable: true, ...settings })).toMatchObject({ status: 200 })
  return at
}
const encrypted = async (at: Mounted, words: Readonly<Record<string, unknown>>): Promise<string> =>
  String(dataOf(await at.ask('write', 'encrypt/k', words))['ciphertext'])

describe('a ciphertext', () => {
  const ciphers = Object.values(keyTypes).filter(it => it.family === 'cipher')

  it.each(ciphers.map(it => it.name))('of %s is refused when one bit of it, or of what goes with it, is another', async type => {
    const at = await withKey({ type })
    const ciphertext = await encrypted(at, { plaintext: b64('hello'), associated_data: b64('about') })
    const bytes = Buffer.from(ciphertext.split(':')[2] ?? '', 'base64')
    for (let bit = 0; bit < bytes.length * 8; bit += 3) {
      const bent = Buffer.from(bytes)
      bent.writeUInt8(bent.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3)
      const words = { ciphertext: `vault:v1:${bent.toString('base64')}`, associated_data: b64('about') }
      expect((await at.ask('write', 'decrypt/k', words)).status).toBe(400)
    }
    expect((await at.ask('write', 'decrypt/k', { ciphertext, associated_data: b64('About') })).status).toBe(400)
  })

  it('of equal texts differs, but with convergent encryption in one context', async () => {
    const plain = await withKey()
    expect(await encrypted(plain, { plaintext: b64('x') })).not.toBe(await encrypted(plain, { plaintext: b64('x') }))
    const at = await withKey({ derived: true, convergent_encryption: true })
    const [one, same, other] = [
      await encrypted(at, { plaintext: b64('x'), context: b64('c') }),
      await encrypted(at, { plaintext: b64('x'), context: b64('c') }),
      await encrypted(at, { plaintext: b64('x'), context: b64('d') }),
    ]
    expect(one).toBe(same)
    expect(one).not.toBe(other)
  })

  it('opens again, whatever the text', async () => {
    const at = await withKey()
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async text => {
        const plaintext = Buffer.from(text).toString('base64')
        expect(dataOf(await at.ask('write', 'decrypt/k', { ciphertext: await encrypted(at, { plaintext }) }))).toEqual({ plaintext })
      }),
      { numRuns: 50 },
    )
  })
})

describe('a key', () => {
  it('that many make at once is one key', async () => {
    const { barrier } = await unsealedBarrier()
    const at = new Mounted(transit, {}, barrier.view('logical/transit/'))
    const made = await Promise.all(Array.from({ length: 8 }, () => at.ask('write', 'encrypt/k', { plaintext: b64('x') })))
    for (const answer of made) expect((await at.ask('write', 'decrypt/k', { ciphertext: dataOf(answer)['ciphertext'] })).status).toBe(200)
    expect(dataOf(await at.ask('read', 'keys/k'))['latest_version']).toBe(1)
  })

  it('that many rotate at once has a version for each, and loses none', async () => {
    const { barrier } = await unsealedBarrier()
    const at = new Mounted(transit, {}, barrier.view('logical/transit/'))
    await at.ask('write', 'keys/k', {})
    await Promise.all(Array.from({ length: 6 }, () => at.ask('write', 'keys/k/rotate')))
    expect(Object.keys(dataOf(await at.ask('read', 'keys/k'))['keys'] as object)).toEqual(['1', '2', '3', '4', '5', '6', '7'])
  })

  it('rotates by itself when its latest version is old enough, and no earlier, and not while it is out of use', async () => {
    const at = await withKey({ auto_rotate_period: '1h' })
    const latest = async (): Promise<unknown> => dataOf(await at.ask('read', 'keys/k'))['latest_version']
    const tick = async (): Promise<void> => at.backend.tick?.(at.clock.now(), new AbortController().signal)
    at.clock.advance(59 * 60_000)
    await tick()
    expect(await latest()).toBe(1)
    at.clock.advance(60_000)
    await tick()
    await tick()
    expect(await latest()).toBe(2)
    await at.ask('delete', 'keys/k/soft-delete')
    at.clock.advance(2 * 3_600_000)
    await tick()
    expect(await latest()).toBe(2)
    await at.ask('write', 'keys/k/soft-delete-restore')
    await tick()
    expect(await latest()).toBe(3)
    await at.ask('write', 'keys/k/config', { auto_rotate_period: 0 })
    at.clock.advance(9 * 3_600_000)
    await tick()
    expect(await latest()).toBe(3)
    expect(await at.view.list('rotating/')).toEqual([])
  })

  it('leaves nothing behind when it is deleted, and no trimmed version', async () => {
    const at = await withKey({ type: 'ed25519' })
    await at.ask('write', 'keys/k/rotate')
    await at.ask('write', 'keys/k/config', { min_decryption_version: 2, min_encryption_version: 2, deletion_allowed: true })
    await at.ask('write', 'keys/k/trim', { min_available_version: 2 })
    expect(await at.view.list('version/k/')).toEqual(['2'])
    await at.ask('delete', 'keys/k')
    expect([...(await at.view.list('version/')), ...(await at.view.list('key/'))]).toEqual([])
  })

  it('derived for a context is what HKDF gives of its secret', async () => {
    const at = await withKey({ type: 'ed25519', derived: true })
    const exported = dataOf(await at.ask('read', 'export/signing-key/k'))['keys'] as Readonly<Record<string, string>>
    const seed = hkdfSync('sha256', Buffer.from(exported['1'] ?? '', 'base64'), Buffer.alloc(0), Buffer.from('ctx'), 32)
    const signed = dataOf(await at.ask('write', 'sign/k', { input: b64('x'), context: b64('ctx') }))
    const x = Buffer.from(String(signed['public_key']), 'base64').toString('base64url')
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
    expect(verify(null, Buffer.from('x'), key, Buffer.from(String(signed['signature']).split(':')[2] ?? '', 'base64'))).toBe(true)
    expect(seed.byteLength).toBe(32)
  })

  // GHSA-8w8f-r2xv-4q4j: a derived RSA key must be refused, and leave the server standing.
  it.each(Object.keys(keyTypes))('of type %s is made or refused with every flag, and nothing fails', async type => {
    for (const derived of [false, true])
      for (const convergent_encryption of [false, true])
        for (const key_size of [undefined, 32]) {
          if (type.startsWith('rsa') && type !== 'rsa-2048') continue
          const at = new Mounted(transit, {})
          const words = { type, derived, convergent_encryption, ...(key_size !== undefined && { key_size }) }
          const answer = await at.ask('write', 'keys/k', words)
          expect([200, 400, 500]).toContain(answer.status)
          expect(JSON.stringify(answer.reply)).not.toContain('internal error')
          const after = await at.ask('read', 'keys/k')
          expect(after.status).toBe(answer.status === 200 ? 200 : 404)
        }
  })
})

describe('base 64', () => {
  it('is read as it was written, with line breaks anywhere', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(), (bytes, at) => {
        const text = Buffer.from(bytes).toString('base64')
        const cut = at % (text.length + 1)
        for (const form of [text, `${text.slice(0, cut)}\r\n${text.slice(cut)}`]) {
          const read = fromBase64(form)
          expect('bytes' in read && Buffer.compare(read.bytes, bytes)).toBe(0)
        }
      }),
    )
  })
})

describe('a backup that somebody has written', () => {
  const restore = async (policy: object): Promise<{ readonly at: Mounted; readonly answer: Answer }> => {
    const version = { key: b64('k'.repeat(64)), hmac_key: b64('h'.repeat(32)), time: '2026-01-01T00:00:00Z' }
    const whole = { policy: { name: 'k', latest_version: 1, keys: { 1: { ...version, ...policy } }, ...policy } }
    const at = new Mounted(transit, {})
    return { at, answer: await at.ask('write', 'restore', { backup: b64(JSON.stringify(whole)) }) }
  }
  const hmac = keyTypes['hmac']?.number
  const rsa = keyTypes['rsa-2048']?.number

  it('is taken with a key of a size that there is', async () => {
    const { at, answer } = await restore({ type: hmac, key_size: 64 })
    expect(answer.status).toBe(204)
    expect((await at.ask('write', 'keys/k/rotate', {})).status).toBe(200)
  })

  it.each([2 ** 30, 2 ** 40, 513, -1, 32.5])('cannot make the next version of a key %d bytes long', async size => {
    const { answer } = await restore({ type: hmac, key_size: size })
    expect(answer.reply).toMatchObject({ errors: [expect.stringMatching(/the backup is malformed: (the size of the key|key_size)/)] })
  })

  it.each([1.5, -3, 2 ** 53])('is refused with %d as the number of a version', async version => {
    const { answer } = await restore({ type: hmac, key_size: 64, latest_version: version })
    expect(answer.reply).toMatchObject({ errors: [expect.stringContaining('the backup is malformed')] })
  })

  it.each([
    ['the prime 1', { N: 15, E: 3, D: 7, Primes: [1, 15] }],
    ['the prime 0', { N: 15, E: 3, D: 7, Primes: [0, 15] }],
  ])('is malformed, and no failure of ours, with %s', async (_, key) => {
    const { answer } = await restore({ type: rsa, rsa_key: key })
    expect(answer.reply).toMatchObject({ errors: [expect.stringContaining('the backup is malformed: version 1 has a key that is none')] })
  })
})
