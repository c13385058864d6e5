import type { SecretBytes } from '../../kernel/index.ts'
import type { View } from '../logical/index.ts'

export interface KeyTermInfo {
  /** From 1. */
  readonly term: number
  readonly installTime: Date
  /** Records encrypted with this term so far, as far as counted. */
  readonly encryptions: number
}

/** The only door to storage. What passes it is AES-256-GCM, the record's path as additional data. */
export interface Barrier {
  readonly state: 'uninitialised' | 'sealed' | 'unsealed'
  /** Reads the store once, to tell uninitialised from sealed. */
  open(): Promise<void>
  /** Makes the first key ring and stores it under `root`. Leaves the barrier sealed. */
  initialise(root: SecretBytes): Promise<void>
  /** Rejects with the fault `barrierRootKeyWrong` when `root` does not open the key ring. */
  unseal(root: SecretBytes): Promise<void>
  /** Wipes the key ring; from here on every view refuses. */
  seal(): void
  /** A new term for whatever is written from now on; old records stay readable. */
  rotate(): Promise<KeyTermInfo>
  /** Puts the key ring under another root key. */
  rekey(next: SecretBytes): Promise<void>
  term(): KeyTermInfo
  view(prefix: string): View
}
