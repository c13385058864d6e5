import { formatCidr, parseAddress, parseCidr } from '../../../kernel/index.ts'
import { f, type Decoded, type WireObject } from '../../../schema/index.ts'
import { gives, op, route, statefulFamily, type Family, type HandlersOf } from '../../framework/index.ts'
import { faults } from '../../logical/index.ts'
import type { State } from './ports.ts'
import { rolesOf, type TokenRole } from './role.ts'
import { sanitize } from './sanitize.ts'

const shared = {
  allowed_policies: f.strings('Policies that a token of this role may have; without any given, it gets all of these.'),
  disallowed_policies: f.strings('Policies that it may not have.'),
  allowed_policies_glob: f.strings('The same as allowed_policies, with * at either end.'),
  disallowed_policies_glob: f.strings('The same as disallowed_policies, with * at either end.'),
  allowed_entity_aliases: f.strings('Entity aliases that a token may be made for.'),
  orphan: f.bool('Whether its tokens have no parent.'),
  renewable: f.bool('Whether its tokens may be renewed.'),
  path_suffix: f.string('Appended to the path of its tokens, so that one revision of the role can be revoked.'),
  token_type: f.string('`service`, `batch`, `default-service` or `default-batch`.'),
  token_period: f.duration('Makes its tokens periodic.'),
  token_explicit_max_ttl: f.duration('Limit that no renewal passes.'),
  token_bound_cidrs: f.strings('Addresses that its tokens may be used from.'),
  token_num_uses: f.int('How often its tokens may be used; 0 is without limit.'),
  token_no_default_policy: f.bool('Leave the default policy out.'),
  period: f.duration('Old name of token_period.').deprecated('use token_period'),
  explicit_max_ttl: f.duration('Old name of token_explicit_max_ttl.').deprecated('use token_explicit_max_ttl'),
  bound_cidrs: f.strings('Old name of token_bound_cidrs.').deprecated('use token_bound_cidrs'),
} as const

const routes = {
  roles: route('roles', { doc: 'All token roles.', ops: { list: op({ doc: 'List the roles.', gives: gives.keys }) } }),
  role: route('roles/{role_name}', {
    doc: 'What tokens made by a role may be.',
    params: { role_name: f.name('Name of the role.') },
    upsert: true,
    ops: {
      read: op({ doc: 'Describe a role.', gives: gives.any('The role, under the old names and the new.') }),
      write: op({ doc: 'Create or change a role; what is not said stays.', input: shared, gives: gives.nothing }),
      delete: op({ doc: 'Delete a role. Its tokens live on.', gives: gives.nothing }),
    },
  }),
}
type Input = Decoded<typeof shared>

const FRESH: Omit<TokenRole, 'name'> = {
  allowedPolicies: [],
  disallowedPolicies: [],
  allowedPoliciesGlob: [],
  disallowedPoliciesGlob: [],
  allowedEntityAliases: null,
  orphan: false,
  renewable: true,
  pathSuffix: '',
  tokenType: 'default-service',
  period: 0,
  tokenPeriod: 0,
  explicitMaxTtl: 0,
  tokenExplicitMaxTtl: 0,
  boundCidrs: [],
  tokenBoundCidrs: [],
  tokenNumUses: 0,
  tokenNoDefaultPolicy: false,
}

export const roles: Family<State> = statefulFamily(routes, ({ host }: State): HandlersOf<typeof routes> => ({
  roles: { list: async ({ view }) => ({ is: 'keys', keys: await rolesOf(view).names() }) },
  role: {
    async read({ params, view }) {
      const role = await rolesOf(view).get(params.roleName)
      if (role === undefined) throw faults.notFound()
      return { is: 'any', data: shown(role) }
    },
    async write({ params, input, view, warn }) {
      await view.transact(async tx => {
        const known = await rolesOf(tx).get(params.roleName)
        await rolesOf(tx).put(params.roleName, changed(known ?? { ...FRESH, name: params.roleName }, input))
      })
      for (const [name, old, fresh] of DOUBLES)
        if (input[old] !== undefined && input[fresh] !== undefined)
          warn(`Both 'token_${name}' and deprecated '${name}' value supplied, ignoring the deprecated value`)
      const explicitMaxTtl = input.tokenExplicitMaxTtl ?? input.explicitMaxTtl ?? 0
      const { maxTtl } = host.leaseDefaults()
      if (explicitMaxTtl > maxTtl)
        warn(
          `Given explicit max TTL of ${explicitMaxTtl} is greater than system/mount allowed value of ${maxTtl} seconds; until this is fixed attempting to create tokens against this role will result in an error`,
        )
      return { is: 'nothing' }
    },
    async delete({ params, view }) {
      await rolesOf(view).delete(params.roleName)
      return { is: 'nothing' }
    },
    exists: async ({ params, view }) => (await rolesOf(view).get(params.roleName)) !== undefined,
  },
}))

const DOUBLES = [
  ['period', 'period', 'tokenPeriod'],
  ['bound_cidrs', 'boundCidrs', 'tokenBoundCidrs'],
  ['explicit_max_ttl', 'explicitMaxTtl', 'tokenExplicitMaxTtl'],
] as const

