import { holdsRawBytes, toByteText } from './byte-text.ts'
import type { MergedRule } from './rule.ts'

/** Does this one rule fit this path? For explanations; a decision asks the index instead. */
export function matches(rule: Pick<MergedRule, 'kind' | 'key'>, asked: string): boolean {
  const { kind } = rule
  const [key, path] = holdsRawBytes(rule.key) ? [toByteText(rule.key), toByteText(asked)] : [rule.key, asked]
  if (kind === 'exact') return path === key
  if (kind === 'prefix') return path.startsWith(key)
  const starred = key.endsWith('*')
  const parts = (starred ? key.slice(0, -1) : key).split('/')
  const segments = path.split('/')
  if (starred ? segments.length < parts.length : segments.length !== parts.length) return false
  return parts.every((part, i) => {
    const segment = segments[i] ?? ''
    return part === '+' || part === segment || (starred && i === parts.length - 1 && segment.startsWith(part))
  })
}
