/**
 * Users of databases, made on demand and ended with their leases, and passwords of lasting users, changed in time. Knows the framework
 * and its plugins' port; must not know core, nor how any one database works.
 */
import { defineEngine, type SecretsEngine } from '../../framework/index.ts'
import { connections } from './connections.ts'
import { creds, userSecret } from './creds.ts'
import { DatabaseMount } from './mount.ts'
import { PeriodicWork } from './periodic-work.ts'
import { plugins } from './plugins.ts'
import { roles } from './roles.ts'
import { rootRotation } from './root-rotation.ts'
import { staticRoles } from './static-roles.ts'

export const database: SecretsEngine = defineEngine({
  type: 'database',
  doc: 'Users of databases, under leases, and passwords that are changed in time.',
  families: [connections, roles, creds, staticRoles, rootRotation],
  secrets: [userSecret],
  plugins: Object.keys(plugins),
  sealWrapped: ['config/', 'static-role/'],
  open: host => new DatabaseMount(host, mount => new PeriodicWork(mount)),
  tick: async (mount, now) => mount.work.start(now.getTime()),
  close: mount => mount.close(),
})
