/** Certificates and keys in the form that a request asks for. */
import type { KeyObject } from 'node:crypto'
import { faults } from '../../logical/index.ts'
import { type Certificate, keyPem, pkcs8, toPem, traditional } from '../../x509/index.ts'
import { keyTypeOf } from './key-types.ts'
import type { KeyType } from './store.ts'

export type Format = 'pem' | 'der' | 'pem_bundle'

/** @throws the fault for any other */
export function formatOf(text: string, words = 'the "format" path parameter must be "pem", "der", or "pem_bundle"'): Format {
  if (text === 'pem' || text === 'der' || text === 'pem_bundle') return text
  throw faults.refused({ why: words })
}

export const certificatePem = (certificate: Certificate): string => toPem('CERTIFICATE', certificate.der)
export const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')

export interface ShownKey {
  readonly privateKey: string
  readonly privateKeyType: KeyType
}

/** `der` in base 64; `pkcs8` in place of the form of its type, where that is asked for. */
export function shownKey(key: KeyObject, format: Format, wantsPkcs8: boolean): ShownKey {
  const encoded = wantsPkcs8 ? pkcs8(key) : traditional(key)
  return { privateKey: format === 'der' ? base64(encoded.der) : keyPem(encoded), privateKeyType: keyTypeOf(key) as KeyType }
}
export const traditionalPem = (key: KeyObject): string => keyPem(traditional(key))
