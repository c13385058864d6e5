/**
 * Initialisation, unsealing and sealing under Shamir's sharing.
 *
 * States: uninitialised → sealed (no share) → sealed (1 … threshold − 1 shares, under one nonce) → unsealed → sealed.
 *
 * Invariants: (1) the root key is wrapped by the unseal key, which exists only as shares, so that shares can be changed without
 * touching the key ring; (2) a wrong set of shares is noticed only when the set is complete, and clears it; (3) shares are
 * held in memory only, and wiped as soon as they are combined or forgotten.
 */
import { createCipheriv, createDecipheriv, createSecretKey, timingSafeEqual, type KeyObject } from 'node:crypto'
import { SecretBytes, type Random } from '../../kernel/index.ts'
import type { Barrier, SealStore } from '../barrier/index.ts'
import type { KeySharing } from '../seal/index.ts'
import { faults, isFault, type InitParameters, type SealStatus } from '../logical/index.ts'
import { KEY_LENGTH, parseShare, Quorum, refuseSize, shareLength, wrongShares } from './shares.ts'

interface SealConfig {
  readonly type: 'shamir'
  readonly shares: number
  readonly threshold: number
  /** The root key under the unseal key: nonce, ciphertext and tag of AES-256-GCM, base64. */
  readonly wrapped: string
  /** The root key that is about to replace it, while that is under way. */
  readonly next?: string
}

export interface UnsealOptions {
  readonly barrier: Barrier
  readonly store: SealStore
  readonly shares: KeySharing
  readonly random: Random
  readonly storageType: string
}

const BIND = Buffer.from('lockstep root key')

export class Unseal {
  readonly #o: UnsealOptions
  #config: SealConfig | undefined
  #given: Quorum | undefined
  /** The unseal key, while unsealed: so that the root key can be changed without asking people for their shares. */
  #guard: KeyObject | undefined
  #turn: Promise<void> = Promise.resolve()

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
    const { barrier, store, random } = this.#o
    if (this.initialised) throw faults.refused({ why: 'Vault is already initialized' })
    const why = wrongShares(secretShares, secretThreshold)
    if (why !== undefined) throw faults.refused({ why: `invalid seal configuration: ${why}` })
    const root = SecretBytes.from(random.bytes(KEY_LENGTH))
    const { key: unsealKey, shares } = this.divide(secretShares, secretThreshold)
    try {
      const config: SealConfig = {
        type: 'shamir',
        shares: secretShares,
        threshold: secretThreshold,
        wrapped: wrap(unsealKey.reveal(), root, random),
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
      progress: this.#given?.progress ?? 0,
      nonce: this.#given?.nonce ?? '',
      migration: false,
      recoverySeal: false,
      storageType: this.#o.storageType,
    }
  }

  reset(): void {
    this.#given?.forget()
    this.#given = undefined
  }

  /** The store is sealed: the key that guards the root key goes too. */
  sealed(): void {
    this.reset()
    this.#guard = undefined
  }

