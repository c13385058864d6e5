import type { SecretBytes } from '../../kernel/index.ts'

export interface Wrapped {
  readonly keyId: string
  readonly ciphertext: Uint8Array
}

/** Who can open the root key. Shamir is the seal whose root key arrives in shares; the share book-keeping lives in core. */
export interface SealWrapper {
  readonly type: string
  keyId(): Promise<string>
  wrap(key: SecretBytes, bind: Uint8Array): Promise<Wrapped>
  unwrap(blob: Wrapped, bind: Uint8Array): Promise<SecretBytes>
  close(): Promise<void>
}
