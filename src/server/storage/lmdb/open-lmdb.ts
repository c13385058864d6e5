import { chmodSync, closeSync, existsSync, fsyncSync, mkdirSync, openSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { systemClock, type Clock } from '../../../kernel/index.ts'
import { StorageError, type Storage, type StorageErrorCode } from '../index.ts'
import { claim, type Claim } from './claim.ts'
import { WRITER } from './commits.ts'
import { openEnvironment, tableNames, type Environment } from './environment.ts'
import { inspect } from './inspect.ts'
import { lmdbStore } from './store.ts'

export interface LmdbOptions {
  /** The folder; made when it is not there, its parent too. */
  readonly path: string
  /** Bytes of address space to begin with. It grows by itself; to set it only saves the growing. */
  readonly mapSize?: number
  readonly clock?: Clock
}

const FORMAT_KEY = Buffer.from('format')
const FORMAT = Buffer.from('lockstep 1')

export async function openLmdb({ path, mapSize, clock = systemClock }: LmdbOptions): Promise<Storage> {
  const folder = resolve(path)
  const file = join(folder, 'data.mdb')
  refusing(folder, () => makeFolder(folder))
  if (!statSync(folder).isDirectory()) throw new StorageError('option', `the store's folder ${folder} is a file, expected a folder`)
  const held = refusing(folder, () => claim(folder, clock))
  let environment: Environment | undefined
  try {
    const fresh = isFresh(file)
    environment = refusing(folder, () => openEnvironment(folder, mapSize))
    begin(environment, file, held, fresh)
    if (fresh) [file, folder, dirname(folder)].forEach(sync)
  } catch (error) {
    await environment?.root.close()
    held.release()
    throw error
  }
  return lmdbStore({ folder, mapSize, claim: held, environment })
}

/** One folder at a time: on a read-only file system a recursive mkdir of Node says that something does not exist. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return
  makeFolder(dirname(folder))
  mkdirSync(folder, { mode: 0o700 })
  // The umask can only take away; what it took of the owner's own rights is given back.
  chmodSync(folder, 0o700)
}

/** Whether the store is yet to be made. Throws when there is something that is not one of ours. */
function isFresh(file: string): boolean {
  const contents = inspect(file)
  if (contents === undefined) return true
  for (const name of contents.tables.keys()) {
    if (!tableNames.includes(name))
      throw new StorageError('foreign', `${file} is an LMDB store of another program (it has a table "${name}")`)
  }
  const [meta = 0, names = 0, records = 0] = tableNames.map(name => contents.tables.get(name))
  // A start that was cut short leaves tables without entries.
  if (meta + names + records === 0) return true
  if (meta === 0) throw new StorageError('foreign', `${file} does not say which format it has`)
  return false
}

function begin({ root, meta }: Environment, file: string, held: Claim, fresh: boolean): void {
  root.transactionSync(() => {
    const format = meta.getBinary(FORMAT_KEY)
    if (fresh) meta.putSync(FORMAT_KEY, FORMAT)
    else if (format === undefined || Buffer.compare(format, FORMAT) !== 0) {
      throw new StorageError('foreign', `${file} has the format "${format?.toString() ?? ''}", expected "${FORMAT.toString()}"`)
    }
    meta.putSync(WRITER, Buffer.from(held.id))
  })
}

/** A new name is durable only when its folder is. */
function sync(path: string): void {
  const fd = openSync(path, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

const REASONS: Readonly<Record<string, readonly [StorageErrorCode, string]>> = {
  EROFS: ['readOnly', 'is on a read-only file system'],
  EACCES: ['readOnly', 'may not be written to by this user'],
  EPERM: ['readOnly', 'may not be written to by this user'],
  ENOSPC: ['full', 'has no space left'],
  EDQUOT: ['full', 'has no space left in its quota'],
  ENOTDIR: ['option', 'is below a file, expected a folder'],
}

/** Says in our words why the folder cannot be used. */
function refusing<T>(folder: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof StorageError) throw error
    const [code, why] = REASONS[(error as NodeJS.ErrnoException).code ?? ''] ?? ['failed', 'cannot be opened']
    throw new StorageError(code, `the store's folder ${folder} ${why}`, { cause: error })
  }
}
