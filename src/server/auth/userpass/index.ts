/**
 * Userpass: people log in with a name and a password, of which the server has only the bcrypt hash. Knows the framework; must
 * not know core, which makes tokens of its grants, nor another method.
 */
import { seconds } from '../../../kernel/index.ts'
import { defineAuthMethod, type AuthMethod } from '../../framework/index.ts'
import { faults, type Grant } from '../../logical/index.ts'
import { loginAlias, loginRoutes, type Mount } from './login.ts'
import { userRoutes, users } from './users.ts'

/** A token lives on the terms that its user has now; with other policies, or without the user, not at all. */
async function renew({ host }: Mount, grant: Grant): Promise<Partial<Grant>> {
  const name = (grant.internal as { readonly username?: unknown } | undefined)?.username
  const user = typeof name === 'string' ? await users(host.view).get(name) : undefined
  if (user === undefined) throw faults.failed({ why: 'the user no longer exists, not renewing' })
  if (!isSameSet(user.tokenPolicies, grant.policies)) throw faults.failed({ why: 'policies have changed, not renewing' })
  return { ttl: seconds(user.tokenTtl), maxTtl: seconds(user.tokenMaxTtl), period: seconds(user.tokenPeriod) }
}

/** `default` may have been added when the token was made. */
function isSameSet(ofUser: readonly string[], ofToken: readonly string[]): boolean {
  const rest = (names: readonly string[]): string => JSON.stringify([...new Set(names)].filter(it => it !== 'default').sort())
  return rest(ofUser) === rest(ofToken)
}

export const userpass: AuthMethod = defineAuthMethod<Mount>({
  type: 'userpass',
  doc: 'Logs people in by name and password.',
  families: [userRoutes, loginRoutes],
  open: host => ({ host, decoy: undefined }),
  renew,
  loginAlias,
})
