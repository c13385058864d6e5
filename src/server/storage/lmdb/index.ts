/**
 * The durable store: an LMDB environment in a folder of its own, one writer process at a time, an acknowledged commit
 * always on the disk. Knows files and processes; like every store, it sees ciphertext only.
 */
import { StorageError, type StorageKind } from '../index.ts'
import { openLmdb } from './open-lmdb.ts'

export { openLmdb, type LmdbOptions } from './open-lmdb.ts'

export const lmdb: StorageKind = {
  type: 'lmdb',
  doc: 'Keeps everything in one folder on a local disk. Every write is on the disk before it is answered.',
  options: [
    { name: 'path', doc: 'The folder. Made with mode 0700 when it is not there.', required: true },
    { name: 'map_size', doc: 'Bytes of address space to begin with, for example "1073741824". Grows by itself.', required: false },
  ],
  async open(options) {
    for (const name of Object.keys(options)) {
      if (!lmdb.options.some(it => it.name === name)) {
        throw new StorageError(
          'option',
          `storage "lmdb": unknown option "${name}", expected one of ${lmdb.options.map(it => it.name).join(', ')}`,
        )
      }
    }
    const { path, map_size: mapSize } = options
    if (path === undefined || path === '') throw new StorageError('option', 'storage "lmdb": "path" is missing, expected a folder')
    if (mapSize === undefined) return openLmdb({ path })
    if (!/^[1-9]\d{0,14}$/.test(mapSize)) throw new StorageError('option', 'storage "lmdb": "map_size" is not a number of bytes')
    return openLmdb({ path, mapSize: Number(mapSize) })
  },
}
