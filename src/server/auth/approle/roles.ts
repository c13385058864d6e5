import { goDuration } from '../../../kernel/index.ts'
import { f, type Decoded } from '../../../schema/index.ts'
import {
  gives,
  op,
  paging,
  route,
  shownTokenSettings,
  statefulFamily,
  tokenFields,
  withTokenWishes,
  type Family,
  type HandlersOf,
} from '../../framework/index.ts'
import { faults } from '../../logical/index.ts'
import { invalidBlock } from './addresses.ts'
import type { Mount } from './mount.ts'
import { legacyPeriod, legacyPolicies, newRole, type Role } from './role.ts'
import { deleteSecretIdsOf, isTooLong } from './secret-id.ts'

const own = {
  bind_secret_id: f.bool('Whether a login needs a secret id.'),
  secret_id_bound_cidrs: f.strings('CIDR blocks that a login may come from.'),
  secret_id_num_uses: f.int('How often a secret id may be used; 0: any number of times.'),
  secret_id_ttl: f.duration('How long a secret id lives; 0: for good.'),
  local_secret_ids: f.bool('Whether its secret ids stay with this server; only when the role is made.'),
}
const old = {
  bound_cidr_list: f.strings('CIDR blocks that a login may come from.').deprecated('use secret_id_bound_cidrs'),
  policies: f.strings('Policies of the token.').deprecated('use token_policies'),
  period: f.duration('How long each renewal reaches.').deprecated('use token_period'),
}
const input = { ...own, ...old, ...tokenFields, role_id: f.string('The id that a login names; a random one when not given.') }
type Input = Decoded<typeof input>

const routes = {
  roles: route('role', {
    doc: 'The names of all roles.',
    ops: { list: op({ doc: 'List the roles.', input: paging, gives: gives.keys }) },
  }),
  role: route('role/{role_name}', {
    doc: 'A role: who logs in with its id gets tokens on its terms.',
    params: { role_name: f.name('Name of the role, up to 4096 bytes; upper and lower case are one.') },
    upsert: true,
    ops: {
      read: op({
        doc: 'Read the role, without its id.',
        gives: gives.data({ ...own, ...tokenFields, policies: old.policies, period: old.period }),
      }),
      write: op({ doc: 'Make the role, or change the settings that are given.', input, gives: gives.nothing }),
      delete: op({ doc: 'Delete the role and its secret ids. Tokens that it granted can no longer be renewed.', gives: gives.nothing }),
    },
  }),
}

/** The role with what is given, checked in the peer's order, which decides what is complained of first. */
function changed(role: Role, isNew: boolean, given: Input, freshRoleId: string, maxTtl: number): Role {
  const { localSecretIds, roleId, bindSecretId, secretIdNumUses, secretIdTtl } = given
  const withToken = withTokenWishes(role, given)
  if (localSecretIds !== undefined && !isNew) {
    throw faults.refused({ why: 'local_secret_ids can only be modified during role creation' })
  }
  const id = roleId ?? (isNew ? freshRoleId : role.roleId)
  if (id === '') throw faults.refused({ why: 'invalid role_id supplied, or failed to generate a role_id' })
  const blocks = given.secretIdBoundCidrs ?? given.boundCidrList ?? role.secretIdBoundCidrs
  const wrong = invalidBlock(blocks ?? [])
  if (wrong !== undefined) throw faults.failedAs({ why: `failed to validate CIDR blocks: ${wrong}` })
  if ((secretIdNumUses ?? 0) < 0) throw faults.refused({ why: 'secret_id_num_uses cannot be negative' })
  const next: Role = {
    ...withToken,
    roleId: id,
    secretIdBoundCidrs: blocks,
    ...(localSecretIds !== undefined && { localSecretIds }),
    ...(bindSecretId !== undefined && { bindSecretId }),
    ...(secretIdNumUses !== undefined && { secretIdNumUses }),
    ...(secretIdTtl !== undefined && { secretIdTtl }),
    ...legacyPolicies({ ...(given.policies && { old: given.policies }), ...(given.tokenPolicies && { new: given.tokenPolicies }) }),
    ...legacyPeriod({
      ...(given.period !== undefined && { old: given.period }),
      ...(given.tokenPeriod !== undefined && { new: given.tokenPeriod }),
    }),
  }
  if (next.period > maxTtl) throw faults.refused({ why: periodTooLong(next.period, maxTtl) })
  return next
}

export const periodTooLong = (period: number, maxTtl: number): string =>
  `period of "${goDuration(period)}" is greater than the backend's maximum lease TTL of "${goDuration(maxTtl)}"`

/** Types of old clients, which mean nothing here. */
const PLAIN_TYPES: Readonly<Record<string, string>> = { 'default-service': 'service', 'default-batch': 'batch' }

export const roles: Family<Mount> = statefulFamily(routes, (mount: Mount): HandlersOf<typeof routes> => ({
  roles: {
    list: async ({ input, view }) => ({ is: 'keys', keys: await mount.roleNames(view, input) }),
  },

  role: {
    async read({ params, view }) {
      const found = await mount.role(view, params.roleName)
      if (found === undefined) throw faults.notFound()
      const { role } = found
      return {
        is: 'wire',
        data: {
          bind_secret_id: role.bindSecretId,
          local_secret_ids: role.localSecretIds,
          ...(role.period !== 0 && { period: role.period }),
          ...(role.policies.length > 0 && { policies: role.policies }),
          secret_id_bound_cidrs: role.secretIdBoundCidrs,
          secret_id_num_uses: role.secretIdNumUses,
          secret_id_ttl: role.secretIdTtl,
          ...shownTokenSettings(role),
        },
      }
    },

    async write({ params, input, view, warn }) {
      if (isTooLong(params.roleName)) throw faults.refused({ why: 'role_name is longer than maximum of 4096 bytes' })
      const { host } = mount
      const plain = PLAIN_TYPES[input.tokenType ?? '']
      const given: Input = plain === undefined ? input : { ...input, tokenType: plain }
      const maxTtl = host.leaseDefaults().maxTtl
      const fresh = newRole(params.roleName.toLowerCase(), host.random.uuid(), Buffer.from(host.random.bytes(32)).toString('base64'))
      const freshRoleId = host.random.uuid()
      const salt = await mount.saltForWriting(view)
      const role = await view.transact(async view => {
        const before = (await mount.role(view, params.roleName))?.role
        const next = changed(before ?? fresh, before === undefined, given, freshRoleId, maxTtl)
        await mount.writeRole(view, salt, next, before)
        return next
      })
      if (plain !== undefined) warn(`${input.tokenType ?? ''} has no useful meaning; adjusting to ${plain}`)
      if (role.tokenMaxTtl > maxTtl) {
        warn("token_max_ttl is greater than the backend mount's maximum TTL value; issued tokens' max TTL value will be truncated")
      }
      return { is: 'nothing' }
    },

    async delete({ params, view }) {
      const salt = await mount.salt(view)
      if (salt === undefined) return { is: 'nothing' }
      const role = await view.transact(async view => {
        const found = (await mount.role(view, params.roleName))?.role
        if (found !== undefined) await mount.deleteRole(view, salt, found)
        return found
      })
      if (role !== undefined) await deleteSecretIdsOf(view, salt, role)
      return { is: 'nothing' }
    },

    exists: async ({ params, view }) => (await mount.role(view, params.roleName)) !== undefined,
  },
}))
