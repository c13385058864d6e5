import { DENY } from './capability.ts'
import type { MergedRule } from './rule.ts'

/**
 * Is the mount (its path ends in '/') shown to a token whose answer for the mount path itself is `deny`? It is if any rule
 * below it allows anything, whatever else outranks that rule. It also is, as on the server, if a prefix rule covers the mount
 * and there is no segment rule at all, even where that prefix rule denies: a mount may be named that cannot be reached, never
 * the other way round.
 */
export function showsMount(rules: readonly MergedRule[], mountPath: string): boolean {
  if (rules.some(it => allowsSomething(it) && isBelow(it, mountPath))) return true
  return !rules.some(it => it.kind === 'segment') && rules.some(it => it.kind === 'prefix' && mountPath.startsWith(it.key))
}

const allowsSomething = ({ capabilities }: MergedRule): boolean => capabilities !== 0 && capabilities !== DENY

function isBelow({ kind, key }: MergedRule, mountPath: string): boolean {
  if (kind !== 'segment') return key.startsWith(mountPath)
  const starred = key.endsWith('*')
  const parts = (starred ? key.slice(0, -1) : key).split('/')
  const mount = mountPath.split('/').slice(0, -1)
  if (parts.length < mount.length) return false
  return mount.every((name, i) => {
    const part = parts[i] ?? ''
    return part === '+' || part === name || (starred && i === parts.length - 1 && name.startsWith(part))
  })
}
