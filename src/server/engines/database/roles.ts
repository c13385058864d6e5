import { f, type FieldsOf } from '../../../schema/index.ts'
import { gives, op, paging, route, statefulFamily, type Family, type HandlersOf } from '../../framework/index.ts'
import { faults } from '../../logical/index.ts'
import { credentialConfig, credentialType, shownCredentialConfig } from './credential-config.ts'
import { messageOf } from './live-database.ts'
import type { DatabaseMount } from './mount.ts'
import type { CredentialConfig, Role } from './role.ts'
import type { CredentialType } from './plugin/index.ts'

/** What dynamic and static roles have in common. */
interface CredentialWishes {
  readonly dbName?: string
  readonly credentialType?: string
  readonly credentialConfig?: ReadonlyMap<string, string>
}
export const credentialFields: FieldsOf<CredentialWishes> = {
  db_name: f.string('The connection that the role uses.'),
  credential_type: f.string('What its users are known by: `password` (the default), `rsa_private_key` or `client_certificate`.'),
  credential_config: f.pairs('More about the credential, by its type: `password_policy` for passwords.'),
}
const input = {
  ...credentialFields,
  creation_statements: f.texts('Statements that make a user; `{{name}}`, `{{password}}` and `{{expiration}}` stand for its own.'),
  revocation_statements: f.texts('Statements that delete a user; without any the plugin has its own.'),
  rollback_statements: f.texts('Statements that delete what is left of a user that could not be made.'),
  renew_statements: f.texts('Statements that let a user live longer; without any the plugin has its own.'),
  default_ttl: f.duration('How long a user lives; 0: as the mount says.'),
  max_ttl: f.duration('How long a user may live, however often it is renewed; 0: as the mount says.'),
}

const routes = {
  roles: route('roles', {
    doc: 'The names of all roles.',
    ops: { list: op({ doc: 'List the roles.', input: paging, gives: gives.keys }) },
  }),
  role: route('roles/{name}', {
    doc: 'A role: who reads its credentials gets a user of its own, made by its statements.',
    params: { name: f.name('Name of the role.') },
    upsert: true,
    ops: {
      read: op({ doc: 'Read the role.', gives: gives.data({ ...input, credential_config: f.map('More about the credential.') }) }),
      write: op({ doc: 'Make the role, or change what is given.', input, gives: gives.nothing }),
      delete: op({ doc: 'Delete the role. Its users live on until their leases end.', gives: gives.nothing }),
    },
  }),
}

const newRole: Role = {
  dbName: '',
  credentialType: 'password',
  credentialConfig: {},
  creation: [],
  revocation: [],
  rollback: [],
  renewal: [],
  defaultTtl: 0,
  maxTtl: 0,
}

export const trimmed = (texts: readonly string[]): readonly string[] => texts.map(it => it.trim())
export const NAMES_ARE_UNIQUE = 'Role and Static Role names must be unique'

/** What is given of the credential, on top of what there was. */
export function withCredential<R extends { readonly credentialType: CredentialType; readonly credentialConfig: CredentialConfig }>(
  before: R,
  given: CredentialWishes,
): Pick<R, 'credentialType' | 'credentialConfig'> {
  const type = checked(() => credentialType(given.credentialType ?? before.credentialType), '')
  // What is not given stays, as long as it is about a credential of the same type.
  if (given.credentialConfig === undefined && type === before.credentialType)
    return { credentialType: type, credentialConfig: before.credentialConfig }
  const config = checked(() => credentialConfig(type, given.credentialConfig ?? new Map()), 'credential_config validation failed: ')
  const keeps = Object.keys(config).length === 0 && type === before.credentialType
  return { credentialType: type, credentialConfig: keeps ? before.credentialConfig : config }
}

function checked<T>(work: () => T, before: string): T {
  try {
    return work()
  } catch (cause) {
    throw faults.refused({ why: before + messageOf(cause) }, { cause })
  }
}

export const roles: Family<DatabaseMount> = statefulFamily(routes, (mount: DatabaseMount): HandlersOf<typeof routes> => ({
  roles: {
    list: async ({ input: { after, limit } }) => ({
      is: 'keys',
      keys: await mount.records.roles.names('', { ...(after !== undefined && { after }), ...(limit !== undefined && { limit }) }),
    }),
  },
  role: {
    exists: async ({ params }) => (await mount.records.roles.get(params.name)) !== undefined,
    async read({ params }) {
      const role = await mount.records.roles.get(params.name)
      if (role === undefined) throw faults.notFound()
      return {
        is: 'wire',
        data: {
          creation_statements: role.creation,
          ...shownCredentialConfig(role.credentialConfig),
          credential_type: role.credentialType,
          db_name: role.dbName,
          default_ttl: role.defaultTtl,
          max_ttl: role.maxTtl,
          renew_statements: role.renewal,
          revocation_statements: role.revocation,
          rollback_statements: role.rollback,
        },
      }
    },
    async write({ params, input: given }) {
      const { name } = params
      await mount.transact(async ({ roles: all, staticRoles }) => {
        if ((await staticRoles.get(name)) !== undefined) throw faults.refused({ why: NAMES_ARE_UNIQUE })
        const before = (await all.get(name)) ?? newRole
        const dbName = given.dbName ?? before.dbName
        if (dbName === '') throw faults.refused({ why: 'database name is required' })
        await all.put(name, {
          dbName,
          ...withCredential(before, given),
          creation: given.creationStatements === undefined ? before.creation : trimmed(given.creationStatements),
          revocation:
            given.revocationStatements === undefined ? before.revocation : trimmed(given.revocationStatements).filter(it => it !== ''),
          rollback: given.rollbackStatements === undefined ? before.rollback : trimmed(given.rollbackStatements),
          renewal: given.renewStatements === undefined ? before.renewal : trimmed(given.renewStatements),
          defaultTtl: given.defaultTtl ?? before.defaultTtl,
          maxTtl: given.maxTtl ?? before.maxTtl,
        })
      })
      return { is: 'nothing' }
    },
    async delete({ params }) {
      await mount.records.roles.delete(params.name)
      return { is: 'nothing' }
    },
  },
}))
