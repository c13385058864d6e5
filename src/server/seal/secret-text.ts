import { readFile } from 'node:fs/promises'
import { SealError, type KeyKeeperPorts } from './seal.ts'

/** A secret as it stands, or in a file (`file:///run/secrets/key`), or in a variable of the environment (`env://NAME`). */
export async function secretText(text: string, environment: KeyKeeperPorts['environment']): Promise<string> {
  if (text.startsWith('env://')) {
    const name = text.slice('env://'.length)
    const value = environment(name)
    if (value === undefined || value === '') throw new SealError(`environment variable ${name} unset`)
    return value
  }
  if (!text.startsWith('file://')) return text
  const path = text.slice('file://'.length)
  try {
    return await readFile(path, 'latin1')
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    const why = code === 'ENOENT' ? 'no such file or directory' : code === 'EACCES' ? 'permission denied' : (code ?? 'it cannot be read')
    throw new SealError(`error reading file at ${text}: open ${path}: ${why}`, { cause })
  }
}
