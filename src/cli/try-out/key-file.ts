/** The unseal keys and the root token of the try-it-out server, in files that only their owner may read. */
import { chmod, mkdir, open, readFile, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { CommandFailed } from '../command.ts'

export interface KeyFile {
  /** Lower-case hex. */
  readonly unsealKeys: readonly string[]
  readonly threshold: number
}

export const keyFileIn = (folder: string): string => join(folder, 'unseal-keys.json')
export const rootTokenFileIn = (folder: string): string => join(folder, 'root-token')

/** Undefined when there is none. Refuses a file that others can read: what lies in it may not be secret any more. */
export async function readKeys(folder: string): Promise<KeyFile | undefined> {
  const path = keyFileIn(folder)
  const text = await readPrivate(path)
  if (text === undefined) return undefined
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch (cause) {
    throw new CommandFailed(
      `${path} is no JSON: expected {"unseal_keys": […], "threshold": N}; put back the file that belongs to this store`,
      1,
      { cause },
    )
  }
  const keys = isRecord(parsed) ? parsed['unseal_keys'] : undefined
  const threshold = isRecord(parsed) ? parsed['threshold'] : undefined
  if (
    !Array.isArray(keys) ||
    !keys.every(it => typeof it === 'string' && /^[0-9a-f]{64,66}$/.test(it)) ||
    typeof threshold !== 'number' ||
    threshold < 1 ||
    threshold > keys.length
  ) {
    throw new CommandFailed(
      `${path} holds no unseal keys: expected "unseal_keys", a list of keys in hexadecimal, and "threshold", how many of them open the store`,
    )
  }
  return { unsealKeys: keys as readonly string[], threshold }
}

export async function readRootToken(folder: string): Promise<string> {
  const path = rootTokenFileIn(folder)
  const text = await readPrivate(path)
  if (text === undefined || text.trim() === '') throw new CommandFailed(`${path} is missing: it holds the root token of this store`)
  return text.trim()
}

export async function writeKeys(folder: string, keys: KeyFile, rootToken: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await chmod(folder, 0o700)
  await writePrivate(rootTokenFileIn(folder), `${rootToken}\n`)
  await writePrivate(keyFileIn(folder), `${JSON.stringify({ unseal_keys: keys.unsealKeys, threshold: keys.threshold }, null, 2)}\n`)
}

async function readPrivate(path: string): Promise<string | undefined> {
  try {
    const { mode } = await stat(path)
    if ((mode & 0o077) !== 0) {
      throw new CommandFailed(
        `${path} can be read by others (mode ${(mode & 0o777).toString(8)}): expected 600; if nobody has read it, run "chmod 600 ${path}"`,
      )
    }
    return await readFile(path, 'utf8')
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw cause
  }
}

/** Whole or not at all, flushed, and never for a moment readable by others. */
async function writePrivate(path: string, text: string): Promise<void> {
  const fresh = `${path}.new`
  const file = await open(fresh, 'w', 0o600)
  try {
    await file.chmod(0o600)
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(fresh, path)
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
