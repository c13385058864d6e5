/**
 * Initialisation, unsealing and sealing: by shares of people, or by a keeper outside.
 *
 * States: uninitialised → sealed (no share) → sealed (1 … threshold − 1 shares, under one nonce) → unsealed → sealed. With a keeper,
 * sealed → unsealed without shares too. A store that is guarded in another way than the configuration asks for is sealed and
 * *migrating*: it opens only for a quorum that says so, and is guarded in the new way from then on.
 *
 * Invariants: (1) the root key lies under the guard key, so that people and keepers can be changed without touching the key ring;
 * (2) a wrong set of shares is noticed only when the set is complete, and clears it; (3) shares are held in memory only, and wiped as
 * soon as they are combined or forgotten; (4) one write of the record changes who guards: after a crash it is the old way or the new.
 */
import { timingSafeEqual, type KeyObject } from 'node:crypto'
import { SecretBytes, type Log, type Random } from '../../kernel/index.ts'
import type { Barrier, SealStore } from '../barrier/index.ts'
import type { KeyKeeper, KeySharing } from '../seal/index.ts'
import { faults, isFault, type InitParameters, type SealStatus } from '../logical/index.ts'
import {
  combineShares,
  divideKey,
  divisionOf,
  isKept,
  keyObjectOf,
  underAnother,
  unwrapKey,
  wrapKey,
  type Division,
  type KeptRecord,
  type SealRecord,
  type SharedRecord,
} from './seal-record.ts'
import { KEY_LENGTH, parseShare, Quorum, refuseSize, shareLength, wrongRecoveryShares, wrongShares } from './shares.ts'

export interface UnsealOptions {
  readonly barrier: Barrier
  readonly store: SealStore
  readonly shares: KeySharing
  /** Who is to guard it; undefined: people. */
  readonly keeper?: KeyKeeper | undefined
  /** Who guarded it before, and is to do so no more. */
  readonly formerKeeper?: KeyKeeper | undefined
  readonly random: Random
  readonly log: Log
  readonly storageType: string
}

const MISMATCH = 'recovery key does not match submitted values'

export class Unseal {
  readonly #o: UnsealOptions
  #record: SealRecord | undefined
  #given: Quorum | undefined
  /** The guard key, while unsealed: so that the root key can be changed without asking people for their shares. */
  #guard: KeyObject | undefined
  #turn: Promise<void> = Promise.resolve()

  constructor(options: UnsealOptions) {
    this.#o = options
  }

  /** Rejects with the fault `refused` when it is guarded by somebody whom the configuration does not name. */
  async open(): Promise<void> {
    await this.#o.barrier.open()
    const record = (await this.#o.store.read()) as SealRecord | undefined
    // The record is written before the key ring: alone, it is what a crash in the middle of an initialisation left.
    this.#record = this.#o.barrier.state === 'uninitialised' ? undefined : record
    if (!this.#migrating || this.#record?.type === 'shamir' || this.#record?.type === this.#o.formerKeeper?.type) return
    const to = this.#o.keeper === undefined ? 'Shamir' : `"${this.#o.keeper.type}"`
    throw faults.refused({ why: `cannot seal migrate from "${this.#record?.type ?? ''}" to ${to}, no disabled seal in configuration` })
  }

  get initialised(): boolean {
    return this.#record !== undefined
  }

  /** It unseals without people. */
  get automatic(): boolean {
    return this.#record !== undefined && isKept(this.#record) && !this.#migrating
  }

  get #type(): string {
    return this.#o.keeper?.type ?? 'shamir'
  }
  get #migrating(): boolean {
    return this.#record !== undefined && this.#record.type !== this.#type
  }

