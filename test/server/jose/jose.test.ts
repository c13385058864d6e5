import { createSecretKey, generateKeyPairSync } from 'node:crypto'
import { SignJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import { isSignedByAny } from '../../../src/server/jose/index.ts'

const one = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const other = generateKeyPairSync('ed25519')
const signed = (alg: string, key: Parameters<SignJWT['sign']>[0]): Promise<string> => new SignJWT({}).setProtectedHeader({ alg }).sign(key)

describe('a signature', () => {
  it('is that of any of the keys, by an algorithm that is allowed', async () => {
    const token = await signed('ES256', one.privateKey)
    expect(await isSignedByAny(token, [other.publicKey, one.publicKey], ['ES256', 'EdDSA'])).toBe(true)
    expect(await isSignedByAny(token, [other.publicKey], ['ES256', 'EdDSA'])).toBe(false)
    expect(await isSignedByAny(token, [one.publicKey], ['EdDSA'])).toBe(false)
    expect(await isSignedByAny(token, [], ['ES256'])).toBe(false)
    expect(await isSignedByAny(`${token}x`, [one.publicKey], ['ES256'])).toBe(false)
    expect(await isSignedByAny('x', [one.publicKey], ['ES256'])).toBe(false)
  })

  it('is no MAC, even where one is asked for with a public key', async () => {
    const token = await signed('HS256', createSecretKey(Buffer.from(String(one.publicKey.export({ type: 'spki', format: 'pem' })))))
    expect(await isSignedByAny(token, [one.publicKey], ['HS256', 'ES256'])).toBe(false)
  })

  it('by a short RSA key is none', async () => {
    const short = generateKeyPairSync('rsa', { modulusLength: 1024 })
    const [head, payload] = (await signed('ES256', one.privateKey)).split('.')
    expect(await isSignedByAny(`${head}.${payload}.AAAA`, [short.publicKey], ['RS256', 'ES256'])).toBe(false)
  })
})
