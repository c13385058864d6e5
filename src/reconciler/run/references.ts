import { readFile } from 'node:fs/promises'
import { resolve as resolvePath } from 'node:path'
import type { Json } from '../../kernel/index.ts'
import { referenceText, type Reference, type Resolve, type TargetReader } from '../model/index.ts'

export interface ReferenceSources {
  readonly env: Readonly<Record<string, string | undefined>>
  /** `$file` names are relative to it. */
  readonly dir: string
  readonly reader: TargetReader
}

/** How references are followed. What they stand for is returned, and kept nowhere. */
export const resolverOf =
  (sources: ReferenceSources): Resolve =>
  reference =>
    resolveReference(sources, reference)

async function resolveReference({ env, dir, reader }: ReferenceSources, reference: Reference): Promise<string> {
  const shown = referenceText(reference)
  switch (reference.from) {
    case 'env': {
      const value = env[reference.name]
      if (value === undefined || value === '') throw new Error(`${shown}: the variable is not set`)
      return value
    }
    case 'file': {
      const text = await readFile(resolvePath(dir, reference.name), 'utf8').catch((cause: NodeJS.ErrnoException) => {
        throw new Error(`${shown}: the file cannot be read (${cause.code ?? 'unknown error'})`, { cause })
      })
      // Editors end a file with a line end that nobody means.
      return text.replace(/\r?\n$/, '')
    }
    default:
      return await fromVault(reader, reference.name, shown)
  }
}

async function fromVault(reader: TargetReader, name: string, shown: string): Promise<string> {
  const [path = '', key = ''] = name.split('#')
  const answer = await reader.read(path)
  const data = answer?.data
  if (data === undefined || data === null) throw new Error(`${shown}: there is nothing at this path`)
  // KV version 2 wraps what was written once more, and says so by what stands beside it.
  const inner = data['data']
  const isVersioned = data['metadata'] !== undefined && typeof inner === 'object' && inner !== null && !Array.isArray(inner)
  const value = (isVersioned ? (inner as Readonly<Record<string, Json>>) : data)[key]
  if (typeof value !== 'string' || value === '') throw new Error(`${shown}: there is no text under this key`)
  return value
}
