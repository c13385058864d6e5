/**
 * Kubernetes: a pod logs in with the token of its service account, and the cluster's own API server says whether that is one. Knows
 * the framework; must not know core, which makes tokens of its grants, nor another method.
 */
import { seconds } from '../../../kernel/index.ts'
import type { WireObject } from '../../../schema/index.ts'
import { defineAuthMethod, type AuthMethod } from '../../framework/index.ts'
import { faults, type Grant } from '../../logical/index.ts'
import { configRoutes } from './config.ts'
import { POD_FOLDER } from './local-files.ts'
import { loginRoutes } from './login.ts'
import { Mount } from './mount.ts'
import { roleRoutes } from './roles.ts'

/** The role that a login names, if there is one of that name. */
async function loginRole(mount: Mount, path: string, { role }: WireObject): Promise<string | undefined> {
  if (path !== 'login' || typeof role !== 'string' || role === '') return undefined
  return (await mount.role(mount.host.view, role)) === undefined ? undefined : role
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

/** `podFolder`: where the server finds its own CA and token when it runs in a pod. */
export const kubernetesMethod = (podFolder: string): AuthMethod =>
  defineAuthMethod({
    type: 'kubernetes',
    doc: 'Logs pods in by the token of their service account.',
    families: [configRoutes, roleRoutes, loginRoutes],
    sealWrapped: ['config'],
    open: host => new Mount(host, podFolder),
    renew,
    loginRole,
    close: async mount => mount.close(),
  })

export const kubernetes: AuthMethod = kubernetesMethod(POD_FOLDER)