function changed(role: TokenRole, input: Input): TokenRole {
  if (input.pathSuffix) refuseSuffix(input.pathSuffix)
  const next: TokenRole = {
    ...role,
    ...(input.orphan !== undefined && { orphan: input.orphan }),
    ...(input.renewable !== undefined && { renewable: input.renewable }),
    ...(input.pathSuffix !== undefined && { pathSuffix: input.pathSuffix }),
    ...(input.allowedPolicies && { allowedPolicies: sanitize(input.allowedPolicies, false) }),
    ...(input.disallowedPolicies && { disallowedPolicies: lowered(input.disallowedPolicies) }),
    ...(input.allowedPoliciesGlob && { allowedPoliciesGlob: sanitize(input.allowedPoliciesGlob, false) }),
    ...(input.disallowedPoliciesGlob && { disallowedPoliciesGlob: lowered(input.disallowedPoliciesGlob) }),
    ...(input.allowedEntityAliases && { allowedEntityAliases: lowered(input.allowedEntityAliases) }),
    ...(input.tokenNumUses !== undefined && { tokenNumUses: usesOf(input.tokenNumUses) }),
    ...(input.tokenNoDefaultPolicy !== undefined && { tokenNoDefaultPolicy: input.tokenNoDefaultPolicy }),
    ...(input.tokenType !== undefined && { tokenType: typeOf(input.tokenType) }),
    ...periods(role, input),
    ...maxima(role, input),
    ...bounds(role, input),
  }
  refuseBatch(next)
  return next
}

/** The new name wins and clears the old one; the old one alone sets both. */
const periods = (role: TokenRole, { period, tokenPeriod }: Input): Pick<TokenRole, 'period' | 'tokenPeriod'> =>
  tokenPeriod !== undefined
    ? { tokenPeriod, period: 0 }
    : period !== undefined
      ? { period, tokenPeriod: period }
      : { period: role.period, tokenPeriod: role.tokenPeriod }
const maxima = (
  role: TokenRole,
  { explicitMaxTtl, tokenExplicitMaxTtl }: Input,
): Pick<TokenRole, 'explicitMaxTtl' | 'tokenExplicitMaxTtl'> =>
  tokenExplicitMaxTtl !== undefined
    ? { tokenExplicitMaxTtl, explicitMaxTtl: 0 }
    : explicitMaxTtl !== undefined
      ? { explicitMaxTtl, tokenExplicitMaxTtl: explicitMaxTtl }
      : { explicitMaxTtl: role.explicitMaxTtl, tokenExplicitMaxTtl: role.tokenExplicitMaxTtl }
function bounds(role: TokenRole, input: Input): Pick<TokenRole, 'boundCidrs' | 'tokenBoundCidrs'> {
  if (input.tokenBoundCidrs !== undefined) return { tokenBoundCidrs: blocks(input.tokenBoundCidrs), boundCidrs: [] }
  if (input.boundCidrs === undefined) return { boundCidrs: role.boundCidrs, tokenBoundCidrs: role.tokenBoundCidrs }
  const parsed = blocks(input.boundCidrs)
  return { boundCidrs: parsed, tokenBoundCidrs: parsed }
}

const lowered = (items: readonly string[]): readonly string[] =>
  [...new Set(items.map(it => it.trim().toLowerCase()).filter(it => it !== ''))].sort()

function blocks(items: readonly string[]): readonly string[] {
  return items.map(item => {
    const parsed = parseCidr(item) ?? parseAddress(item)
    if (parsed === undefined) {
      const shown = JSON.stringify(item)
      throw faults.refused({
        why: `error parsing role fields: error parsing address ${shown}: Unable to convert ${shown} to an IPv4 or IPv6 address, or a UNIX Socket`,
      })
    }
    return formatCidr(parsed)
  })
}

function usesOf(count: number): number {
  if (count < 0) throw faults.refused({ why: "error parsing role fields: 'token_num_uses' cannot be negative" })
  return count
}

function typeOf(type: string): string {
  if (['service', 'batch', 'default-service', 'default-batch'].includes(type)) return type
  throw faults.refused({ why: `invalid 'token_type' value ${JSON.stringify(type)}` })
}

function refuseSuffix(suffix: string): void {
  // The peer looks for one good stretch in it, not for a bad one.
  if (!/\w[\w\-.]+\w/.test(suffix))
    throw faults.refused({ why: 'given role path suffix contains invalid characters; must match \\w[\\w-.]+\\w' })
  if (suffix.includes('..')) throw faults.refused({ why: 'error registering path suffix: path cannot contain parent references' })
}

function refuseBatch(role: TokenRole): void {
  if (role.tokenType !== 'batch') return
  const kind = !role.orphan
    ? 'non-orphan tokens'
    : role.tokenPeriod > 0
      ? 'periodic tokens'
      : role.renewable
        ? 'renewable tokens'
        : role.tokenExplicitMaxTtl > 0
          ? 'tokens with an explicit max TTL'
          : undefined
  if (kind !== undefined) throw faults.refused({ why: `'token_type' cannot be 'batch' when role is set to generate ${kind}` })
}

const shown = (role: TokenRole): WireObject => ({
  allowed_entity_aliases: role.allowedEntityAliases,
  allowed_policies: role.allowedPolicies,
  allowed_policies_glob: role.allowedPoliciesGlob,
  ...(role.boundCidrs.length > 0 && { bound_cidrs: role.boundCidrs }),
  disallowed_policies: role.disallowedPolicies,
  disallowed_policies_glob: role.disallowedPoliciesGlob,
  explicit_max_ttl: role.explicitMaxTtl,
  name: role.name,
  orphan: role.orphan,
  path_suffix: role.pathSuffix,
  period: role.period,
  renewable: role.renewable,
  ...(role.tokenBoundCidrs.length > 0 && { token_bound_cidrs: role.tokenBoundCidrs }),
  token_explicit_max_ttl: role.tokenExplicitMaxTtl,
  token_no_default_policy: role.tokenNoDefaultPolicy,
  ...(role.tokenNumUses > 0 && { token_num_uses: role.tokenNumUses }),
  token_period: role.tokenPeriod,
  token_type: role.tokenType,
})
