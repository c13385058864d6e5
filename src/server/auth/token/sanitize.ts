/** Trimmed, lower case, without doubles, sorted; `root` swallows the others. */
export function sanitize(policies: readonly string[], addDefault: boolean): readonly string[] {
  const names = new Set(policies.map(it => it.trim().toLowerCase()).filter(it => it !== ''))
  if (names.has('root')) return ['root']
  if (addDefault) names.add('default')
  return [...names].sort()
}
