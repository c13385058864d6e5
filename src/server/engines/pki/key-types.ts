/** Which keys there are, and which hashes they sign. */
import type { KeyObject } from 'node:crypto'
import { familyOf, keyBits, type SignatureAlgorithm, signatureAlgorithms, type SignatureName, usualAlgorithm } from '../../x509/index.ts'
import type { KeyType } from './store.ts'

const DEFAULT_BITS: Readonly<Record<string, number>> = { rsa: 2048, ec: 256, mldsa: 44 }
const SIZES: Readonly<Record<string, readonly number[]>> = { rsa: [2048, 3072, 4096, 8192], ec: [224, 256, 384, 521], mldsa: [44, 65, 87] }
const SHOWN: Readonly<Record<string, string>> = { rsa: 'RSA', ec: 'EC', mldsa: 'ML-DSA' }

/** The bits that a type gets when none are given, or what is wrong with it. */
export function checkKeyType(type: string, bits: number): { readonly bits: number } | { readonly why: string } {
  if (type === 'any' || type === 'ed25519') return { bits }
  const sizes = Object.hasOwn(SIZES, type) ? SIZES[type] : undefined
  if (sizes === undefined) return { why: `unknown key type ${type}` }
  const found = bits === 0 ? (DEFAULT_BITS[type] ?? 0) : bits
  if (type === 'rsa' && found < 2048) return { why: `RSA keys < 2048 bits are unsafe and not supported: got ${found}` }
  return sizes.includes(found) ? { bits: found } : { why: `unsupported bit length for ${SHOWN[type]} key: ${found}` }
}

/**
 * What an issuer's key signs with. RSA is told the bits of the hash; 0: what is usual for the key. ECDSA is told them only where a
 * request is signed (`isRequest`), as the peer has it.
 */
export function signingAlgorithm(key: KeyObject, bits: number, pss: boolean, isRequest = false): SignatureAlgorithm {
  const family = familyOf(key)
  if (family === 'ec' && isRequest && (bits === 256 || bits === 384 || bits === 512)) return signatureAlgorithms[`ECDSAWithSHA${bits}`]
  if (family !== 'rsa') return usualAlgorithm(key)
  const name = `SHA${bits === 384 || bits === 512 ? bits : 256}WithRSA${pss ? 'PSS' : ''}` as const
  return signatureAlgorithms[name]
}

export const keyTypeOf = (key: KeyObject): KeyType | undefined => familyOf(key)
export { keyBits }

/** By the names that the API has for them, in any letters. */
export function revocationAlgorithm(name: string): SignatureName | undefined {
  const wanted = name.toLowerCase() === 'pureed25519' ? 'ed25519' : name.toLowerCase()
  return (Object.keys(signatureAlgorithms) as SignatureName[]).find(it => it.toLowerCase() === wanted)
}
