import { goDuration } from '../../../kernel/index.ts'
import { f, type Decoded } from '../../../schema/index.ts'
import {
  gives,
  oldTokenFields,
  op,
  paging,
  route,
  shownOldTokenWords,
  shownTokenSettings,
  statefulFamily,
  tokenFields,
  withOldTokenWords,
  withTokenWishes,
  type Family,
  type HandlersOf,
} from '../../framework/index.ts'
import { faults } from '../../logical/index.ts'
import type { Mount } from './mount.ts'
import { ALIAS_SOURCES, newRole, type AliasSource, type Role } from './role.ts'
import { parseSelector, type Labels } from './selector.ts'

const own = {
  bound_service_account_names: f.strings('Names of service accounts that may log in; `*` stands for any text, alone for every name.'),
  bound_service_account_namespaces: f.strings(
    'Namespaces whose service accounts may log in; `*` stands for any text, alone for every one.',
  ),
  bound_service_account_namespace_selector: f.string(
    'Labels of namespaces whose service accounts may log in too, as JSON or YAML: `matchLabels: {env: production}`.',
  ),
  audience: f.string('Audience that a token must be meant for.'),
  alias_name_source: f.string(
    'What the identity store calls whoever logs in: serviceaccount_uid, the safest, or serviceaccount_name, which is <namespace>/<name>.',
  ),
}
const input = { ...own, ...oldTokenFields, ...tokenFields }
type Input = Decoded<typeof input>

const routes = {
  roles: route('role', {
    doc: 'The names of all roles.',
    ops: { list: op({ doc: 'List the roles.', input: paging, gives: gives.keys }) },
  }),
  role: route('role/{name}', {
    doc: 'A role: service accounts that it binds log in with it, and get tokens on its terms.',
    params: { name: f.name('Name of the role; upper and lower case are one.') },
    upsert: true,
    ops: {
      read: op({ doc: 'Read the role.', gives: gives.data({ ...own, ...oldTokenFields, ...tokenFields }) }),
      write: op({ doc: 'Make the role, or change the settings that are given.', input, gives: gives.nothing }),
      delete: op({ doc: 'Delete the role. Tokens that it granted can no longer be renewed.', gives: gives.nothing }),
    },
  }),
}

const refused = (why: string): ReturnType<typeof faults.refused> => faults.refused({ why })
const mixes = (names: readonly string[]): boolean => names.length > 1 && names.includes('*')

/** The role with what is given, checked in the peer's order, which decides what is complained of first. */
function changed(before: Role, given: Input, labels: Labels | undefined, maxTtl: number): Role {
  const role = withOldTokenWords(withTokenWishes(before, given), given)
  if (role.tokenPeriod > maxTtl) {
    throw refused(
      `token period of '"${goDuration(role.tokenPeriod)}"' is greater than the backend's maximum lease TTL of '"${goDuration(maxTtl)}"'`,
    )
  }
  if (role.tokenMaxTtl > 0 && role.tokenTtl > role.tokenMaxTtl) throw refused('token ttl should not be greater than token max ttl')
  const names = given.boundServiceAccountNames ?? before.names
  if (names.length === 0) throw refused('"bound_service_account_names" can not be empty')
  if (mixes(names)) throw refused('can not mix "*" with values')
  const namespaces = given.boundServiceAccountNamespaces ?? before.namespaces
  const selector = given.boundServiceAccountNamespaceSelector ?? ''
  if ((namespaces ?? []).length === 0 && selector === '') {
    throw refused('"bound_service_account_namespaces" can not be empty if "bound_service_account_namespace_selector" is not set')
  }
  if (labels === undefined) throw refused('invalid "bound_service_account_namespace_selector" configured')
  if (mixes(namespaces ?? [])) throw refused('can not mix "*" with values')
  return {
    ...role,
    names,
    namespaces,
    selector,
    labels,
    audience: given.audience ?? before.audience,
    aliasNameSource: aliasSource(given.aliasNameSource, before.aliasNameSource),
  }
}

function aliasSource(given: string | undefined, before: AliasSource): AliasSource {
  const known = ALIAS_SOURCES.find(it => it === (given ?? before))
  if (known !== undefined) return known
  throw refused(`invalid alias_name_source, must be one of: ${ALIAS_SOURCES.join(', ')}`)
}

export const roleRoutes: Family<Mount> = statefulFamily(routes, (mount: Mount): HandlersOf<typeof routes> => ({
  roles: {
    list: async ({ input: page, view }) => ({ is: 'keys', keys: await mount.roleNames(view, page) }),
  },

  role: {
    async read({ params, view }) {
      const role = await mount.role(view, params.name)
      if (role === undefined) throw faults.notFound()
      return {
        is: 'wire',
        data: {
          alias_name_source: role.aliasNameSource,
          ...(role.audience !== '' && { audience: role.audience }),
          ...shownOldTokenWords(role),
          bound_service_account_names: role.names,
          bound_service_account_namespace_selector: role.selector,
          bound_service_account_namespaces: role.namespaces,
          ...shownTokenSettings(role),
        },
      }
    },

    async write({ params, input: given, view, warn }) {
      const selector = given.boundServiceAccountNamespaceSelector ?? ''
      const labels = selector === '' ? {} : await parseSelector(selector)
      const maxTtl = mount.host.leaseDefaults().maxTtl
      const role = await view.transact(async view => {
        const before = await mount.role(view, params.name)
        // An empty word is none when the role is made, and a wrong one later.
        const wishes = before === undefined && given.aliasNameSource === '' ? { ...given, aliasNameSource: newRole.aliasNameSource } : given
        const next = changed(before ?? newRole, wishes, labels, maxTtl)
        await mount.putRole(view, params.name, next)
        return next
      })
      if (role.tokenMaxTtl > maxTtl) {
        warn("max_ttl is greater than the system or backend mount's maximum TTL value; issued tokens' max TTL value will be truncated")
      }
      return { is: 'nothing' }
    },

    async delete({ params, view }) {
      await mount.deleteRole(view, params.name)
      return { is: 'nothing' }
    },

    exists: async ({ params, view }) => (await mount.role(view, params.name)) !== undefined,
  },
}))
