/**
 * A store that lives and ends with the process, for `-dev` and for tests. Durable in no sense, but with the same order,
 * atomicity and conditions as the others. Keeps a tree of folders, so that a listing costs by what it shows.
 */
import { compareUtf8 } from '../../../kernel/index.ts'
import { checkBatch, checkKey, checkPrefix, StorageError, type Batch, type Page, type Storage, type StorageKind } from '../index.ts'
import { childrenOf, deleteRecord, type Folder, getRecord, newFolder, putRecord, recordsOf } from './folder.ts'

export const memory: StorageKind = {
  type: 'inmem',
  doc: 'Keeps everything in memory and loses it when the server ends. For development and tests only.',
  options: [],
  async open(options) {
    for (const name of Object.keys(options)) throw new StorageError('option', `storage "inmem": unknown option "${name}", it takes none`)
    return openMemory()
  },
}

export function openMemory(): Storage {
  let root: Folder | undefined = newFolder()

  const opened = (): Folder => {
    if (root === undefined) throw new StorageError('closed', 'the store is closed')
    return root
  }

  return {
    type: memory.type,
    async get(key) {
      checkKey(key)
      return getRecord(opened(), key)
    },
    async list(prefix, page) {
      checkPrefix(prefix)
      return paged(childrenOf(opened(), prefix), page)
    },
    async commit(batch) {
      checkBatch(batch)
      const tree = opened()
      if (!holds(tree, batch)) return false
      if (batch.clear === true) {
        tree.records.clear()
        tree.folders.clear()
        tree.names = undefined
      }
      for (const key of batch.delete ?? []) deleteRecord(tree, key)
      for (const [key, value] of batch.put ?? []) putRecord(tree, key, Buffer.from(value))
      return true
    },
    async *records() {
      // All of them at once, as they are now; values are never changed, they are replaced.
      const now = Array.from(recordsOf(opened()))
      yield* now
    },
    async close() {
      root = undefined
    },
  }
}

function holds(tree: Folder, { expect = [] }: Batch): boolean {
  return expect.every(([key, value]) => {
    const present = getRecord(tree, key)
    return value === undefined || present === undefined ? value === present : Buffer.compare(value, present) === 0
  })
}

function paged(names: readonly string[], { after, limit = 0 }: Page = {}): readonly string[] {
  const first = after === undefined ? 0 : behind(names, after)
  return names.slice(first, limit > 0 ? first + limit : undefined)
}

/** The index of the first name behind `after`. */
function behind(names: readonly string[], after: string): number {
  let [low, high] = [0, names.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (compareUtf8(names[middle] as string, after) <= 0) low = middle + 1
    else high = middle
  }
  return low
}
