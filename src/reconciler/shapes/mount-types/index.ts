/**
 * The types of mounts whose insides can be managed, one file each: what their files may say, where that lives in the API, and
 * what the server makes of it. A mount of any other type is managed too, but only as a mount. Tables only; no HTTP, no files.
 */
import { tableBy } from '../../../kernel/index.ts'
import type { MountType } from '../mount-type.ts'
import { approle } from './approle.ts'
import { kv } from './kv.ts'
import { token } from './token.ts'

/** By table and type: `auth/approle`. */
export const mountTypes: Readonly<Record<string, MountType>> = tableBy(it => `${it.table}/${it.type}`, [approle, token, kv])
