import { statfsSync } from 'node:fs'
import { checkBatch, checkKey, checkPrefix, StorageError, type Storage } from '../index.ts'
import type { Claim } from './claim.ts'
import { Commits } from './commits.ts'
import { openEnvironment, type Environment } from './environment.ts'
import { list } from './listing.ts'
import { isLong, storeKey } from './long-key.ts'

/** Less free than this after a failed commit: that is why it failed. LMDB itself only says that a write was short. */
const NEARLY_FULL = 1024 * 1024

export interface StoreOptions {
  readonly folder: string
  readonly mapSize: number | undefined
  readonly claim: Claim
  readonly environment: Environment
}

/** The store over an opened environment, which a failed commit replaces by a new one. */
export function lmdbStore({ folder, mapSize, claim, environment: first }: StoreOptions): Storage {
  let environment: Environment | undefined = first
  let recovering: Promise<unknown> | undefined
  let closing: Promise<void> | undefined
  /** Listings take several turns, and LMDB does not forgive closing what is being read. */
  const listings = new Set<Promise<unknown>>()

  const usable = (): Environment => {
    if (environment === undefined)
      throw new StorageError('failed', `the store in ${folder} could not be opened again after a failed commit`)
    return environment
  }

  const open = async (): Promise<Environment> => {
    if (recovering !== undefined) await recovering
    if (closing !== undefined) throw new StorageError('closed', 'the store is closed')
    return usable()
  }

  const shut = async (): Promise<void> => {
    await Promise.allSettled(listings)
    await environment?.root.close()
    environment = undefined
  }

  // After a failure LMDB may refuse everything, or lmdb-js wait for ever: a new environment begins at what is on the disk.
  const reopen = async (): Promise<void> => {
    await shut()
    environment = openEnvironment(folder, mapSize)
  }

  const commits = new Commits({
    environment: usable,
    writer: Buffer.from(claim.id),
    async recover(cause) {
      const full = isNearlyFull(folder)
      recovering = reopen().finally(() => (recovering = undefined))
      await recovering
      return full
        ? new StorageError('full', `no space left for the store in ${folder}`, { cause })
        : new StorageError('failed', `cannot write to the store in ${folder}`, { cause })
    },
  })

  return {
    type: 'lmdb',
    async get(key) {
      checkKey(key)
      const { records } = await open()
      return plainBuffer(records.getBinary(storeKey(key).lmdb))
    },
    async list(prefix, page) {
      checkPrefix(prefix)
      const listing = list(await open(), prefix, page)
      listings.add(listing)
      try {
        return await listing
      } finally {
        listings.delete(listing)
      }
    },
    async *records() {
      const { promise, resolve } = Promise.withResolvers<void>()
      const { records, names } = await open()
      listings.add(promise)
      const transaction = records.useReadTransaction()
      try {
        for (const { key, value } of records.getRange({ transaction })) {
          const full = isLong(key) ? names.get(key, { transaction }) : key
          // Copied: what LMDB lends is gone when the reading goes on.
          yield [Buffer.from(full ?? key).toString(), Buffer.from(value)]
        }
      } finally {
        transaction.done()
        listings.delete(promise)
        resolve()
      }
    },
    async commit(batch) {
      checkBatch(batch)
      if (closing !== undefined) throw new StorageError('closed', 'the store is closed')
      return commits.add(batch)
    },
    close() {
      closing ??= (async () => {
        try {
          await commits.drained()
          await shut()
        } finally {
          claim.release()
        }
      })()
      return closing
    },
  }
}

function isNearlyFull(folder: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(folder)
    return bavail * bsize < NEARLY_FULL
  } catch {
    return false
  }
}

/** lmdb-js gives large values in buffers whose `length` it has redefined. */
function plainBuffer(bytes: Buffer | undefined): Buffer | undefined {
  return bytes && Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
}
