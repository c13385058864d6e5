import { invariant } from '../../kernel/index.ts'
import { keyRingPath } from './key-ring.ts'

/** How the root key is guarded, readable before anything is unsealed: see seal-store.ts. */
export const sealPath = 'core/seal'

/** The storage path of a key in a view. What is not encrypted by the key ring is out of the reach of views. */
export function pathIn(prefix: string, key: string): string {
  const path = prefix + key
  invariant(path !== keyRingPath && path !== sealPath, 'no view reaches the key ring or the seal')
  return path
}

export function prefixIn(prefix: string, under: string): string {
  invariant(under === '' || under.endsWith('/'), 'a prefix is empty or ends in "/"')
  return prefix + under
}

/** The child of `prefix` that `path` is or lies in: `b/` for `a/b/c` under `a/`. */
export function childOf(prefix: string, path: string): string {
  const cut = path.indexOf('/', prefix.length)
  return path.slice(prefix.length, cut < 0 ? undefined : cut + 1)
}
