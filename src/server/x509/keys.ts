/** Private keys: made on the thread pool, read, and written in the forms that others expect. */
import { createPrivateKey, createPublicKey, generateKeyPair, type KeyObject } from 'node:crypto'
import { toPem } from './pem.ts'
import { type KeyFamily, familyOf } from './signatures.ts'

const CURVES: Readonly<Record<number, string>> = { 224: 'secp224r1', 256: 'prime256v1', 384: 'secp384r1', 521: 'secp521r1' }

/** `bits`: of the modulus, of the curve, or of ML-DSA's name. Not on the main thread, since it may take a second. */
export function generateKey(family: KeyFamily, bits: number): Promise<KeyObject> {
  return new Promise((resolve, reject) => {
    const done = (error: Error | null, _: unknown, key: KeyObject): void => (error === null ? resolve(key) : reject(error))
    switch (family) {
      case 'rsa':
        return generateKeyPair('rsa', { modulusLength: bits }, done)
      case 'ec':
        return generateKeyPair('ec', { namedCurve: CURVES[bits] ?? 'prime256v1' }, done)
      case 'ed25519':
        return generateKeyPair('ed25519', {}, done)
      case 'mldsa':
        return generateKeyPair(bits === 87 ? 'ml-dsa-87' : bits === 65 ? 'ml-dsa-65' : 'ml-dsa-44', {}, done)
    }
  })
}

export const spkiOf = (key: KeyObject): Buffer =>
  (key.type === 'private' ? createPublicKey(key) : key).export({ type: 'spki', format: 'der' })

interface Encoded {
  readonly label: string
  readonly der: Buffer
}

/** PKCS #1 for RSA, SEC 1 for EC, PKCS #8 for the others: as the API gives keys when nothing else is asked for. */
export function traditional(key: KeyObject): Encoded {
  switch (familyOf(key)) {
    case 'rsa':
      return { label: 'RSA PRIVATE KEY', der: key.export({ type: 'pkcs1', format: 'der' }) }
    case 'ec':
      return { label: 'EC PRIVATE KEY', der: key.export({ type: 'sec1', format: 'der' }) }
    default:
      return pkcs8(key)
  }
}
export const pkcs8 = (key: KeyObject): Encoded => ({ label: 'PRIVATE KEY', der: key.export({ type: 'pkcs8', format: 'der' }) })
export const keyPem = ({ label, der }: Encoded): string => toPem(label, der)

/** DER of any of the three forms; undefined for what is none. */
export function readPrivateKey(der: Buffer): KeyObject | undefined {
  for (const type of ['sec1', 'pkcs1', 'pkcs8'] as const) {
    try {
      return createPrivateKey({ key: der, format: 'der', type })
    } catch {
      // Of another form, then.
    }
  }
  return undefined
}
