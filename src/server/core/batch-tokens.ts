/** Batch tokens carry their own entry, encrypted (AES-256-GCM) with a key that only the barrier holds. Nothing is stored. */
import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from 'node:crypto'
import type { Random } from '../../kernel/index.ts'
import { BATCH_PREFIX } from './identifier.ts'

const NONCE = 12
const TAG = 16

export class BatchTokens {
  readonly #key: KeyObject
  readonly #random: Random

  constructor(key: Uint8Array, random: Random) {
    this.#key = createSecretKey(key)
    this.#random = random
  }

  seal(entry: unknown): string {
    const nonce = this.#random.bytes(NONCE)
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce)
    const body = Buffer.concat([cipher.update(JSON.stringify(entry), 'utf8'), cipher.final()])
    return BATCH_PREFIX + Buffer.concat([nonce, body, cipher.getAuthTag()]).toString('base64url')
  }

  /** Undefined for whatever this server did not make. */
  open<T>(token: string): T | undefined {
    const bytes = Buffer.from(token.slice(BATCH_PREFIX.length), 'base64url')
    if (bytes.length <= NONCE + TAG) return undefined
    const decipher = createDecipheriv('aes-256-gcm', this.#key, bytes.subarray(0, NONCE), { authTagLength: TAG })
    decipher.setAuthTag(bytes.subarray(-TAG))
    try {
      return JSON.parse(decipher.update(bytes.subarray(NONCE, -TAG)).toString() + decipher.final().toString()) as T
    } catch {
      return undefined
    }
  }
}