  /** Takes one share. True when it completed a right set, and the barrier is open now. */
  async give(text: string): Promise<boolean> {
    const share = parseShare(text)
    const config = this.#config
    if (config === undefined) throw faults.refused({ why: 'Vault is not initialized' })
    if (this.#o.barrier.state === 'unsealed') return false
    refuseSize(share)
    if (share.length !== shareLength(config.shares)) throw faults.refused({ why: "'key' must be a valid hex or base64 string" })
    const given = (this.#given ??= new Quorum(this.#o.random))
    if (!given.add(share) || given.progress < config.threshold) return false
    try {
      const unsealKey = this.#combined(config, given.shares)
      try {
        await this.#openBarrier(unsealKey, config)
        this.#guard = createSecretKey(unsealKey.reveal())
        return true
      } finally {
        unsealKey.wipe()
      }
    } finally {
      this.reset()
    }
  }

  /** With the root key, or, if a change of it was cut short, with the one that it was changed to. */
  async #openBarrier(unsealKey: SecretBytes, config: SealConfig): Promise<void> {
    const { barrier, store } = this.#o
    const root = unwrap(unsealKey.reveal(), config.wrapped)
    try {
      await barrier.unseal(root)
    } catch (cause) {
      if (config.next === undefined || !isFault(cause) || cause.code !== 'barrierRootKeyWrong') throw cause
      const next = unwrap(unsealKey.reveal(), config.next)
      try {
        await barrier.unseal(next)
      } finally {
        next.wipe()
      }
      const { next: wrapped, ...rest } = config
      await this.#store({ ...rest, wrapped }, store)
    } finally {
      root.wipe()
    }
  }

  /** The root key, by a quorum of the shares in force; to be wiped. Rejects with `barrierRootKeyWrong` when they are not. */
  openRoot(shares: readonly Uint8Array[]): SecretBytes {
    const config = this.#live()
    const unsealKey = this.#combined(config, shares)
    try {
      return unwrap(unsealKey.reveal(), config.wrapped)
    } finally {
      unsealKey.wipe()
    }
  }

  /** A new unseal key, divided. One share is the key itself, as the field's tools have it: there is nothing to divide. */
  divide(shares: number, threshold: number): { readonly key: SecretBytes; readonly shares: readonly Uint8Array[] } {
    const { shares: scheme, random } = this.#o
    const key = SecretBytes.from(random.bytes(KEY_LENGTH))
    return { key, shares: shares === 1 ? [Uint8Array.from(key.reveal())] : scheme.split(key, shares, threshold, random) }
  }

  /**
   * Puts the root key under another unseal key: from now on its shares are the ones in force. `root` must be the one of now: a key
   * that has been replaced since it was opened would lock everybody out.
   */
  replaceKey(key: SecretBytes, root: SecretBytes, shares: number, threshold: number): Promise<void> {
    const { random, store } = this.#o
    // Copied before any wait: whoever gave them may wipe them meanwhile.
    const [guard, wanted] = [createSecretKey(key.reveal()), SecretBytes.from(root.reveal())]
    return this.#inTurn(async () => {
      const { wrapped, next } = this.#live()
      const now = unwrap(this.#guarding(), wrapped)
      const pending = next === undefined ? undefined : unwrap(this.#guarding(), next)
      try {
        if (!timingSafeEqual(now.reveal(), wanted.reveal())) throw faults.refused({ why: 'the root key was replaced meanwhile' })
        const config = { type: 'shamir', shares, threshold, wrapped: wrap(guard, now, random) } as const
        await this.#store(pending ? { ...config, next: wrap(guard, pending, random) } : config, store)
        this.#guard = guard
      } finally {
        now.wipe()
        pending?.wipe()
      }
    }).finally(() => wanted.wipe())
  }

  /**
   * Another root key under the same shares. Two records have to change, the guarded root key and the key ring: what was meant is
   * written down first, so that a crash between the two is made good at the next unsealing. When the last change failed, nobody
   * knows under which of the two the key ring lies: it is that change that is finished then, and no third key is made.
   */
  rotateRoot(): Promise<void> {
    const { random, barrier, store } = this.#o
    return this.#inTurn(async () => {
      const { next, ...config } = this.#live()
      const guard = this.#guarding()
      const root = next === undefined ? SecretBytes.from(random.bytes(KEY_LENGTH)) : unwrap(guard, next)
      try {
        const wrapped = next ?? wrap(guard, root, random)
        if (next === undefined) await this.#store({ ...config, next: wrapped }, store)
        await barrier.rekey(root)
        await this.#store({ ...config, wrapped }, store)
      } finally {
        root.wipe()
      }
    })
  }

  /** What changes the guarded root key runs one after the other: each reads the configuration that it replaces. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(work)
    this.#turn = done.catch(() => undefined)
    return done
  }

  #guarding(): KeyObject {
    if (this.#guard === undefined) throw faults.sealed()
    return this.#guard
  }

  get current(): { readonly shares: number; readonly threshold: number } {
    const { shares, threshold } = this.#live()
    return { shares, threshold }
  }

  async #store(config: SealConfig, store: SealStore): Promise<void> {
    if (!(await store.replace(config)))
      throw faults.storageFailed({ cause: new Error('the stored seal configuration is not the one that was read') })
    this.#config = config
  }

  #live(): SealConfig {
    if (this.#config === undefined) throw faults.uninitialised()
    return this.#config
  }

  #combined(config: SealConfig, shares: readonly Uint8Array[]): SecretBytes {
    try {
      return config.shares === 1 ? SecretBytes.from(shares[0] as Uint8Array) : this.#o.shares.combine(shares)
    } catch (cause) {
      throw faults.refused({ why: `invalid key: failed to compute combined key: ${(cause as Error).message}` }, { cause })
    }
  }
}

function wrap(key: Uint8Array | KeyObject, root: SecretBytes, random: Random): string {
  const nonce = random.bytes(12)
  const cipher = createCipheriv('aes-256-gcm', key, nonce)
  cipher.setAAD(BIND)
  return Buffer.concat([nonce, cipher.update(root.reveal()), cipher.final(), cipher.getAuthTag()]).toString('base64')
}

function unwrap(key: Uint8Array | KeyObject, wrapped: string): SecretBytes {
  const bytes = Buffer.from(wrapped, 'base64')
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12), { authTagLength: 16 })
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
