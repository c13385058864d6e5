import { lowerCase, parseSeconds } from '../../../kernel/index.ts'
import { f, type Decoded } from '../../../schema/index.ts'
import { gives, op, route, statefulFamily, type Family, type HandlersOf, type Reply } from '../../framework/index.ts'
import { faults, ROOT_NAMESPACE, type Caller, type TokenEntry } from '../../logical/index.ts'
import { childPolicies } from './child-policies.ts'
import { authOf, type State } from './ports.ts'
import { internalOf, matchesGlob, rolesOf, type TokenRole } from './role.ts'
import { childTtl } from './child-ttl.ts'

const input = {
  id: f.string('Value of the token, chosen by the caller; needs sudo.', { secret: true }),
  policies: f.texts('Policies of the token; without any, those of the parent.'),
  meta: f.pairs('Metadata, shown in look-ups and audit.'),
  no_parent: f.bool('Make an orphan; needs sudo.').default(false),
  no_default_policy: f.bool('Leave the default policy out.').default(false),
  renewable: f.bool('Whether it may be renewed.').default(true),
  lease: f.string('Old name of ttl.').deprecated('use ttl'),
  ttl: f.string('First time to live.'),
  explicit_max_ttl: f.string('Limit that no renewal passes.'),
  display_name: f.string('Name shown in look-ups and audit.').default(''),
  num_uses: f.int('How often it may be used; 0 is without limit.').default(0),
  period: f.string('Makes it periodic: each renewal sets the time to live to this; needs sudo.'),
  type: f.string('`service` or `batch`.').default(''),
  entity_alias: f.string('Name of the entity alias to act for; with a role only.'),
} as const
type Input = Decoded<typeof input>

const routes = {
  create: route('create', {
    doc: 'Create a token.',
    ops: { write: op({ doc: 'Create a child of the calling token.', input, gives: gives.auth }) },
  }),
  orphan: route('create-orphan', {
    doc: 'Create a token without a parent.',
    ops: { write: op({ doc: 'Create an orphan.', input, gives: gives.auth }) },
  }),
  withRole: route('create/{role_name}', {
    doc: 'Create a token by a role.',
    params: { role_name: f.name('Name of the role.') },
    ops: { write: op({ doc: 'Create a token as the role says.', input, gives: gives.auth }) },
  }),
}

interface Making {
  readonly state: State
  readonly input: Input
  readonly caller: Caller
  readonly path: string
  readonly now: Date
  readonly orphan: boolean
  readonly role?: TokenRole
  warn(text: string): void
}
type Auth = Extract<Reply, { is: 'token' }>

export const create: Family<State> = statefulFamily(routes, (state: State): HandlersOf<typeof routes> => ({
  create: { write: call => make({ ...call, state, orphan: false }) },
  orphan: { write: call => make({ ...call, state, orphan: true }) },
  withRole: {
    async write(call) {
      const role = await rolesOf(state.host.view).get(call.params.roleName)
      if (role === undefined) throw faults.refused({ why: `unknown role ${call.params.roleName}` })
      return make({ ...call, state, orphan: false, role })
    },
  },
}))

