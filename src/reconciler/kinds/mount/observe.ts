import type { Json } from '../../../kernel/index.ts'
import { mountAddress, textOf, type Address, type LiveObject, type MountTable, type TargetReader } from '../../model/index.ts'
import { liveMount } from './answer.ts'

/**
 * By address, all of one table, those that are built in too. Only what is asked for is brought into canonical form, so that a
 * mount which is none of ours and answers oddly cannot stop a plan.
 */
export type ObservedMounts = ReadonlyMap<Address, ObservedMount>

export interface ObservedMount {
  readonly type: string
  readonly live: () => LiveObject
}

/** All mounts of a table, with all that can be known of them, in one request. */
export async function observeMounts(reader: TargetReader, table: MountTable): Promise<ObservedMounts> {
  const answer = await reader.read(tablePath(table))
  const data = answer?.data
  // There is no server without mounts, so an answer without them is not understood and must not pass for an empty table.
  if (data === undefined || data === null || Object.keys(data).length === 0)
    throw new Error(`the answer of ${tablePath(table)} names no mounts`)
  return new Map(
    Object.entries(data).map(([path, it]) => {
      const address = mountAddress(table, path.replace(/\/$/, ''))
      const entry = it as Readonly<Record<string, Json>>
      // In a namespace below the root, OpenBao gives the built-in mounts types of their own: `ns_token`.
      return [address, { type: textOf(entry['type']).replace(/^ns_/, ''), live: () => liveMount(table, entry, address) }]
    }),
  )
}

export const tablePath = (table: MountTable): string => (table === 'auth' ? 'sys/auth' : 'sys/mounts')
