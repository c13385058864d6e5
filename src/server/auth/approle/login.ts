import { createSecretKey } from 'node:crypto'
import { f, type WireObject } from '../../../schema/index.ts'
import { gives, grantBy, op, route, statefulFamily, type Family, type HandlersOf } from '../../framework/index.ts'
import { faults, type Grant, type View } from '../../logical/index.ts'
import { isIn, notASubset } from './addresses.ts'
import type { KeyedRole, Mount } from './mount.ts'
import { newRole, type Role } from './role.ts'
import { deleteSecretId, findSecretId, isTooLong, nameOf, putSecretId, TOO_LONG, type SecretId } from './secret-id.ts'

/** The peer looks who comes before it looks how. */
const elsewise = op({
  doc: 'Say what is missing.',
  input: { role_id: f.string('Id of the role.'), secret_id: f.string('A secret id of the role.', { secret: true }) },
  gives: gives.auth,
  internal: true,
})

const routes = {
  login: route('login', {
    doc: 'Logs in with a role id and, unless the role does without, a secret id.',
    access: 'public',
    ops: {
      write: op({
        doc: 'Log in.',
        input: {
          role_id: f.string('Id of the role.'),
          secret_id: f.string('A secret id of the role.', { secret: true }),
        },
        gives: gives.auth,
      }),
      read: elsewise,
      patch: elsewise,
      delete: elsewise,
    },
  }),
}

/** The role id, where a login names one: the alias that it would have. */
export function loginAlias(path: string, { role_id: roleId }: WireObject): string | undefined {
  return path === 'login' && typeof roleId === 'string' && roleId.trim() !== '' ? roleId.trim() : undefined
}

/** The name of that role. */
export async function loginRole(mount: Mount, path: string, data: WireObject): Promise<string | undefined> {
  const roleId = loginAlias(path, data)
  return roleId === undefined ? undefined : (await mount.roleByRoleId(mount.host.view, roleId))?.role.name
}

/** One text for all that can be wrong with the two ids, so that a stranger learns nothing from it. */
const INVALID = 'invalid role or secret ID'
const invalid = (): ReturnType<typeof faults.refused> => faults.refused({ why: INVALID })

/** Stands in for a role that is not there, so that such a login does the same work. No secret id is kept under it. */
function decoyOf(mount: Mount): KeyedRole {
  return { role: newRole('', 'none', ''), key: createSecretKey(mount.host.random.bytes(32)) }
}

interface Attempt {
  readonly mount: Mount
  readonly decoy: KeyedRole
  readonly roleId: string
  readonly secretId: string
  readonly from: string
  readonly now: number
}

/** The role, and the secret id that vouches for it. Undefined: the secret id counts its uses, so come again in a transaction. */
async function vouched(view: View, attempt: Attempt, inTransaction: boolean): Promise<{ role: Role; by?: SecretId } | undefined> {
  const { mount, decoy, roleId, secretId, now } = attempt
  const known = await mount.roleByRoleId(view, roleId)
  if (known !== undefined && !known.role.bindSecretId) return { role: known.role }
  if (known !== undefined && secretId === '') throw faults.refused({ why: 'missing secret_id' })
  if (known !== undefined && isTooLong(secretId)) throw faults.failed({ why: `failed to create HMAC of secret_id: ${TOO_LONG}` })
  const { role } = known ?? decoy
  const name = nameOf(known ?? decoy, secretId)
  const by = await findSecretId(view, role, name, now)
  if (known === undefined) throw invalid()
  if (by === undefined) throw faults.credentialsRefused({ why: INVALID })
  if (by.numUses === 0) {
    checkAddress(role, by, attempt.from, 'through CIDR restrictions on the secret ID')
    return { role, by }
  }
  if (!inTransaction) return undefined
  await useUp(view, mount, role, name, by, now)
  checkAddress(role, by, attempt.from, 'by CIDR restrictions on the secret ID: %!w(<nil>)')
  return { role, by }
}

/** A login that is refused after this has used up nothing: what throws in a transaction changes nothing. */
async function useUp(view: View, mount: Mount, role: Role, name: string, by: SecretId, now: number): Promise<void> {
  if (by.numUses > 1) return putSecretId(view, role, name, { ...by, numUses: by.numUses - 1, updated: now })
  const salt = await mount.salt(view)
  if (salt !== undefined) await deleteSecretId(view, salt, role, name, by.accessor)
}

function checkAddress(role: Role, by: SecretId, from: string, how: string): void {
  const outside = notASubset(role.secretIdBoundCidrs ?? [], by.cidrs)
  if (outside !== undefined) throw faults.failed({ why: outside })
  if (by.cidrs.length > 0 && !isIn(from, by.cidrs)) throw faults.refused({ why: `source address "${from}" unauthorized ${how}` })
}

function grantOf(role: Role, by: SecretId | undefined, from: string): Grant {
  const blocks = role.secretIdBoundCidrs ?? []
  if (blocks.length > 0 && !isIn(from, blocks)) {
    throw faults.refused({ why: `source address "${from}" unauthorized by CIDR restrictions on the role: %!w(<nil>)` })
  }
  const metadata = { ...by?.metadata, role_name: role.name }
  const grant = grantBy(role, from)
  const narrower = by !== undefined && by.tokenCidrs.length > 0 && !role.tokenStrictlyBindIp
  return {
    ...grant,
    ...(narrower && { boundCidrs: by.tokenCidrs }),
    displayName: '',
    metadata,
    alias: { name: role.roleId, metadata },
    internal: { role_name: role.name },
  }
}

export const login: Family<Mount> = statefulFamily(routes, (mount: Mount): HandlersOf<typeof routes> => {
  const decoy = decoyOf(mount)
  const roleIdOf = (given: string | undefined): string => {
    const roleId = (given ?? '').trim()
    if (roleId === '') throw faults.failed({ why: 'missing role_id' })
    return roleId
  }
  const refuse = async ({ input }: { readonly input: { readonly roleId?: string } }): Promise<never> => {
    roleIdOf(input.roleId)
    throw faults.unsupportedOperation()
  }
  return {
    login: {
      read: refuse,
      patch: refuse,
      delete: refuse,
      async write({ input, view, caller, now }) {
        const roleId = roleIdOf(input.roleId)
        const from = caller.remoteAddress
        const attempt: Attempt = { mount, decoy, roleId, secretId: (input.secretId ?? '').trim(), from, now: now.getTime() }
        const grant = async (view: View, inTransaction: boolean): Promise<Grant | undefined> => {
          const found = await vouched(view, attempt, inTransaction)
          return found && grantOf(found.role, found.by, from)
        }
        const made = (await grant(view, false)) ?? (await view.transact(view => grant(view, true)))
        if (made === undefined) throw invalid()
        return { is: 'auth', grant: made }
      },
    },
  }
})
