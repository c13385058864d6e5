import type { SecretBytes } from '../../kernel/index.ts'
import type { View } from '../logical/index.ts'

export interface KeyTermInfo {
  /** From 1. */
  readonly term: number
  readonly installTime: Date
  /** Records encrypted with this term so far. What was counted in the last minute before a crash may be missing. */
  readonly encryptions: number
}

/** The only door to storage. What passes it is AES-256-GCM, the record's path as additional data. */
export interface Barrier {
  /** `uninitialised` also before `open`. */
  readonly state: 'uninitialised' | 'sealed' | 'unsealed'
  /** Reads the store once, to tell uninitialised from sealed. */
  open(): Promise<void>
  /**
   * Makes the first key ring and stores it under `root` (32 bytes). Leaves the barrier sealed. Rejects with the fault
   * `refused` when there is a key ring already.
   */
  initialise(root: SecretBytes): Promise<void>
  /** Rejects with the fault `barrierRootKeyWrong` when `root` does not open the key ring. `root` stays the caller's to wipe. */
  unseal(root: SecretBytes): Promise<void>
  /** Forgets the keys and wipes what was decrypted; from here on every view refuses with the fault `sealed`. */
  seal(): void
  /** A new term for whatever is written from now on; old records stay readable. */
  rotate(): Promise<KeyTermInfo>
  /** Puts the key ring under another root key, at once and for good: the old one no longer opens it. */
  rekey(next: SecretBytes): Promise<void>
  /** The term that is written with. */
  term(): KeyTermInfo
  /** Its word for a text, which only the key ring that it was given under recognises. */
  vouch(text: Uint8Array): Buffer
  /** Whether it is. */
  vouchesFor(text: Uint8Array, word: Uint8Array): boolean
  /** A view confined to a prefix ('' or ending in '/'). It may be made, but not used, while the barrier is sealed. */
  view(prefix: string): View
}
