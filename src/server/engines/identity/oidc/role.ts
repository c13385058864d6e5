import { collection, type Collection, type View } from '../../../logical/index.ts'

/** What an identity token for a client says. */
export interface OidcRole {
  readonly key: string
  readonly template: string
  /** Seconds. */
  readonly ttl: number
  readonly clientId: string
}

export const rolesOf = (view: View): Collection<OidcRole> => collection(view, 'oidc/role/')

/** Roles by the key that they sign with. */
export async function rolesUsing(view: View, key: string): Promise<readonly string[]> {
  const roles = rolesOf(view)
  const found: string[] = []
  for (const name of await roles.names()) if ((await roles.get(name))?.key === key) found.push(name)
  return found
}

export async function keyNamesInUse(view: View): Promise<readonly string[]> {
  const roles = rolesOf(view)
  const used = await Promise.all((await roles.names()).map(async name => (await roles.get(name))?.key))
  return [...new Set(used.filter(it => it !== undefined))].sort()
}
