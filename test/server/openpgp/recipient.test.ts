import { randomBytes, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock, type Clock } from '../../../src/kernel/index.ts'
import { createReadRecipient, type Recipient } from '../../../src/server/openpgp/index.ts'
import { openGpg, type Gpg } from './gpg.ts'

const random = { bytes: (count: number) => randomBytes(count), uuid: () => randomUUID() }
const read = (key: string, clock: Clock = systemClock): Recipient => createReadRecipient({ random, clock })(key)

/** What cannot be encrypted to is refused in the peer's words. */
const NO_KEY = /^openpgp: invalid argument: cannot encrypt a message to key id [0-9a-f]{16} because it has no valid encryption keys$/

describe('a message to an OpenPGP key, read by GnuPG', () => {
  let gpg: Gpg
  beforeAll(() => {
    gpg = openGpg()
    gpg.make('rsa2048@test', 'rsa2048', 'rsa2048')
    gpg.make('rsa4096@test', 'rsa4096', 'rsa4096')
    gpg.make('cv25519@test', 'ed25519', 'cv25519')
    for (const name of ['nistp256', 'nistp384', 'nistp521']) gpg.make(`${name}@test`, name, name)
    gpg.make('sign@test', 'ed25519')
    gpg.make('expired@test', 'rsa2048', 'rsa2048', '2d')
  }, 120_000)
  afterAll(() => gpg.close())

  it.each(['rsa2048', 'rsa4096', 'cv25519', 'nistp256', 'nistp384', 'nistp521'])('is what was sent: %s', async name => {
    const recipient = read(gpg.exported(`${name}@test`))
    expect(recipient.fingerprint).toBe(gpg.fingerprints(`${name}@test`)[0])
    for (const length of [1, 66, 191, 192, 9000]) {
      const text = 'k'.repeat(length)
      expect(gpg.decrypt(await recipient.encrypt(Buffer.from(text)))).toBe(text)
    }
  })

  it('is refused for a key that only signs', () => {
    expect(() => read(gpg.exported('sign@test'))).toThrow(NO_KEY)
  })

  it('is refused for a key whose time is over, and was not before', () => {
    const key = gpg.exported('expired@test')
    expect(() => read(key)).toThrow(NO_KEY)
    expect(read(key, { ...systemClock, now: () => new Date('2020-01-02T00:00:00Z') }).fingerprint).toBe(gpg.fingerprints('expired@test')[0])
  })

  it('does not go to a subkey that is revoked', () => {
    const key = gpg.make('revoked@test', 'ed25519', 'cv25519')
    expect(read(gpg.exported('revoked@test')).fingerprint).toBe(key)
    gpg.edit(key, ['key 1', 'revkey', 'save'], ['y', '0', '', 'y', 'y'])
    expect(() => read(gpg.exported('revoked@test'))).toThrow(NO_KEY)
  })

  it('is refused for a subkey that the primary key does not vouch for', () => {
    const bytes = Buffer.from(gpg.exported('rsa2048@test'), 'base64')
    // In the last signature, which binds the subkey.
    bytes[bytes.length - 1] = (bytes.at(-1) as number) ^ 1
    expect(() => read(bytes.toString('base64'))).toThrow(NO_KEY)
  })

  it.each([
    ['hello', 'error decoding given PGP key: illegal base64 data at input byte 4'],
    ['x', 'error decoding given PGP key: illegal base64 data at input byte 0'],
    ['', 'error decoding given PGP key: illegal base64 data at input byte 0'],
    [Buffer.from('hello').toString('base64'), 'error parsing given PGP key: openpgp: invalid data: tag byte does not have MSB set'],
    ['keybase:ann', 'keys are not fetched from Keybase: expected the public key itself, in base64'],
    ['-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmQEN', 'error decoding given PGP key: illegal base64 data at input byte 0'],
  ])('says what is wrong with %j', (text, why) => {
    expect(() => read(text)).toThrow(why)
  })

  it('never falls over a key that was cut off or bent', () => {
    const key = Buffer.from(gpg.exported('nistp256@test'), 'base64')
    for (let at = 0; at < key.length; at++) {
      const bent = Buffer.from(key)
      bent[at] = (bent[at] as number) ^ 0x55
      for (const bytes of [key.subarray(0, at), bent]) {
        try {
          read(bytes.toString('base64'))
        } catch (thrown) {
          expect((thrown as Error).message).toMatch(/^(error (decoding|parsing) given PGP key|openpgp): /)
        }
      }
    }
  })
})
