import type { Address, LiveObject, Resource, TargetReader } from '../../model/index.ts'
import { readApi } from './read.ts'

/** Those that are there, read one by one: nothing is known of what lists them. */
export async function observeApi(
  reader: TargetReader,
  wanted: readonly Pick<Resource, 'address' | 'kind' | 'values' | 'references'>[],
): Promise<ReadonlyMap<Address, LiveObject>> {
  const found = await Promise.all(
    wanted.map(async it => [it.address, await readApi(reader, it, [...Object.keys(it.values), ...Object.keys(it.references)])] as const),
  )
  return new Map(found.flatMap(([address, live]) => (live === undefined ? [] : [[address, live] as const])))
}
