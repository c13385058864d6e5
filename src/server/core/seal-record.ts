/**
 * How the root key is guarded, as it is stored in clear: under a guard key, which is divided among people (Shamir), or wrapped by a
 * keeper outside. So the root key changes under the same people and the same keeper, and they change under the same root key.
 */
import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from 'node:crypto'
import { SecretBytes, type Random } from '../../kernel/index.ts'
import { faults } from '../logical/index.ts'
import type { KeySharing, Wrapped } from '../seal/index.ts'
import { KEY_LENGTH } from './shares.ts'

export interface Division {
  readonly shares: number
  readonly threshold: number
}
interface Guarded {
  /** The root key under the guard key: nonce, ciphertext and tag of AES-256-GCM, base64. */
  readonly wrapped: string
  /** The root key that is about to replace it, while that is under way. */
  readonly next?: string
}
/** The guard key exists only as shares. */
export interface SharedRecord extends Division, Guarded {
  readonly type: 'shamir'
}
/** The guard key lies with a keeper. The recovery key opens nothing: it proves that a quorum wants what it is asked for. */
export interface KeptRecord extends Guarded {
  readonly type: string
  readonly guard: Wrapped
  readonly recovery?: Division & {
    /** Under the guard key. */
    readonly key: string
  }
}
export type SealRecord = SharedRecord | KeptRecord

export const isKept = (record: SealRecord): record is KeptRecord => 'guard' in record

/** Whose shares count: those of the guard key, or those of the recovery key. */
export function divisionOf(record: SealRecord): Division {
  if (isKept(record)) return record.recovery ?? { shares: 0, threshold: 0 }
  return record
}

type What = 'root' | 'recovery'

const BIND: Readonly<Record<What, Buffer>> = { root: Buffer.from('lockstep root key'), recovery: Buffer.from('lockstep recovery key') }

export function wrapKey(what: What, guard: Uint8Array | KeyObject, key: SecretBytes, random: Random): string {
  const nonce = random.bytes(12)
  const cipher = createCipheriv('aes-256-gcm', guard, nonce)
  cipher.setAAD(BIND[what])
  return Buffer.concat([nonce, cipher.update(key.reveal()), cipher.final(), cipher.getAuthTag()]).toString('base64')
}

/** To be wiped. Throws `barrierRootKeyWrong`. */
export function unwrapKey(what: What, guard: Uint8Array | KeyObject, wrapped: string): SecretBytes {
  const bytes = Buffer.from(wrapped, 'base64')
  try {
    const decipher = createDecipheriv('aes-256-gcm', guard, bytes.subarray(0, 12), { authTagLength: 16 })
    decipher.setAAD(BIND[what])
    decipher.setAuthTag(bytes.subarray(-16))
    const clear = Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()])
    const key = SecretBytes.from(clear)
    clear.fill(0)
    return key
  } catch (cause) {
    throw faults.barrierRootKeyWrong({ cause })
  }
}

/** The two root keys of a record, the second while a change is under way, put under another guard key. */
export function underAnother(record: Guarded, before: Uint8Array | KeyObject, after: KeyObject, random: Random): Guarded {
  const again = (wrapped: string): string => {
    const root = unwrapKey('root', before, wrapped)
    try {
      return wrapKey('root', after, root, random)
    } finally {
      root.wipe()
    }
  }
  return { wrapped: again(record.wrapped), ...(record.next !== undefined && { next: again(record.next) }) }
}

/** A new key, divided. One share is the key itself, as the field's tools have it: there is nothing to divide. */
export function divideKey(
  { shares, threshold }: Division,
  sharing: KeySharing,
  random: Random,
): { readonly key: SecretBytes; readonly shares: readonly Uint8Array[] } {
  const key = SecretBytes.from(random.bytes(KEY_LENGTH))
  return { key, shares: shares === 1 ? [Uint8Array.from(key.reveal())] : sharing.split(key, shares, threshold, random) }
}

/** The key that these shares make; whether it is the right one is not told. `what`: as errors name it. */
export function combineShares(division: Division, shares: readonly Uint8Array[], sharing: KeySharing): SecretBytes {
  const [only] = shares
  return division.shares === 1 && only !== undefined ? SecretBytes.from(only) : sharing.combine(shares)
}

/** A copy that can be kept while the original is wiped. */
export const keyObjectOf = (key: SecretBytes): KeyObject => createSecretKey(key.reveal())
