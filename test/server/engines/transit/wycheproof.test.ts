/** The vectors of Project Wycheproof: what broken or careless implementations of each algorithm let pass. */
import { constants, createCipheriv, createPrivateKey, publicEncrypt, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { transit } from '../../../../src/server/engines/transit/index.ts'
import { Mounted, type Answer } from '../../../conformance/engine-replay.ts'

type Verdict = 'valid' | 'invalid' | 'acceptable'
interface Vectors<T> {
  readonly groups: readonly { readonly key?: string; readonly tests: readonly T[] }[]
}
const vectors = <T>(name: string): Vectors<T> =>
  JSON.parse(readFileSync(new URL(`../../../vectors/wycheproof/${name}.json`, import.meta.url), 'utf8')) as Vectors<T>

const base64 = (hex: string, form: 'base64' | 'base64url' = 'base64'): string => Buffer.from(hex, 'hex').toString(form)
const dataOf = ({ reply }: Answer): Readonly<Record<string, unknown>> =>
  (reply as { readonly data?: Readonly<Record<string, unknown>> }).data ?? {}

/** What went otherwise than the vectors say, by the number of the test. */
class Otherwise {
  readonly found: string[] = []
  #count = 0

  note(tcId: number, result: Verdict, passed: boolean): void {
    this.#count++
    if ((result === 'valid' && !passed) || (result === 'invalid' && passed))
      this.found.push(`${tcId}: ${result}, and ${passed ? 'taken' : 'refused'}`)
  }

  check(atLeast: number): void {
    expect(this.found).toEqual([])
    expect(this.#count).toBeGreaterThanOrEqual(atLeast)
  }
}

let at: Mounted
let wrapping: string
beforeAll(async () => {
  at = new Mounted(transit, {})
  wrapping = String(dataOf(await at.ask('read', 'wrapping_key'))['public_key'])
}, 120_000)

let made = 0
async function importSecret(type: string, secret: Uint8Array): Promise<string> {
  const name = `k${++made}`
  const ephemeral = randomBytes(32)
  const kwp = createCipheriv('id-aes256-wrap-pad', ephemeral, Buffer.from('a65959a6', 'hex'))
  const wrapped = Buffer.concat([
    publicEncrypt({ key: wrapping, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' }, ephemeral),
    kwp.update(secret),
    kwp.final(),
  ])
  const answer = await at.ask('write', `keys/${name}/import`, { type, ciphertext: wrapped.toString('base64') })
  expect(answer).toEqual({ status: 204 })
  return name
}

describe('ciphers', () => {
  it.each([
    ['aes_gcm', (key: Buffer) => (key.length === 16 ? 'aes128-gcm96' : 'aes256-gcm96'), 120],
    ['chacha20_poly1305', () => 'chacha20-poly1305', 300],
    ['xchacha20_poly1305', () => 'xchacha20-poly1305', 300],
  ] as const)('%s', async (name, typeOf, atLeast) => {
    const otherwise = new Otherwise()
    const names = new Map<string, string>()
    for (const { tests } of vectors<[number, Verdict, string, string, string, string, string]>(name).groups) {
      for (const [tcId, result, key, iv, aad, message, ciphertext] of tests) {
        const secret = Buffer.from(key, 'hex')
        const known = names.get(key) ?? (await importSecret(typeOf(secret), secret))
        names.set(key, known)
        const answer = await at.ask('write', `decrypt/${known}`, {
          ciphertext: `vault:v1:${base64(iv + ciphertext)}`,
          ...(aad !== '' && { associated_data: base64(aad) }),
        })
        otherwise.note(tcId, result, answer.status === 200 && dataOf(answer)['plaintext'] === base64(message))
      }
    }
    otherwise.check(atLeast)
  })

  it('RSA-OAEP', async () => {
    const otherwise = new Otherwise()
    for (const { key = '', tests } of vectors<[number, Verdict, string, string, string]>('rsa_oaep_2048_sha256').groups) {
      const name = await importSecret(
        'rsa-2048',
        createPrivateKey({ key: Buffer.from(key, 'hex'), format: 'der', type: 'pkcs8' }).export({ type: 'pkcs8', format: 'der' }),
      )
      for (const [tcId, result, label, message, ciphertext] of tests) {
        if (label !== '') continue
        const answer = await at.ask('write', `decrypt/${name}`, { ciphertext: `vault:v1:${base64(ciphertext)}` })
        otherwise.note(tcId, result, answer.status === 200 && dataOf(answer)['plaintext'] === base64(message))
      }
    }
    otherwise.check(25)
  })
})

describe('signatures', () => {
  it.each([
    ['ecdsa_secp256r1_sha256', 'ecdsa-p256', {}, 450],
    ['ecdsa_secp256r1_sha256_p1363', 'ecdsa-p256', { marshaling_algorithm: 'jws' }, 250],
    ['ecdsa_secp384r1_sha384', 'ecdsa-p384', { hash_algorithm: 'sha2-384' }, 450],
    ['ecdsa_secp521r1_sha512', 'ecdsa-p521', { hash_algorithm: 'sha2-512' }, 450],
    ['ed25519', 'ed25519', {}, 140],
    ['rsa_signature_2048_sha256', 'rsa-2048', { signature_algorithm: 'pkcs1v15' }, 240],
    ['rsa_pss_2048_sha256_mgf1_32', 'rsa-2048', { salt_length: '32' }, 100],
  ] as const)('%s', async (file, type, words, atLeast) => {
    const otherwise = new Otherwise()
    const form = 'marshaling_algorithm' in words ? 'base64url' : 'base64'
    for (const { key, tests } of vectors<[number, Verdict, string, string]>(file).groups) {
      const name = `k${++made}`
      expect(await at.ask('write', `keys/${name}/import`, { type, public_key: key })).toEqual({ status: 204 })
      for (const [tcId, result, message, signature] of tests) {
        const answer = await at.ask('write', `verify/${name}`, {
          ...words,
          input: base64(message),
          signature: `vault:v1:${base64(signature, form)}`,
        })
        expect([200, 400]).toContain(answer.status)
        otherwise.note(tcId, result, dataOf(answer)['valid'] === true)
      }
    }
    otherwise.check(atLeast)
  })
})

describe('authentication codes', () => {
  it('HMAC with SHA-256', async () => {
    const otherwise = new Otherwise()
    for (const { tests } of vectors<[number, Verdict, string, string, string]>('hmac_sha256').groups) {
      for (const [tcId, result, key, message, tag] of tests) {
        const secret = Buffer.from(key, 'hex')
        // Shorter ones are refused as keys.
        if (secret.length < 32) continue
        const name = await importSecret('hmac', secret)
        const answer = await at.ask('write', `verify/${name}`, { input: base64(message), hmac: `vault:v1:${base64(tag)}` })
        otherwise.note(tcId, result, dataOf(answer)['valid'] === true)
      }
    }
    otherwise.check(60)
  })
})
