/** The stored side of mounts: one record each, so that no record grows with their number. */
import type { MountEntry, View } from '../logical/index.ts'
import { encodeRecord, readRecord } from './record.ts'

export interface MountRecord extends MountEntry {
  /** Being disabled: refuses requests, and is finished off at the next unseal if that was cut short. */
  readonly tainted?: boolean
}

const key = (entry: Pick<MountEntry, 'uuid'>): string => `mounts/${entry.uuid}`

export async function readMounts(view: View): Promise<readonly MountRecord[]> {
  const names = await view.list('mounts/')
  const records = await Promise.all(names.map(name => readRecord<MountRecord>(view, `mounts/${name}`)))
  return records.filter(it => it !== undefined)
}

export const writeMount = (view: View, entry: MountRecord): Promise<void> => view.put(key(entry), encodeRecord(entry))
export const deleteMount = (view: View, entry: MountEntry): Promise<void> => view.delete(key(entry))