  /** The shares, of the guard key or of the recovery key. The barrier is sealed afterwards. */
  async initialise(parameters: InitParameters): Promise<{ readonly shares: readonly Uint8Array[]; readonly root: SecretBytes }> {
    const { barrier, store, random, keeper, shares: sharing } = this.#o
    const { secretShares, secretThreshold, recoveryShares = 0, recoveryThreshold = 0 } = parameters
    if (this.initialised) throw faults.refused({ why: 'Vault is already initialized' })
    const division = keeper
      ? { shares: recoveryShares, threshold: recoveryThreshold }
      : { shares: secretShares, threshold: secretThreshold }
    const why = keeper ? wrongRecoveryShares(division) : wrongShares(division.shares, division.threshold)
    if (why !== undefined) throw faults.refused({ why: `invalid ${keeper ? 'recovery' : 'seal'} configuration: ${why}` })
    const root = SecretBytes.from(random.bytes(KEY_LENGTH))
    // Without recovery shares nobody is asked for any.
    const divided = division.shares === 0 ? undefined : divideKey(division, sharing, random)
    const guard = keeper ? SecretBytes.from(random.bytes(KEY_LENGTH)) : (divided as { key: SecretBytes }).key
    try {
      const wrapped = wrapKey('root', guard.reveal(), root, random)
      const record: SealRecord = keeper
        ? {
            type: keeper.type,
            guard: await keeper.wrap(guard).catch(keeperFailed),
            wrapped,
            ...(divided && { recovery: { ...division, key: wrapKey('recovery', guard.reveal(), divided.key, random) } }),
          }
        : { type: 'shamir', ...division, wrapped }
      if (!(await store.replace(record))) throw faults.refused({ why: 'Vault is already initialized' })
      await barrier.initialise(root)
      this.#record = record
      return { shares: divided?.shares ?? [], root }
    } finally {
      divided?.key.wipe()
      guard.wipe()
    }
  }

