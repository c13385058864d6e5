/**
 * JWT and OIDC: whoever holds a token that a known issuer signed logs in with it, and people fetch one through their browser. Two
 * names of one method. Knows the framework; must not know core, which makes tokens of its grants, nor another method.
 */
import { seconds } from '../../../kernel/index.ts'
import type { WireObject } from '../../../schema/index.ts'
import { defineAuthMethod, type AuthMethod } from '../../framework/index.ts'
import { faults, type Grant } from '../../logical/index.ts'
import { browserRoutes } from './browser.ts'
import { callbackRoutes } from './callback.ts'
import { configRoutes } from './config.ts'
import { loginRoutes } from './login.ts'
import { Mount } from './mount.ts'
import { roleRoutes } from './roles.ts'

/** The role that a login names, if there is one of that name. */
async function loginRole(mount: Mount, path: string, { role }: WireObject): Promise<string | undefined> {
  if (path !== 'login' || typeof role !== 'string' || role === '') return undefined
  return (await mount.role(mount.host.view, role.toLowerCase())) === undefined ? undefined : role
}

/** A token lives on the terms that its role has now, and not at all without it. */
async function renew(mount: Mount, grant: Grant): Promise<Partial<Grant>> {
  const name = (grant.internal as { readonly role?: unknown } | undefined)?.role
  if (typeof name !== 'string' || name === '') throw faults.failed({ why: 'failed to fetch role_name during renewal' })
  const role = await mount.role(mount.host.view, name)
  if (role === undefined) throw faults.failed({ why: `role ${name} does not exist during renewal` })
  const { tokenTtl, tokenMaxTtl, tokenPeriod } = role
  return { ttl: seconds(tokenTtl), maxTtl: seconds(tokenMaxTtl), period: seconds(tokenPeriod) }
}

const method = (type: string, doc: string): AuthMethod =>
  defineAuthMethod({
    type,
    doc,
    families: [configRoutes, roleRoutes, loginRoutes, browserRoutes, callbackRoutes],
    sealWrapped: ['config'],
    open: host => new Mount(host),
    renew,
    loginRole,
    close: async mount => mount.close(),
  })

export const jwt: AuthMethod = method('jwt', 'Logs in by JSON Web Tokens of a known issuer.')
export const oidc: AuthMethod = method('oidc', 'Logs people in through the browser, by an OpenID provider.')
