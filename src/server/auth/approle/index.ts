/**
 * AppRole: machines log in with a role id, which is a name, and a secret id, which is a password that the server has only
 * the HMAC of. Knows the framework; must not know core, which makes tokens of its grants, nor another method.
 */
import { seconds } from '../../../kernel/index.ts'
import { defineAuthMethod, type AuthMethod } from '../../framework/index.ts'
import { faults, type Grant } from '../../logical/index.ts'
import { login, loginAlias, loginRole } from './login.ts'
import { Mount } from './mount.ts'
import { roles } from './roles.ts'
import { secretIds } from './secret-ids.ts'
import { settings } from './settings.ts'
import { tick, tidying } from './tidy.ts'

/** A token lives on the terms that its role has now, and not at all without it. */
async function renew(mount: Mount, grant: Grant): Promise<Partial<Grant>> {
  const name = (grant.internal as { readonly role_name?: unknown } | undefined)?.role_name
  if (typeof name !== 'string') throw faults.failed({ why: 'failed to fetch role_name during renewal' })
  const found = await mount.role(mount.host.view, name)
  if (found === undefined) throw faults.failed({ why: `role "${name}" does not exist during renewal` })
  const { tokenTtl, tokenMaxTtl, tokenPeriod } = found.role
  return { ttl: seconds(tokenTtl), maxTtl: seconds(tokenMaxTtl), period: seconds(tokenPeriod) }
}

export const approle: AuthMethod = defineAuthMethod({
  type: 'approle',
  doc: 'Logs machines in by role id and secret id.',
  families: [roles, settings, secretIds, login, tidying],
  open: host => new Mount(host),
  renew,
  loginAlias,
  loginRole,
  tick,
  close: mount => mount.close(),
})
