/**
 * One opened LMDB environment; the only importer of lmdb. Says once which of its many switches we rely on:
 *
 *  - `overlappingSync: false`: a commit is LMDB's own: data synced, then the meta page written through, then visible.
 *    lmdb-js otherwise shows a commit before it is on the disk, and after a crash of the machine goes back to an older
 *    snapshot. It is no faster here, because we group commits ourselves.
 *  - `eventTurnBatching: false`: with it, a failed commit also rejects a promise that nobody holds.
 *  - `encoding` and `keyEncoding: 'binary'`: bytes in, bytes out, ordered as bytes.
 *  - no `cache`, no `compression`, no `encryptionKey`: the barrier does better, and ciphertext does not shrink.
 *  - `noSubdir: false`: otherwise a folder with a dot in its name is taken for a file.
 */
import { open, type Database, type RootDatabase, type RootDatabaseOptions } from 'lmdb'

export type Table = Database<Buffer, Buffer>

export interface Environment {
  readonly root: RootDatabase<Buffer, Buffer>
  /** What is stored, by LMDB key. */
  readonly records: Table
  /** The full keys of long ones, by LMDB key. */
  readonly names: Table
  /** Facts about the store itself: its format, who may write. */
  readonly meta: Table
}

/** The named tables of a store of ours: what is there and is none of these is not ours. */
export const tableNames: readonly string[] = ['meta', 'names', 'records']

/** `permissionsMode` is known to lmdb-js, though not to its types: the mode of the files that it makes. */
type Options = RootDatabaseOptions & { readonly permissionsMode: number }

export function openEnvironment(path: string, mapSize: number | undefined): Environment {
  const plain = { encoding: 'binary', keyEncoding: 'binary', cache: false, compression: false } as const
  const options: Options = {
    ...plain,
    ...(mapSize !== undefined && { mapSize }),
    maxDbs: tableNames.length,
    noSubdir: false,
    overlappingSync: false,
    eventTurnBatching: false,
    permissionsMode: 0o600,
  }
  const root = open<Buffer, Buffer>(path, options)
  const table = (name: string): Table => root.openDB<Buffer, Buffer>(name, plain)
  return { root, meta: table('meta'), names: table('names'), records: table('records') }
}