  status(): SealStatus {
    const record = this.#record
    const division = record && divisionOf(record)
    return {
      type: this.#type,
      initialized: record !== undefined,
      sealed: this.#o.barrier.state !== 'unsealed',
      t: division?.threshold ?? 0,
      n: division?.shares ?? 0,
      progress: this.#given?.progress ?? 0,
      nonce: this.#given?.nonce ?? '',
      migration: this.#migrating,
      recoverySeal: this.#o.keeper !== undefined,
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

  close(): void {
    this.#o.keeper?.close()
    this.#o.formerKeeper?.close()
  }

  /** Takes one share. True when it completed a right set, and the barrier is open now. */
  async give(text: string, migrate = false): Promise<boolean> {
    const share = parseShare(text)
    const record = this.#record
    if (record === undefined) throw faults.refused({ why: 'Vault is not initialized' })
    if (this.#o.barrier.state === 'unsealed') return false
    if (migrate && !this.#migrating) throw faults.failed({ why: "can't perform a seal migration, no migration seal found" })
    if (!migrate && this.#migrating) throw faults.failed({ why: 'migrate option not provided and seal migration is pending' })
    refuseSize(share)
    const division = divisionOf(record)
    if (share.length !== shareLength(division.shares)) throw faults.refused({ why: "'key' must be a valid hex or base64 string" })
    const given = (this.#given ??= new Quorum(this.#o.random))
    if (!given.add(share) || given.progress < division.threshold) return false
    try {
      const key = this.#combined(division, given.shares)
      try {
        await this.#openWith(key, record)
      } finally {
        key.wipe()
      }
      return true
    } finally {
      this.reset()
    }
  }

  /** Opens the barrier with a key that people have made together, and changes who guards it if that is pending. */
  async #openWith(key: SecretBytes, record: SealRecord): Promise<void> {
    if (!isKept(record)) {
      await this.#openShared(key, record)
      return
    }
    const guard = await this.#guardOf(record, this.#migrating ? this.#o.formerKeeper : this.#o.keeper).catch((cause: unknown) => {
      throw faults.refused(
        { why: `invalid key: failed to verify recovery key: failed to decrypt encrypted stored keys: ${(cause as Error).message}` },
        { cause },
      )
    })
    try {
      if (!isRecoveryKey(record, guard.reveal(), key))
        throw faults.refused({ why: `invalid key: failed to verify recovery key: ${MISMATCH}` })
      await this.#openBarrier(keyObjectOf(guard), record)
      if (this.#migrating) await (this.#o.keeper === undefined ? this.#giveToPeople(guard, key) : this.#handOver(guard, key))
    } finally {
      guard.wipe()
    }
  }

  async #openShared(key: SecretBytes, record: SharedRecord): Promise<void> {
    const migrating = this.#migrating
    try {
      await this.#openBarrier(keyObjectOf(key), record)
    } catch (cause) {
      if (!migrating || !isFault(cause) || cause.code !== 'barrierRootKeyWrong') throw cause
      const why = 'unable to retrieve stored keys: invalid key: failed to decrypt keys from storage: cipher: message authentication failed'
      throw faults.refused({ why }, { cause })
    }
    if (migrating) await this.#handOver(key, key)
  }

  /** From the keeper's own key, without people. Rejects with what the keeper says; true when the barrier is open now. */
  async openByKeeper(): Promise<boolean> {
    const { keeper, barrier, log } = this.#o
    const record = this.#record
    if (record === undefined || !isKept(record) || keeper === undefined || this.#migrating || barrier.state !== 'sealed') return false
    const guard = await this.#guardOf(record, keeper)
    try {
      await this.#openBarrier(keyObjectOf(guard), record)
      await this.#refresh(keeper, guard).catch((cause: unknown) =>
        log.write('warn', 'the stored key could not be put under the newest key of the seal', { error: (cause as Error).message }),
      )
      return true
    } finally {
      guard.wipe()
    }
  }

  /** The keeper may have a newer key than the one that it is wrapped by. */
  async #refresh(keeper: KeyKeeper, guard: SecretBytes): Promise<void> {
    const wrapped = await keeper.wrap(guard)
    const record = this.#live()
    if (!isKept(record) || wrapped.keyId === record.guard.keyId) return
    await this.#store({ ...record, guard: wrapped })
    this.#o.log.write('info', 'the stored key is under the newest key of the seal now', { from: record.guard.keyId, to: wrapped.keyId })
  }

  /** The key that guards the root key, while unsealed. */
  get guard(): KeyObject | undefined {
    return this.#guard
  }

  /** The store is another one now. True: what guarded the one before guards this one too, and the barrier is open. */
  async reopen(guard: KeyObject | undefined): Promise<boolean> {
    await this.open()
    const record = this.#record
    if (guard === undefined || record === undefined || this.#migrating) return false
    try {
      await this.#openBarrier(guard, record)
      return true
    } catch (cause) {
      if (isFault(cause) && cause.code === 'barrierRootKeyWrong') return false
      throw cause
    }
  }

  async #guardOf(record: KeptRecord, keeper: KeyKeeper | undefined): Promise<SecretBytes> {
    if (keeper === undefined) throw new Error(`there is no seal "${record.type}" in the configuration`)
    return await keeper.unwrap(record.guard)
  }

  /** With the root key, or, if a change of it was cut short, with the one that it was changed to. */
  async #openBarrier(guard: KeyObject, record: SealRecord): Promise<void> {
    const { barrier } = this.#o
    const root = unwrapKey('root', guard, record.wrapped)
    try {
      await barrier.unseal(root)
    } catch (cause) {
      if (record.next === undefined || !isFault(cause) || cause.code !== 'barrierRootKeyWrong') throw cause
      const next = unwrapKey('root', guard, record.next)
      try {
        await barrier.unseal(next)
      } finally {
        next.wipe()
      }
      const { next: wrapped, ...rest } = record
      await this.#store({ ...rest, wrapped })
    } finally {
      root.wipe()
    }
    this.#guard = guard
  }

  /** To the keeper: a new guard key, and what people had shares of becomes, or stays, the recovery key. */
  async #handOver(before: SecretBytes, recovery: SecretBytes): Promise<void> {
    const { random, keeper, log } = this.#o
    if (keeper === undefined) return
    const record = this.#live()
    const next = SecretBytes.from(random.bytes(KEY_LENGTH))
    try {
      const guard = keyObjectOf(next)
      await this.#store({
        type: keeper.type,
        guard: await keeper.wrap(next).catch(keeperFailed),
        ...underAnother(record, before.reveal(), guard, random),
        recovery: {
          shares: divisionOf(record).shares,
          threshold: divisionOf(record).threshold,
          key: wrapKey('recovery', guard, recovery, random),
        },
      })
      this.#guard = guard
      log.write('info', 'the seal was migrated', { from: record.type, to: keeper.type })
    } finally {
      next.wipe()
    }
  }

  /** To people: the recovery key, whose shares they have, becomes the guard key. */
  async #giveToPeople(before: SecretBytes, recovery: SecretBytes): Promise<void> {
    const record = this.#live()
    const { shares, threshold } = divisionOf(record)
    const guard = keyObjectOf(recovery)
    await this.#store({ type: 'shamir', shares, threshold, ...underAnother(record, before.reveal(), guard, this.#o.random) })
    this.#guard = guard
    this.#o.log.write('info', 'the seal was migrated', { from: record.type, to: 'shamir' })
  }

  /**
   * The root key, by a quorum of the shares in force; to be wiped. Rejects with `barrierRootKeyWrong` when they are not, and with the
   * fault `refused` when they are shares of a recovery key.
   */
  openRoot(shares: readonly Uint8Array[]): SecretBytes {
    const record = this.#live()
    const division = divisionOf(record)
    const key = this.#combined(division, shares, isKept(record) ? 'recovery key' : undefined)
    try {
      if (!isKept(record)) return unwrapKey('root', key.reveal(), record.wrapped)
      if (!isRecoveryKey(record, this.#guarding(), key)) throw faults.refused({ why: `recovery key verification failed: ${MISMATCH}` })
      return unwrapKey('root', this.#guarding(), record.wrapped)
    } finally {
      key.wipe()
    }
  }

  /** A new key, divided. */
  divide(shares: number, threshold: number): { readonly key: SecretBytes; readonly shares: readonly Uint8Array[] } {
    return divideKey({ shares, threshold }, this.#o.shares, this.#o.random)
  }

  /**
   * Puts the root key under another guard key: from now on its shares are the ones in force. `root` must be the one of now: a key
   * that has been replaced since it was opened would lock everybody out.
   */
  replaceKey(key: SecretBytes, root: SecretBytes, shares: number, threshold: number): Promise<void> {
    // Copied before any wait: whoever gave them may wipe them meanwhile.
    const [guard, wanted] = [keyObjectOf(key), SecretBytes.from(root.reveal())]
    return this.#inTurn(async () => {
      const record = this.#live()
      const now = unwrapKey('root', this.#guarding(), record.wrapped)
      try {
        if (!timingSafeEqual(now.reveal(), wanted.reveal())) throw faults.refused({ why: 'the root key was replaced meanwhile' })
      } finally {
        now.wipe()
      }
      await this.#store({ type: 'shamir', shares, threshold, ...underAnother(record, this.#guarding(), guard, this.#o.random) })
      this.#guard = guard
    }).finally(() => wanted.wipe())
  }

  /** Another recovery key: from now on its shares are the ones that prove a quorum. */
  replaceRecovery(key: SecretBytes, division: Division): Promise<void> {
    const copy = SecretBytes.from(key.reveal())
    return this.#inTurn(async () => {
      const record = this.#live()
      if (!isKept(record)) throw faults.refused({ why: 'recovery keys not supported' })
      await this.#store({ ...record, recovery: { ...division, key: wrapKey('recovery', this.#guarding(), copy, this.#o.random) } })
    }).finally(() => copy.wipe())
  }

  /**
   * Another root key under the same guard. Two records have to change, the guarded root key and the key ring: what was meant is
   * written down first, so that a crash between the two is made good at the next unsealing. When the last change failed, nobody
   * knows under which of the two the key ring lies: it is that change that is finished then, and no third key is made.
   */
  rotateRoot(): Promise<void> {
    const { random, barrier } = this.#o
    return this.#inTurn(async () => {
      const { next, ...record } = this.#live()
      const guard = this.#guarding()
      const root = next === undefined ? SecretBytes.from(random.bytes(KEY_LENGTH)) : unwrapKey('root', guard, next)
      try {
        const wrapped = next ?? wrapKey('root', guard, root, random)
        if (next === undefined) await this.#store({ ...record, next: wrapped })
        await barrier.rekey(root)
        await this.#store({ ...record, wrapped })
      } finally {
        root.wipe()
      }
    })
  }

  /** What changes the guarded root key runs one after the other: each reads the record that it replaces. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(work)
    this.#turn = done.catch(() => undefined)
    return done
  }

  #guarding(): KeyObject {
    if (this.#guard === undefined) throw faults.sealed()
    return this.#guard
  }

  /** How the shares are divided that prove a quorum. */
  get current(): Division {
    return divisionOf(this.#live())
  }

  async #store(record: SealRecord): Promise<void> {
    if (!(await this.#o.store.replace(record)))
      throw faults.storageFailed({ cause: new Error('the stored seal configuration is not the one that was read') })
    this.#record = record
  }

  #live(): SealRecord {
    if (this.#record === undefined) throw faults.uninitialised()
    return this.#record
  }

  #combined(division: Division, shares: readonly Uint8Array[], what?: string): SecretBytes {
    try {
      return combineShares(division, shares, this.#o.shares)
    } catch (cause) {
      const { message } = cause as Error
      throw what === undefined
        ? faults.refused({ why: `invalid key: failed to compute combined key: ${message}` }, { cause })
        : faults.failed({ why: `failed to compute ${what}: ${message}` }, { cause })
    }
  }
}

function isRecoveryKey({ recovery }: KeptRecord, guard: Uint8Array | KeyObject, key: SecretBytes): boolean {
  if (recovery === undefined) return false
  const right = unwrapKey('recovery', guard, recovery.key)
  try {
    return right.length === key.length && timingSafeEqual(right.reveal(), key.reveal())
  } finally {
    right.wipe()
  }
}

function keeperFailed(cause: unknown): never {
  throw faults.failed({ why: `failed to encrypt keys for storage: ${(cause as Error).message}` }, { cause })
}
