/**
 * States: uninitialised → (initialise) → sealed ⇄ (unseal, seal) unsealed. `open` tells which of the first two it is.
 *
 * Invariants:
 *   1. Changes of the stored key ring happen one after the other, each on the condition that the ring is still the one
 *      that was read, and reach the ring in memory only when they are durable: no record is encrypted with a key that a
 *      crash could lose.
 *   2. A period begins only when the commits of the one before have been answered.
 */
import { createSecretKey, type KeyObject } from 'node:crypto'
import { invariant, type Clock, type Random, type SecretBytes } from '../../kernel/index.ts'
import { faults } from '../logical/index.ts'
import type { Storage } from '../storage/index.ts'
import type { Barrier } from './barrier.ts'
import { keyLength, KeyRing, keyRingPath } from './key-ring.ts'
import { NoncePool } from './nonce-pool.ts'
import { prefixIn } from './paths.ts'
import { recordView, type Period } from './record-view.ts'
import { Records } from './records.ts'
import { Lane } from './transact.ts'

export interface BarrierOptions {
  readonly storage: Storage
  readonly random: Random
  readonly clock: Clock
  /** How much memory decrypted records may take; 64 MiB unless told. 0 keeps none. */
  readonly cacheBytes?: number
}

/** The counts of encryptions are written down after so many, or after so long, whichever comes first. */
const COUNTS_EVERY = 65_536
const COUNTS_AFTER_MS = 60_000

interface Unsealed extends Period {
  readonly ring: KeyRing
  /** The ring as the store holds it. */
  stored: Uint8Array
  countedAt: number
}

export function createBarrier({ storage, random, clock, cacheBytes = 64 * 1024 * 1024 }: BarrierOptions): Barrier {
  const nonces = new NoncePool(random)
  let state: Barrier['state'] = 'uninitialised'
  let unsealed: Unsealed | undefined
  /** The last change of the key ring, and the last period's commits: see the invariants. */
  let ringWork: Promise<unknown> | undefined
  let lastPeriod: Records | undefined

  const period = (): Unsealed => {
    if (unsealed === undefined) throw faults.sealed()
    return unsealed
  }

  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    // At once if nothing is before it, so that the counts which `seal` writes are on their way before the store is closed.
    const done = ringWork === undefined ? work() : ringWork.then(work)
    const turn = done
      .catch(() => undefined)
      .then(() => {
        if (ringWork === turn) ringWork = undefined
      })
    ringWork = turn
    return done
  }

  const readRing = async (): Promise<Uint8Array | undefined> => {
    try {
      return await storage.get(keyRingPath)
    } catch (cause) {
      throw faults.storageFailed({ cause })
    }
  }

  const replaceRing = async (before: Uint8Array | undefined, after: Uint8Array): Promise<boolean> => {
    try {
      return await storage.commit({ expect: [[keyRingPath, before]], put: [[keyRingPath, after]] })
    } catch (cause) {
      // It may have become durable all the same, and then this is the ring: nobody must be told that it is not.
      const stored = await readRing()
      if (stored !== undefined && Buffer.compare(stored, after) === 0) return true
      throw faults.storageFailed({ cause })
    }
  }

  const changeRing = async (now: Unsealed, change: Parameters<KeyRing['sealed']>[0]): Promise<void> => {
    const next = now.ring.sealed(change)
    if (!(await replaceRing(now.stored, next))) {
      throw faults.storageFailed({ cause: new Error('the stored key ring is not the one that was opened') })
    }
    now.stored = next
  }

  const writeCounts = (now: Unsealed): void => {
    now.ring.uncounted = 0
    now.countedAt = clock.now().getTime()
    // Nobody waits for it, and what is lost when it fails is an estimate: the next time writes it again.
    inTurn(() => changeRing(now, {})).catch(() => undefined)
  }

  const countIfDue = (now: Unsealed): void => {
    if (now.ring.uncounted >= COUNTS_EVERY || clock.now().getTime() - now.countedAt >= COUNTS_AFTER_MS) writeCounts(now)
  }

  return {
    get state() {
      return state
    },

    async open() {
      const stored = await readRing()
      if (unsealed === undefined) state = stored === undefined ? 'uninitialised' : 'sealed'
    },

    initialise: root =>
      inTurn(async () => {
        const ring = KeyRing.create(nonces, random, rootKey(root), clock.now())
        if (!(await replaceRing(undefined, ring.sealed()))) throw faults.refused({ why: 'Vault is already initialized' })
        state = 'sealed'
      }),

    unseal: root =>
      inTurn(async () => {
        if (unsealed !== undefined) return
        await lastPeriod?.settled()
        const stored = await readRing()
        if (stored === undefined) throw faults.uninitialised()
        if (root.length !== keyLength) throw faults.barrierRootKeyWrong()
        const ring = KeyRing.open(nonces, rootKey(root), stored)
        const records = new Records({ storage, ring, cacheBytes, afterEncrypting: () => countIfDue(now) })
        const now: Unsealed = { ring, records, lane: new Lane(), stored, countedAt: clock.now().getTime() }
        unsealed = now
        state = 'unsealed'
      }),

    seal() {
      if (unsealed === undefined) return
      if (unsealed.ring.uncounted > 0) writeCounts(unsealed)
      unsealed.records.close()
      lastPeriod = unsealed.records
      unsealed = undefined
      state = 'sealed'
    },

    rotate: () =>
      inTurn(async () => {
        const now = period()
        const add = now.ring.nextTerm(random, clock.now())
        await changeRing(now, { add })
        now.ring.adopt({ add })
        return now.ring.info()
      }),

    rekey: next =>
      inTurn(async () => {
        invariant(next.length === keyLength, 'a root key has 32 bytes')
        const now = period()
        const root = rootKey(next)
        await changeRing(now, { root })
        now.ring.adopt({ root })
      }),

    term: () => period().ring.info(),

    // Empty segments: no record has such a path.
    vouch: text => period().ring.encrypt('//snapshot', text),

    vouchesFor(text, word) {
      try {
        return Buffer.compare(period().ring.decrypt('//snapshot', word), text) === 0
      } catch {
        return false
      }
    },

    view: prefix => recordView(period, prefixIn('', prefix)),
  }
}

function rootKey(root: SecretBytes): KeyObject {
  invariant(root.length === keyLength, 'a root key has 32 bytes')
  return createSecretKey(root.reveal())
}
