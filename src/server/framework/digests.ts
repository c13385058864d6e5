/** What `transit/` and `sys/tools/` share: digests and random bytes, with their names and their refusals. */
import { createHash } from 'node:crypto'
import type { Random } from '../../kernel/index.ts'
import { faults } from '../logical/index.ts'

/** The API's names of hash functions, and OpenSSL's. */
const HASHES: ReadonlyMap<string, string> = new Map([
  ['sha1', 'sha1'],
  ['sha2-224', 'sha224'],
  ['sha2-256', 'sha256'],
  ['sha2-384', 'sha384'],
  ['sha2-512', 'sha512'],
  ['sha3-224', 'sha3-224'],
  ['sha3-256', 'sha3-256'],
  ['sha3-384', 'sha3-384'],
  ['sha3-512', 'sha3-512'],
])
export const DEFAULT_HASH = 'sha2-256'
export const opensslHash = (name: string): string | undefined => HASHES.get(name)

/** Throws the fault for an algorithm or a format that there is not. SHA-1 signs, but digests nothing here. */
export function digestOf(bytes: Uint8Array, algorithm: string, format: string): string {
  if (format !== 'hex' && format !== 'base64')
    throw faults.refused({ why: `unsupported encoding format ${format}; must be "hex" or "base64"` })
  const hash = algorithm === 'sha1' ? undefined : opensslHash(algorithm)
  if (hash === undefined) throw faults.refused({ why: `unsupported algorithm ${algorithm}` })
  return createHash(hash).update(bytes).digest(format)
}

export const RANDOM_SOURCES: readonly string[] = ['platform', 'seal', 'all']
const MOST = 128 * 1024

export interface RandomWish {
  readonly source: string
  /** A text stands in the URL. */
  readonly count: string | number
  readonly format: string | undefined
}

/** Throws the fault for a wish that cannot be fulfilled. */
export function randomText(random: Random, { source, count, format = 'base64' }: RandomWish, warn: (text: string) => void): string {
  if (typeof count === 'string' && !/^[+-]?\d{1,15}$/.test(count))
    throw faults.refused({ why: `error parsing url-set byte count: strconv.Atoi: parsing ${JSON.stringify(count)}: invalid syntax` })
  const size = Number(count)
  if (size < 1) throw faults.refused({ why: "'bytes' cannot be less than 1" })
  if (size > MOST) throw faults.refused({ why: `'bytes' should be less than ${MOST}` })
  if (format !== 'hex' && format !== 'base64')
    throw faults.refused({ why: `unsupported encoding format ${JSON.stringify(format)}; must be "hex" or "base64"` })
  if (!RANDOM_SOURCES.includes(source))
    throw faults.refused({ why: `unsupported entropy source ${JSON.stringify(source)}; must be "platform" or "seal", or "all"` })
  if (source === 'seal') warn('no seal/entropy augmentation available, using platform entropy source')
  return Buffer.from(random.bytes(size)).toString(format)
}
