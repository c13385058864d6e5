/**
 * Group commit. One LMDB transaction is on its way at a time; whatever arrives meanwhile becomes the next one. So the
 * cost of a sync is shared by all who wait for it, in the order in which they came, and each is judged inside the
 * transaction, by the state that those before it have made.
 */
import { StorageError, type Batch } from '../index.ts'
import type { Environment, Table } from './environment.ts'
import { storeKey } from './long-key.ts'

/** A group ends after so many commits or bytes, so that the first in it need not wait for an endless rest. */
const MOST_COMMITS = 1_024
const MOST_BYTES = 8 * 1024 * 1024

/** Whose store it is, in the table `meta`. */
export const WRITER: Buffer = Buffer.from('writer')

interface Waiting {
  readonly batch: Batch
  readonly size: number
  readonly resolve: (applied: boolean) => void
  readonly reject: (error: unknown) => void
}

export interface CommitsOptions {
  readonly environment: () => Environment
  /** What `meta` says as long as this process may write. */
  readonly writer: Buffer
  /** Called after a transaction failed. Makes the environment usable again or throws. */
  readonly recover: (cause: unknown) => Promise<StorageError>
}

export class Commits {
  readonly #options: CommitsOptions
  #waiting: Waiting[] = []
  #running: Promise<void> | undefined
  #broken: StorageError | undefined

  constructor(options: CommitsOptions) {
    this.#options = options
  }

  add(batch: Batch): Promise<boolean> {
    if (this.#broken) return Promise.reject(this.#broken)
    const { promise, resolve, reject } = Promise.withResolvers<boolean>()
    const size = (batch.put ?? []).reduce((sum, [, value]) => sum + value.length, 0)
    this.#waiting.push({ batch, size, resolve, reject })
    this.#running ??= this.#run()
    return promise
  }

  async drained(): Promise<void> {
    await this.#running
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      // Lets everything join that this turn of the event loop brings: its requests came in one poll of the sockets, and a
      // sync for the first of them alone would keep the others waiting for a second one.
      await new Promise(resolve => setImmediate(resolve))
      const group = this.#take()
      try {
        const applied = await this.#commit(group.map(it => it.batch))
        for (const [index, { resolve }] of group.entries()) resolve(applied[index] as boolean)
      } catch (cause) {
        const error = await this.#recover(cause)
        for (const { reject } of group) reject(error)
      }
      if (this.#broken) for (const { reject } of this.#waiting.splice(0)) reject(this.#broken)
    }
    this.#running = undefined
  }

  #take(): readonly Waiting[] {
    let count = 0
    let size = 0
    for (const waiting of this.#waiting) {
      if (count === MOST_COMMITS || (count > 0 && size + waiting.size > MOST_BYTES)) break
      count++
      size += waiting.size
    }
    return this.#waiting.splice(0, count)
  }

  async #commit(batches: readonly Batch[]): Promise<readonly boolean[]> {
    const { root, meta, ...tables } = this.#options.environment()
    const applied = await root.transaction(() => {
      if (!same(meta.getBinary(WRITER), this.#options.writer)) return undefined
      return batches.map(batch => apply(tables, batch))
    })
    if (applied === undefined)
      throw new StorageError('takenOver', 'another process has taken the store over; this one must not write to it')
    // The next read in this turn must see what is acknowledged in it.
    root.resetReadTxn()
    return applied
  }

  async #recover(cause: unknown): Promise<StorageError> {
    if (cause instanceof StorageError) return (this.#broken = cause)
    try {
      return await this.#options.recover(await reasonOf(cause))
    } catch (worse) {
      return (this.#broken = new StorageError('failed', 'the store cannot be used any more after a failed commit', { cause: worse }))
    }
  }
}

/** lmdb-js says why a commit failed by a second rejection beside the first, which must not go unheard. */
async function reasonOf(failure: unknown): Promise<unknown> {
  const { commitError } = failure as { readonly commitError?: Promise<never> }
  return commitError === undefined ? failure : commitError.catch((reason: unknown) => reason)
}

/** Checks everything before it writes anything: a refused batch has changed nothing. */
function apply({ records, names }: { readonly records: Table; readonly names: Table }, batch: Batch): boolean {
  for (const [key, value] of batch.expect ?? []) {
    if (!same(records.getBinary(storeKey(key).lmdb), value)) return false
  }
  if (batch.clear === true) {
    records.clearSync()
    names.clearSync()
  }
  for (const key of batch.delete ?? []) {
    const { lmdb, full } = storeKey(key)
    records.removeSync(lmdb)
    if (full) names.removeSync(lmdb)
  }
  for (const [key, value] of batch.put ?? []) {
    const { lmdb, full } = storeKey(key)
    records.putSync(lmdb, asBuffer(value))
    if (full) names.putSync(lmdb, full)
  }
  return true
}

const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

function same(present: Uint8Array | undefined, value: Uint8Array | undefined): boolean {
  return present === undefined || value === undefined ? present === value : Buffer.compare(present, value) === 0
}
