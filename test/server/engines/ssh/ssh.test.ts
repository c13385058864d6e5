import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { describeSshCertificate } from '../../../contract/harness/ssh-certificate.ts'
import { Mounted, type Answer } from '../../../conformance/engine-replay.ts'
import { certify } from '../../../../src/server/engines/ssh/certificate.ts'
import { ssh } from '../../../../src/server/engines/ssh/index.ts'
import { readOpensshKey, writeOpensshKey } from '../../../../src/server/engines/ssh/openssh-key.ts'
import { makeKeyPair, readPrivateKey } from '../../../../src/server/engines/ssh/private-key.ts'
import { KeyRefused, parsePublicKey, publicKeyOf, readPublicKey } from '../../../../src/server/engines/ssh/public-key.ts'
import { mpintOf, Reader, stringOf, uint32Of, uint64Of } from '../../../../src/server/engines/ssh/wire.ts'
import { realRandom } from '../../../conformance/engine-replay.ts'

interface Pair {
  readonly public: string
  readonly private: string
}
const keys = JSON.parse(readFileSync(new URL('../../../vectors/ssh-keys.json', import.meta.url), 'utf8')) as Readonly<Record<string, Pair>>
const dataOf = (answer: Answer): Readonly<Record<string, unknown>> =>
  (answer.reply as { readonly data: Readonly<Record<string, unknown>> }).data

describe('the values of a message', () => {
  it('are read as they were written', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.nat(0xffff_ffff), fc.bigInt(0n, 2n ** 64n - 1n), (bytes, small, large) => {
        const reader = new Reader(Buffer.concat([stringOf(bytes), uint32Of(small), uint64Of(large), mpintOf(bytes)]))
        const significant = Buffer.from(bytes).subarray(
          [...bytes].findIndex(it => it !== 0) < 0 ? bytes.length : [...bytes].findIndex(it => it !== 0),
        )
        expect([reader.string(), reader.uint32(), reader.uint64(), reader.mpint(), reader.isAtEnd]).toEqual([
          Buffer.from(bytes),
          small,
          large,
          significant,
          true,
        ])
      }),
    )
  })

  // RFC 4251, section 5.
  it.each([
    ['', '00000000'],
    ['09a378f9b2e332a7', '0000000809a378f9b2e332a7'],
    ['80', '000000020080'],
  ])('write the number %s as the RFC does', (number, written) => {
    expect(mpintOf(Buffer.from(number, 'hex')).toString('hex')).toBe(written)
  })

  it('end a message that ends too early, and never read beyond it', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), bytes => {
        try {
          readPublicKey(Buffer.from(bytes))
        } catch (cause) {
          expect(cause).toBeInstanceOf(KeyRefused)
        }
      }),
    )
  })
})

describe('keys that ssh-keygen made', () => {
  it.each(['ed', 'rsa', 'ec', 'rsapem', 'ecpem'])('are read, whatever their form: %s', name => {
    const pair = keys[name] as Pair
    const key = readPrivateKey(pair.private)
    expect(publicKeyOf(createPublicKey(key))?.blob).toEqual(parsePublicKey(pair.public).blob)
  })

  it('are refused with a passphrase', () => {
    expect(() => readPrivateKey((keys['locked'] as Pair).private)).toThrow('passphrase protected')
  })

  it('are refused when any byte of what they hold is cut off', () => {
    const body = /\n([^-]+)\n-/.exec((keys['ec'] as Pair).private)?.[1] ?? ''
    const bytes = Buffer.from(body, 'base64')
    for (let length = 0; length < bytes.length; length += 7) expect(() => readOpensshKey(bytes.subarray(0, length))).toThrow(KeyRefused)
  })
})

