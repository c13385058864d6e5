/**
 * The token method: tokens that make, look up, renew and revoke tokens. Unlike the others it is always mounted and works on
 * core's own tokens, through the ports it is given; it knows nothing else of core, nor of its siblings.
 */
import { seconds } from '../../../kernel/index.ts'
import { faults } from '../../logical/index.ts'
import { defineAuthMethod, type AuthMethod } from '../../framework/index.ts'
import { accessors } from './accessors.ts'
import { create } from './create.ts'
import { lookup } from './lookup.ts'
import type { TokenMethodPorts } from './ports.ts'
import { renew } from './renew.ts'
import { roleOf, rolesOf } from './role.ts'
import { revoke } from './revoke.ts'
import { roles } from './roles.ts'

export type { TokenMethodPorts } from './ports.ts'

export const tokenMethod = (ports: TokenMethodPorts): AuthMethod =>
  defineAuthMethod({
    type: 'token',
    doc: 'Tokens: the built-in method, on which all others end.',
    families: [create, lookup, renew, revoke, accessors, roles],
    open: host => ({ ...ports, host }),
    async renew({ host }, grant) {
      const role = roleOf(grant.internal)
      if (role === undefined) return undefined
      const found = await rolesOf(host.view).get(role)
      if (found === undefined) throw faults.failed({ why: `original token role ${JSON.stringify(role)} could not be found, not renewing` })
      return { period: seconds(found.tokenPeriod), explicitMaxTtl: seconds(found.tokenExplicitMaxTtl) }
    },
  })
