/** `vault:v<n>:<base 64>`: what is encrypted, signed or authenticated says by which version of its key. */
import { faults } from '../../logical/index.ts'
import type { KeyRecord } from './key.ts'

export const versioned = (version: number, text: string): string => `vault:v${version}:${text}`

interface Words {
  readonly noPrefix: string
  readonly name: string
}
export const CIPHERTEXT: Words = { noPrefix: 'invalid ciphertext: no prefix', name: 'invalid ciphertext' }
export const SIGNATURE: Words = { noPrefix: 'invalid signature: no prefix', name: 'invalid signature' }
export const HMAC: Words = { noPrefix: 'invalid HMAC to verify: no prefix', name: 'invalid HMAC' }

/** The version, and the text behind it. What it is called in a refusal is the caller's. */
export function readVersioned(
  text: string,
  key: KeyRecord,
  { noPrefix, name }: Words,
): { readonly version: number; readonly text: string } {
  const refused = (why: string): Error => faults.refused({ why })
  if (!text.startsWith('vault:v')) throw refused(noPrefix)
  const rest = text.slice('vault:v'.length)
  const colon = rest.indexOf(':')
  if (colon < 0) throw refused(`${name}: wrong number of fields`)
  const digits = rest.slice(0, colon)
  if (!/^[+-]?\d{1,18}$/.test(digits)) throw refused(`${name}: version number could not be decoded`)
  // The first ciphertexts, made before keys were rotated, have a 0; it means the first version.
  const version = Number(digits) === 0 && name === CIPHERTEXT.name ? 1 : Number(digits)
  if (version > key.latestVersion) throw refused(`${name}: version is too new`)
  if (version < Math.max(1, key.minDecryptionVersion)) throw refused('ciphertext or signature version is disallowed by policy (too old)')
  return { version, text: rest.slice(colon + 1) }
}