describe('keys that are made here', () => {
  it('are read back in the form of OpenSSH', () => {
    for (let i = 0; i < 20; i++) {
      const { privateKey } = generateKeyPairSync('ed25519')
      const text = writeOpensshKey(privateKey, i)
      expect(readPrivateKey(text).export({ format: 'jwk' })).toEqual(privateKey.export({ format: 'jwk' }))
    }
  })

  it.each([
    ['rsa', 1024, 'refusing to generate weak rsa key: 1024 bits < 2048 bits'],
    ['rsa', 16384, 'refusing to generate a rsa key of more than 8192 bits: 16384'],
    ['ec', 255, 'unknown ECDSA key pair algorithm and bits: ec / 255'],
    ['ssh-dss', 0, 'unknown ssh key pair algorithm: ssh-dss'],
  ])('are of sizes that are safe and bounded: %s of %d bits', async (type, bits, why) => {
    await expect(makeKeyPair(type, bits, realRandom)).rejects.toThrow(why)
  })
})

describe('a certificate', () => {
  it.each(['ed', 'rsa', 'ec', 'ecpem'])('of %s says what it was made for, and is signed', async name => {
    const signer = readPrivateKey((keys[name] as Pair).private)
    const line = await certify(
      {
        key: parsePublicKey((keys['ed'] as Pair).public),
        serial: 7n,
        type: 'host',
        keyId: 'a key',
        principals: ['a', 'b'],
        validAfter: 10n,
        validBefore: 25n,
        criticalOptions: { z: 'last', a: '' },
        extensions: {},
        nonce: new Uint8Array(32),
      },
      signer,
      'default',
    )
    expect(describeSshCertificate(line)).toMatchObject({
      kind: 2,
      key_id: 'a key',
      principals: ['a', 'b'],
      valid_after: 10,
      valid_before_after: 15,
      critical: [
        ['a', ''],
        ['z', 'last'],
      ],
      signed: true,
      at_end: true,
    })
    const changed = Buffer.from(line.split(' ')[1] ?? '', 'base64')
    changed[changed.indexOf('a key')] = 0x62
    expect(describeSshCertificate(`${line.split(' ')[0] ?? ''} ${changed.toString('base64')}\n`)).toMatchObject({ signed: false })
  })
})

describe('the engine', () => {
  const pair = keys['ed'] as Pair
  async function withCa(): Promise<Mounted> {
    const at = new Mounted(ssh)
    expect(await at.ask('write', 'config/ca', { public_key: pair.public, private_key: pair.private })).toMatchObject({ status: 200 })
    return at
  }

  it('takes no public key that belongs to another private key', async () => {
    const at = new Mounted(ssh)
    const answer = await at.ask('write', 'config/ca', { public_key: (keys['ec'] as Pair).public, private_key: pair.private })
    expect(answer).toEqual({ status: 400, reply: { errors: ['public_key does not belong to private_key'] } })
  })

  it('never shows a private key that signs', async () => {
    const at = await withCa()
    const secret = /\n([^-]{60})/.exec(pair.private)?.[1] ?? 'none'
    for (const path of ['config/ca', 'issuer/default', 'config/issuers'])
      expect(JSON.stringify(await at.ask('read', path))).not.toContain(secret)
    expect(JSON.stringify(await at.ask('list', 'issuers'))).not.toContain(secret)
  })

  it('takes a display name for what it is, even when it looks like a variable', async () => {
    const at = await withCa()
    await at.ask('write', 'roles/r', {
      key_type: 'ca',
      allow_user_certificates: true,
      allowed_users: '*',
      key_id_format: '{{token_display_name}}',
    })
    const caller = { remoteAddress: '127.0.0.1', sudo: false, token: { displayName: '{{role_name}}', entityId: '' } }
    const answer = await at.ask('write', 'sign/r', { public_key: pair.public, valid_principals: 'a' }, caller as never)
    expect(describeSshCertificate(String(dataOf(answer)['signed_key']))).toMatchObject({ key_id: '{{role_name}}' })
  })

  it('takes a certificate for no key', async () => {
    const at = await withCa()
    await at.ask('write', 'roles/r', { key_type: 'ca', allow_user_certificates: true, allowed_users: '*' })
    const signed = dataOf(await at.ask('write', 'sign/r', { public_key: pair.public, valid_principals: 'a' }))['signed_key']
    expect(await at.ask('write', 'sign/r', { public_key: signed })).toMatchObject({
      status: 400,
      reply: { errors: ['failed to parse public_key as SSH key: ssh: unknown key algorithm: ssh-ed25519-cert-v01@openssh.com'] },
    })
  })
})
