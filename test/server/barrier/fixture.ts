import { randomBytes, randomUUID } from 'node:crypto'
import { ManualClock, SecretBytes, type Random } from '../../../src/kernel/index.ts'
import { createBarrier, type Barrier } from '../../../src/server/barrier/index.ts'
import { StorageError, type Batch, type Storage } from '../../../src/server/storage/index.ts'
import { openMemory } from '../../../src/server/storage/memory/index.ts'

export const systemRandom: Random = { bytes: count => randomBytes(count), uuid: () => randomUUID() }

export const text = (value: Uint8Array | undefined): string | undefined => value && Buffer.from(value).toString()
export const bytes = (value: string): Buffer => Buffer.from(value)

export interface Unsealed {
  readonly barrier: Barrier
  readonly storage: Storage
  readonly root: SecretBytes
  readonly clock: ManualClock
}

/** A barrier over a memory store, initialised and unsealed. */
export async function unsealedBarrier({
  storage = openMemory(),
  cacheBytes,
}: { readonly storage?: Storage; readonly cacheBytes?: number } = {}): Promise<Unsealed> {
  const root = SecretBytes.from(randomBytes(32))
  const clock = new ManualClock(new Date('2026-11-24T00:00:00Z'))
  const barrier = createBarrier({ storage, random: systemRandom, clock, ...(cacheBytes !== undefined && { cacheBytes }) })
  await barrier.open()
  await barrier.initialise(root)
  await barrier.unseal(root)
  return { barrier, storage, root, clock }
}

/** Another process over the same store. */
export async function reopened({ storage, root }: Pick<Unsealed, 'storage' | 'root'>): Promise<Barrier> {
  const barrier = createBarrier({ storage, random: systemRandom, clock: new ManualClock(new Date('2026-11-25T00:00:00Z')) })
  await barrier.open()
  await barrier.unseal(root)
  return barrier
}

/** Changes a record behind the barrier's back. */
export async function tamper(storage: Storage, key: string, change: (record: Buffer) => Uint8Array): Promise<void> {
  const record = await storage.get(key)
  if (record === undefined) throw new Error(`no record at ${key}`)
  await storage.commit({ put: [[key, change(Buffer.from(record))]] })
}

/** A memory store that counts, and whose next commits can be held back or made to fail. */
export class TroubledStorage implements Storage {
  readonly type = 'troubled'
  readonly #inner = openMemory()
  #gate: Promise<void> = Promise.resolve()
  #getsGate: Promise<void> = Promise.resolve()
  #trouble: ('fail' | 'applyAndFail')[] = []
  gets = 0
  commits = 0

  /** What becomes of the next commits, one after the other. */
  trouble(...kinds: ('fail' | 'applyAndFail')[]): void {
    this.#trouble.push(...kinds)
  }

  /** Keeps every commit on its way until the returned function is called. */
  hold(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#gate = promise
    return resolve
  }

  /** The same for what is read: it was read at once, but arrives late. */
  holdGets(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#getsGate = promise
    return resolve
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    this.gets++
    const found = await this.#inner.get(key)
    await this.#getsGate
    return found
  }

  list(prefix: string, page?: { readonly after?: string; readonly limit?: number }): Promise<readonly string[]> {
    return this.#inner.list(prefix, page)
  }

  records(): AsyncIterable<readonly [key: string, value: Uint8Array]> {
    return this.#inner.records()
  }

  async commit(batch: Batch): Promise<boolean> {
    this.commits++
    await this.#gate
    const trouble = this.#trouble.shift()
    if (trouble !== 'fail') {
      const applied = await this.#inner.commit(batch)
      if (trouble === undefined) return applied
    }
    throw new StorageError('failed', 'as the test wants it')
  }

  close(): Promise<void> {
    return this.#inner.close()
  }
}
