/**
 * A registry as a value: keyed, frozen, without a prototype (so `constructor` is not an entry), and refusing a duplicate
 * when the process starts, not when a request meets it.
 */
export function tableBy<T>(key: (entry: T) => string, entries: readonly T[]): Readonly<Record<string, T>> {
  const made: Record<string, T> = Object.create(null)
  for (const entry of entries) {
    const name = key(entry)
    if (made[name] !== undefined) throw new Error(`two entries named "${name}"`)
    made[name] = entry
  }
  return Object.freeze(made)
}

/** The usual one: entries that carry their `type`. */
export const table = <T extends { readonly type: string }>(...entries: readonly T[]): Readonly<Record<string, T>> =>
  tableBy(it => it.type, entries)
