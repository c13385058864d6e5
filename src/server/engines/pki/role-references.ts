import type { Store } from './store.ts'

/** Roles that are looked at, and found, before it is left at that. */
const LOOKED_AT = 100
const FOUND = 10

/** A warning about roles that name an issuer which is about to go, or to be called otherwise. */
export async function rolesReferencing(store: Store, name: string): Promise<string | undefined> {
  let found = 0
  for (const [i, role] of (await store.view.list('role/', { limit: LOOKED_AT })).entries()) {
    if ((await store.role(role))?.issuerRef === name) found++
    if (found >= FOUND) return `The name ${name} was in use by at least ${found} roles`
    if (i + 1 >= LOOKED_AT)
      return found === 0
        ? `Unable to check if any roles referenced this issuer by ${name}`
        : `The name ${name} was in use by at least ${found} roles`
  }
  return found > 0 ? `${found} roles reference ${name}` : undefined
}
