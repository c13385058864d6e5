/**
 * Initialisation, unsealing and sealing under Shamir's sharing.
 *
 * States: uninitialised → sealed (no share) → sealed (1 … threshold − 1 shares, under one nonce) → unsealed → sealed.
 *
 * Invariants: (1) the root key is wrapped by the unseal key, which exists only as shares, so that shares can be changed without
 * touching the key ring; (2) a wrong set of shares is noticed only when the set is complete, and clears it; (3) shares are
 * held in memory only, and wiped as soon as they are combined or forgotten.
 */
import { createCipheriv, createDecipheriv, timingSafeEqual } from 'node:crypto'
import { SecretBytes, type Random } from '../../kernel/index.ts'
import type { Barrier, SealStore } from '../barrier/index.ts'
import type { KeySharing } from '../seal/index.ts'
import { faults, type InitParameters, type SealStatus } from '../logical/index.ts'

interface SealConfig {
  readonly type: 'shamir'
  readonly shares: number
  readonly threshold: number
  /** The root key under the unseal key: nonce, ciphertext and tag of AES-256-GCM, base64. */
  readonly wrapped: string
}

export interface UnsealOptions {
  readonly barrier: Barrier
  readonly store: SealStore
  readonly shares: KeySharing
  readonly random: Random
  readonly storageType: string
}

const KEY_LENGTH = 32

/** What the field's servers take for a key at all, of whatever scheme. */
const SHORTEST_KEY = 16
const BIND = Buffer.from('lockstep root key')

export class Unseal {
  readonly #o: UnsealOptions
  #config: SealConfig | undefined
  #given: Uint8Array[] = []
  #nonce = ''

  constructor(options: UnsealOptions) {
    this.#o = options
  }

