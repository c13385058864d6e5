/** A grant to one user, quoted: what it grants, and to whom. No options behind, no literals, no comments. */
const GRANT = /^(GRANT\b(?:[^"';$/-]|"(?:[^"]|"")*")*\bTO\s+)("(?:[^"]|"")+")$/i

/**
 * Grants the same to all at once. Each grant on an object writes the list of all its grantees anew, so ten users with one statement cost a
 * tenth of that. Only users whose statements are grants, and the same ones in the same order, are put together.
 */
export function sharedGrants(tasks: readonly (readonly string[])[]): readonly string[] {
  const others: string[] = []
  const grantees = new Map<string, { readonly heads: readonly string[]; readonly names: string[] }>()
  for (const statements of tasks) {
    const grants = statements.map(it => GRANT.exec(it))
    const names = new Set(grants.map(it => it?.[2]))
    const [name] = names
    if (name === undefined || names.size !== 1) others.push(...statements)
    else {
      const heads = grants.map(it => it?.[1] ?? '')
      const key = JSON.stringify(heads)
      const known = grantees.get(key)
      if (known === undefined) grantees.set(key, { heads, names: [name] })
      else known.names.push(name)
    }
  }
  return [...grantees.values()].flatMap(({ heads, names }) => heads.map(head => head + names.join(', '))).concat(others)
}
