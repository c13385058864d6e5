import { capabilityBit, DENY } from './capability.ts'
import type { MergedRule } from './rule.ts'

/** A mount is not shown for `patch` or `scan` alone on an exact or a prefix rule: the server does not look at these two. */
const SHOWING =
  capabilityBit('create') |
  capabilityBit('read') |
  capabilityBit('update') |
  capabilityBit('delete') |
  capabilityBit('list') |
  capabilityBit('sudo')

/** Is there a rule below the mount (its path ends in '/') that allows anything? Priority does not count here. */
export const reachesMount = (rules: readonly MergedRule[], mountPath: string): boolean =>
  rules.some(({ kind, key, capabilities }) => {
    if (capabilities === 0 || capabilities === DENY) return false
    return kind === 'segment' ? mayMeet(key, mountPath) : (capabilities & SHOWING) !== 0 && key.startsWith(mountPath)
  })

/** Can the segment rule match something at or below the mount? */
function mayMeet(key: string, mountPath: string): boolean {
  const starred = key.endsWith('*')
  const parts = (starred ? key.slice(0, -1) : key).split('/')
  const mount = mountPath.split('/').slice(0, -1)
  if (parts.length < mount.length) return false
  return mount.every((name, i) => {
    const part = parts[i] ?? ''
    return part === '+' || part === name || (starred && i === parts.length - 1 && name.startsWith(part))
  })
}
