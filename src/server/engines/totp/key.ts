import { collection, type Collection, type View } from '../../logical/index.ts'
import type { Key } from '../../totp/index.ts'

/** As kept, `key/<name>`. */
export const keysOf = (view: View): Collection<Key> => collection<Key>(view, 'key/')
