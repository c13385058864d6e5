/** Randomness is an argument. The one implementation for production reads the operating system's generator. */
export interface Random {
  /** `count` bytes fit for keys and nonces. */
  bytes(count: number): Uint8Array
  uuid(): string
}