async function make(making: Making): Promise<Auth> {
  const { state, input, caller, role, now } = making
  const parent = caller.token && (caller.token.type === 'batch' ? undefined : await state.tokens.byId(caller.token.id))
  if (caller.token?.type === 'batch') throw faults.refused({ why: 'batch tokens cannot create more tokens' })
  // A token at its last use counts as gone already.
  if (parent === undefined || parent.numUses < 0) throw faults.refused({ why: 'parent token lookup failed: no parent found' })
  if (parent.numUses > 0) throw faults.refused({ why: 'restricted use token cannot generate child tokens' })
  const { namespace } = state.host.mount()
  const isChild = namespace.id !== (parent.namespace ?? ROOT_NAMESPACE.id)
  if (isChild && !caller.sudo)
    throw faults.refused({ why: 'root or sudo privileges required to directly generate a token in a child namespace' })
  const type = typeOf(input, role)
  if (input.numUses < 0) throw faults.refused({ why: 'number of uses cannot be negative' })
  const entityAlias = allowedAlias(input.entityAlias ?? '', role)
  if (input.id !== undefined && input.id !== '' && !caller.sudo)
    throw faults.refused({ why: 'root or sudo privileges required to specify token id' })
  if (input.id !== undefined && input.id !== '' && namespace.id !== ROOT_NAMESPACE.id)
    throw faults.refused({ why: 'token IDs can only be manually specified in the root namespace' })
  // Policies are those of a namespace: a parent from above has none to hand on.
  const policies = childPolicies(input, isChild ? { ...parent, policies: ['default'] } : parent, caller.sudo, role)
  if (policies.includes('root')) {
    if (isChild) throw faults.refused({ why: 'root tokens may not be created from a parent namespace' })
    if (!parent.policies.includes('root')) throw faults.refused({ why: 'root tokens may not be created without parent token being root' })
    if (type === 'batch') throw faults.refused({ why: 'batch tokens cannot be root tokens' })
  }
  const orphan = isOrphan(making)
  const times = childTtl({ input, type, sudo: caller.sudo, role, policies, defaults: state.host.leaseDefaults(), now })
  for (const warning of times.warnings) making.warn(warning)
  const forever = times.ttl === 0
  if (forever && parent.creationTtl !== 0) throw faults.refused({ why: 'expiring root tokens cannot create non-expiring root tokens' })
  if (input.id !== undefined && input.id !== '') {
    making.warn(
      'Supplying a custom ID for the token uses the weaker SHA1 hashing instead of the more secure SHA2-256 HMAC for token obfuscation. SHA1 hashed tokens on the wire leads to less secure lookups.',
    )
  }
  const renewable = type === 'service' && !forever && input.renewable && (role?.renewable ?? true)
  const entityId = await entityOf(making, entityAlias, orphan ? '' : parent.entityId)
  const { token, entry } = await state.tokens.create({
    ...(input.id !== undefined && input.id !== '' && { id: input.id }),
    policies,
    path: `auth/token/${making.path}${role?.pathSuffix ? `/${role.pathSuffix}` : ''}`,
    displayName: displayName(input.displayName),
    metadata: input.meta && Object.fromEntries(input.meta),
    numUses: fewerUses(input.numUses, role?.tokenNumUses ?? 0),
    ttl: times.ttl,
    explicitMaxTtl: times.ownExplicitMaxTtl,
    period: times.ownPeriod,
    role: role?.name ?? '',
    parent: orphan ? '' : parent.id,
    boundCidrs: forever ? [] : boundCidrs(parent, orphan, role),
    entityId,
    renewable,
    type,
    mountAccessor: state.host.mount().accessor,
    grantTtl: times.ttl,
    ...(role && { internal: internalOf(role) ?? null }),
  })
  for (const name of policies)
    if (name !== 'root' && (await state.policies.read(name)) === undefined) making.warn(`Policy ${JSON.stringify(name)} does not exist`)
  return { is: 'token', auth: authOf(token, entry, times.ttl, await state.identity.policiesOf(entry)), wrappedAccessor: entry.accessor }
}

function typeOf(input: Input, role: TokenRole | undefined): 'service' | 'batch' {
  let wish = input.type
  if (role?.tokenType === 'default-batch' && wish === '') wish = 'batch'
  else if (role?.tokenType === 'service' || role?.tokenType === 'batch') wish = role.tokenType
  if (wish === '' || wish === 'service') return 'service'
  if (wish !== 'batch') throw faults.refused({ why: "invalid 'token_type' value" })
  const set = (name: 'explicit_max_ttl' | 'period', value: string | undefined): boolean => {
    const span = value === undefined ? 0 : parseSeconds(value)
    if (span === undefined) throw faults.refused({ why: `'${name}' value could not be parsed` })
    return span !== 0
  }
  const bad = set('explicit_max_ttl', input.explicitMaxTtl)
    ? 'explicit_max_ttl'
    : input.numUses !== 0
      ? 'num_uses'
      : set('period', input.period)
        ? 'period'
        : ''
  if (bad !== '') throw faults.refused({ why: `batch tokens cannot have "${bad}" set` })
  return 'batch'
}

/** Aliases have no case. */
function allowedAlias(given: string, role: TokenRole | undefined): string | undefined {
  if (given === '') return undefined
  if (role === undefined) throw faults.refused({ why: "'entity_alias' is only allowed in combination with token role" })
  if (!matchesGlob(role.allowedEntityAliases ?? [], lowerCase(given))) throw faults.refused({ why: "invalid 'entity_alias' value" })
  return given
}

/** A token for an entity alias is that entity's, made by whoever was let to; else a child is its parent's entity. */
async function entityOf({ state }: Making, alias: string | undefined, inherited: string): Promise<string> {
  if (alias === undefined) return inherited
  return (await state.identity.entityOf({ mountAccessor: state.host.mount().accessor, name: alias })).id
}

function isOrphan({ input, caller, role, orphan }: Making): boolean {
  if (role !== undefined) return role.orphan
  if (!input.noParent) return orphan
  if (!caller.sudo) throw faults.refused({ why: 'root or sudo privileges required to create orphan token' })
  return true
}

/** A role's bound always holds; without a role a child cannot leave its parent's. */
function boundCidrs(parent: TokenEntry, orphan: boolean, role: TokenRole | undefined): readonly string[] {
  if (role !== undefined) return role.tokenBoundCidrs
  return orphan ? [] : parent.boundCidrs
}

/** 0 is without limit, hence more than any number. */
const fewerUses = (asked: number, limit: number): number => (limit === 0 ? asked : asked === 0 ? limit : Math.min(asked, limit))

const displayName = (given: string): string => (given === '' ? 'token' : `token-${given}`.replace(/[^a-zA-Z0-9-]/g, '-').replace(/-$/, ''))
