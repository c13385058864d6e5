import type { AccessOp } from './capability.ts'

export const isListing = (op: AccessOp): boolean => op === 'list' || op === 'scan'

/** A list is always asked with a final slash, so that `p` and `p/` cannot be decided apart (GHSA-xp3c-3jw3-4vcr). */
export function lookedUpPath(path: string, op: AccessOp): string {
  const bare = withoutLeadingSlashes(path)
  return isListing(op) && bare !== '' && !bare.endsWith('/') ? `${bare}/` : bare
}

export function withoutLeadingSlashes(path: string): string {
  let from = 0
  while (path.charCodeAt(from) === 47) from++
  return from === 0 ? path : path.slice(from)
}
