import type { Json } from '../../../kernel/index.ts'
import type { LiveObject, MountTable } from '../../model/index.ts'
import { canonicalMount, liveValues, mountShapes, TUNE } from '../../shapes/index.ts'

type Data = Readonly<Record<string, Json>>

/** A mount as `sys/mounts` and `sys/auth` answer it: what can be tuned stands under `config`. */
export function liveMount(table: MountTable, data: Data, what: string): LiveObject {
  const config = (data['config'] ?? {}) as Data
  const flat = { ...data, ...Object.fromEntries(Object.entries(config).map(([name, value]) => [`${TUNE}${name}`, value])) }
  return { values: canonicalMount(table, liveValues(flat, mountShapes[table], what)) }
}