  async open(): Promise<void> {
    await this.#o.barrier.open()
    const config = (await this.#o.store.read()) as SealConfig | undefined
    // The configuration is written before the key ring: alone, it is what a crash in the middle of an initialisation left.
    this.#config = this.#o.barrier.state === 'uninitialised' ? undefined : config
  }

  get initialised(): boolean {
    return this.#config !== undefined
  }

  /** The shares. The barrier is sealed afterwards. */
  async initialise({
    secretShares,
    secretThreshold,
  }: InitParameters): Promise<{ readonly shares: readonly Uint8Array[]; readonly root: SecretBytes }> {
    const { barrier, store, shares: scheme, random } = this.#o
    if (this.initialised) throw faults.refused({ why: 'Vault is already initialized' })
    refuseShares(secretShares, secretThreshold)
    const root = SecretBytes.from(random.bytes(KEY_LENGTH))
    const unsealKey = SecretBytes.from(random.bytes(KEY_LENGTH))
    try {
      // One share is the key itself, as the field's tools have it: there is nothing to divide.
      const shares =
        secretShares === 1 ? [Uint8Array.from(unsealKey.reveal())] : scheme.split(unsealKey, secretShares, secretThreshold, random)
      const config: SealConfig = {
        type: 'shamir',
        shares: secretShares,
        threshold: secretThreshold,
        wrapped: wrap(unsealKey, root, random),
      }
      if (!(await store.replace(config))) throw faults.refused({ why: 'Vault is already initialized' })
      await barrier.initialise(root)
      this.#config = config
      return { shares, root }
    } finally {
      unsealKey.wipe()
    }
  }

  status(): SealStatus {
    const config = this.#config
    return {
      type: 'shamir',
      initialized: config !== undefined,
      sealed: this.#o.barrier.state !== 'unsealed',
      t: config?.threshold ?? 0,
      n: config?.shares ?? 0,
      progress: this.#given.length,
      nonce: this.#nonce,
      migration: false,
      recoverySeal: false,
      storageType: this.#o.storageType,
    }
  }

  reset(): void {
    for (const share of this.#given) share.fill(0)
    this.#given = []
    this.#nonce = ''
  }

  /** Takes one share. True when it completed a right set, and the barrier is open now. */
  async give(text: string): Promise<boolean> {
    const share = parseShare(text)
    const config = this.#config
    if (config === undefined) throw faults.refused({ why: 'Vault is not initialized' })
    if (this.#o.barrier.state === 'unsealed') return false
    refuseLength(share, config.shares === 1 ? KEY_LENGTH : KEY_LENGTH + 1)
    if (this.#given.some(it => timingSafeEqual(it, share))) return false
    if (this.#given.length === 0) this.#nonce = this.#o.random.uuid()
    this.#given.push(share)
    if (this.#given.length < config.threshold) return false
    let root: SecretBytes | undefined
    try {
      root = this.#unwrap(config)
      await this.#o.barrier.unseal(root)
      return true
    } finally {
      root?.wipe()
      this.reset()
    }
  }

  #unwrap(config: SealConfig): SecretBytes {
    let unsealKey: SecretBytes
    try {
      unsealKey = config.shares === 1 ? SecretBytes.from(this.#given[0] as Uint8Array) : this.#o.shares.combine(this.#given)
    } catch (cause) {
      throw faults.refused({ why: `invalid key: failed to compute combined key: ${(cause as Error).message}` }, { cause })
    }
    try {
      return unwrap(unsealKey, config.wrapped)
    } finally {
      unsealKey.wipe()
    }
  }
}

function refuseShares(shares: number, threshold: number): void {
  const why =
    shares < 1
      ? 'shares must be at least one'
      : threshold < 1
        ? 'threshold must be at least one'
        : shares > 1 && threshold === 1
          ? 'threshold must be greater than one for multiple shares'
          : shares > 255
            ? 'shares must be less than 256'
            : threshold > shares
              ? 'threshold cannot be larger than shares'
              : undefined
  if (why !== undefined) throw faults.refused({ why: `invalid seal configuration: ${why}` })
}

/** Hexadecimal first, then base64, as clients send either. */
function parseShare(text: string): Uint8Array {
  const key = text.trim()
  if (key.length % 2 === 0 && key.length >= SHORTEST_KEY * 2 && /^[0-9a-fA-F]+$/.test(key)) return Buffer.from(key, 'hex')
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(key) || key.length % 4 !== 0)
    throw faults.refused({ why: "'key' must be a valid hex or base64 string" })
  return Buffer.from(key, 'base64')
}

function refuseLength(share: Uint8Array, wanted: number): void {
  const longest = KEY_LENGTH + 1
  if (share.length < SHORTEST_KEY) throw faults.refused({ why: `invalid key: key is shorter than minimum ${SHORTEST_KEY} bytes` })
  if (share.length > longest) throw faults.refused({ why: `invalid key: key is longer than maximum ${longest} bytes` })
  if (share.length !== wanted) throw faults.refused({ why: "'key' must be a valid hex or base64 string" })
}

function wrap(key: SecretBytes, root: SecretBytes, random: Random): string {
  const nonce = random.bytes(12)
  const cipher = createCipheriv('aes-256-gcm', key.reveal(), nonce)
  cipher.setAAD(BIND)
  return Buffer.concat([nonce, cipher.update(root.reveal()), cipher.final(), cipher.getAuthTag()]).toString('base64')
}

function unwrap(key: SecretBytes, wrapped: string): SecretBytes {
  const bytes = Buffer.from(wrapped, 'base64')
  try {
    const decipher = createDecipheriv('aes-256-gcm', key.reveal(), bytes.subarray(0, 12), { authTagLength: 16 })
    decipher.setAAD(BIND)
    decipher.setAuthTag(bytes.subarray(-16))
    const clear = Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()])
    const root = SecretBytes.from(clear)
    clear.fill(0)
    return root
  } catch (cause) {
    throw faults.barrierRootKeyWrong({ cause })
  }
}
