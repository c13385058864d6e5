import type { WireObject } from '../../../../schema/index.ts'
import { isRecord, ParsedRecords } from '../../../framework/index.ts'
import type { Host, View } from '../../../logical/index.ts'
import { keysOf, parseKey, type Key } from './key.ts'
import { Upgrade } from './upgrade.ts'

/** A key as it was read, and beside it what reading its current version answers, once that was asked for. */
export interface ReadKey {
  readonly key: Key
  current?: WireObject
}

/** What one mount keeps in memory. */
export interface Mount {
  readonly host: Host
  readonly upgrade: Upgrade
  readonly keys: ParsedRecords<ReadKey>
}

const CACHE = 16 * 1024 * 1024

export const openMount = (host: Host): Mount => ({
  host,
  upgrade: new Upgrade(host),
  keys: new ParsedRecords(CACHE, bytes => ({ key: parseKey(bytes) })),
})

/** For reads only: what it gives is shared and must not be changed. */
export async function recallKey({ keys }: Mount, view: View, path: string): Promise<ReadKey | undefined> {
  const bytes = isRecord(path) ? await keysOf(view).get(path) : undefined
  return bytes && keys.of(path, bytes)
}
