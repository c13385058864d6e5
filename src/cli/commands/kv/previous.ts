import type { Client } from '../../../client/index.ts'
import { attempt, read } from '../../api/index.ts'
import { CommandFailed } from '../../command.ts'

type Data = Readonly<Record<string, unknown>>

export interface Version {
  readonly data: Data | null
  readonly metadata: Data
}

const objectAt = (data: Data, key: string): Data | undefined => {
  const value = data[key]
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Data) : undefined
}

/** A version of a secret, read before something is written on top of it. `verb` names the command in complaints. */
export async function previousVersion(client: Client, path: string, verb: 'patch' | 'rollback', version?: number): Promise<Version> {
  const query = version === undefined ? {} : { version: String(version) }
  const secret = await attempt(`Error doing pre-read at ${path}`, () => read(client, path, query))
  if (secret === undefined || !secret.data) throw new CommandFailed(`No value found at ${path}`, 2)
  const metadata = objectAt(secret.data, 'metadata')
  if (metadata === undefined) throw new CommandFailed(`No metadata found at ${path}; ${verb} only works on existing data`, 2)
  return { metadata, data: objectAt(secret.data, 'data') ?? null }
}

/** @throws CommandFailed when the version holds nothing, having been deleted */
export function dataOf(version: Version, path: string, verb: 'patch' | 'rollback'): Data {
  if (version.data === null) throw new CommandFailed(`No data found at ${path}; ${verb} only works on existing data`, 2)
  return version.data
}
