import { attribute, lowerCase, type Shape } from '../attribute.ts'
import type { Collection, MountType, Singleton } from '../mount-type.ts'
import { isNothing } from '../token-attributes.ts'

/** The API takes nearly anything for the name of a person; a path segment has to be one here. */
const NAMES = /^[^\s\p{Cc}/\\%?#*+"'`]+(?: [^\s\p{Cc}/\\%?#*+"'`]+)*$/u

const common: Shape = {
  policies: attribute.set('The policies that their tokens have besides their own.', { each: lowerCase, policies: true }),
  metadata: attribute.pairs('What people want to know of it.'),
}

/** https://openbao.org/api-docs/secret/identity/entity/, as OpenBao answers it. */
const entities: Collection = {
  is: 'collection',
  doc: 'People and machines, whatever they log in with.',
  path: 'entity/name',
  noun: 'entity',
  names: NAMES,
  turn: 0,
  shape: {
    ...common,
    disabled: attribute.flag('Whether its tokens are refused.'),
    aliases: attribute.pairs('What its logins are called, by the auth mount they come from.', { link: { of: 'aliases' } }),
  },
  foldsNames: false,
  losesOnDelete: 'its ID, which policies, groups and assignments may name',
}

/** https://openbao.org/api-docs/secret/identity/group/ */
const groups: Collection = {
  is: 'collection',
  doc: 'Groups of entities, or of what another directory knows.',
  path: 'group/name',
  noun: 'group',
  names: NAMES,
  turn: 1,
  shape: {
    ...common,
    type: attribute.choice('Whether its members are said here, or by whoever logs people in.', ['internal', 'external'], { fixed: true }),
    member_entities: attribute.set('The names of the entities in it.', { sparse: true, link: { of: 'entity', as: 'member_entity_ids' } }),
    member_groups: attribute.set('The names of the groups in it.', { sparse: true, link: { of: 'group', as: 'member_group_ids' } }),
    alias: attribute.pairs('What an external group is called, by the auth mount that knows it.', { link: { of: 'alias' } }),
  },
  foldsNames: false,
  losesOnDelete: 'its ID, which policies and assignments may name',
  contradictions(values) {
    const isExternal = values['type'] === 'external'
    if (isExternal && !isNothing(values['member_entities']))
      return [{ attribute: 'member_entities', why: 'the members of an external group are not said here' }]
    const aliases = Object.keys(values['alias'] ?? {}).length
    if (!isExternal && aliases > 0) return [{ attribute: 'alias', why: 'only an external group has an alias: say type: external' }]
    return aliases > 1 ? [{ attribute: 'alias', why: 'a group has one alias' }] : []
  },
}

/** https://openbao.org/api-docs/secret/identity/oidc-provider/ */
const oidcConfig: Singleton = {
  is: 'singleton',
  begins: 'mount',
  doc: 'As whom identity tokens are issued.',
  path: 'oidc/config',
  shape: { issuer: attribute.text("The issuer; the server's own address unless said.") },
}

const DAY = 86_400
const collection = (it: Pick<Collection, 'doc' | 'path' | 'noun' | 'shape'> & Partial<Collection>): Collection => ({
  is: 'collection',
  foldsNames: false,
  ...it,
})

const oidcKeys = collection({
  doc: 'Keys that sign identity tokens.',
  path: 'oidc/key',
  builtIn: ['default'],
  noun: 'OIDC key',
  turn: 0,
  shape: {
    algorithm: attribute.choice('How they sign.', ['RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512', 'EdDSA']),
    allowed_client_ids: attribute.set('Which roles and clients may use it, by ID; * for any.'),
    rotation_period: attribute.span('How often it is rotated.', { fallback: DAY }),
    verification_ttl: attribute.span('How long after that it still verifies.', { fallback: DAY }),
  },
})

const oidcRoles = collection({
  doc: 'Roles for which identity tokens are made.',
  path: 'oidc/role',
  noun: 'OIDC role',
  shape: {
    key: attribute.text('The key that signs.', { fallback: null, names: { on: 'identity', at: ['oidc/key'], but: ['default'] } }),
    template: attribute.text('What the token says, as a template in JSON.'),
    ttl: attribute.span('How long it is valid.', { fallback: DAY }),
    client_id: attribute.text('The audience; random unless said.', { fallback: null }),
  },
})

const oidcAssignments = collection({
  doc: 'Who may log in to clients.',
  path: 'oidc/assignment',
  builtIn: ['allow_all'],
  noun: 'OIDC assignment',
  shape: {
    entities: attribute.set('The names of the entities.', { link: { of: 'entity', as: 'entity_ids' } }),
    groups: attribute.set('The names of the groups.', { link: { of: 'group', as: 'group_ids' } }),
  },
})

const oidcClients = collection({
  doc: 'Applications that people log in to here.',
  path: 'oidc/client',
  noun: 'OIDC client',
  losesOnDelete: 'its ID and secret, which the application was given',
  shape: {
    key: attribute.text('The key that signs.', {
      fallback: 'default',
      fixed: true,
      names: { on: 'identity', at: ['oidc/key'], but: ['default'] },
    }),
    client_type: attribute.choice('Whether it can keep a secret.', ['confidential', 'public'], { fixed: true }),
    redirect_uris: attribute.set('Where a login may come back to.'),
    assignments: attribute.set('Who may log in.', { names: { on: 'identity', at: ['oidc/assignment'], but: ['allow_all'] } }),
    id_token_ttl: attribute.span('How long identity tokens are valid.', { fallback: DAY }),
    access_token_ttl: attribute.span('How long access tokens are valid.', { fallback: DAY }),
    authorization_code: attribute.flag('Whether people may log in to it.', { fallback: true, sparse: true }),
    client_credentials: attribute.flag('Whether it may log in by itself.', { sparse: true }),
  },
})

const oidcScopes = collection({
  doc: 'Scopes that clients may ask for.',
  path: 'oidc/scope',
  noun: 'OIDC scope',
  turn: 0,
  shape: {
    description: attribute.text('What it is for.'),
    template: attribute.text('What it says of who logs in, as a template in JSON.'),
  },
})

const oidcProviders = collection({
  doc: 'Providers that clients talk to.',
  path: 'oidc/provider',
  builtIn: ['default'],
  noun: 'OIDC provider',
  shape: {
    issuer: attribute.text("As whom it issues: scheme, host and port; the server's own unless said.", {
      fallback: null,
      tidy: value => (value as string).replace(/\/v1\/.*$/, ''),
    }),
    allowed_client_ids: attribute.set('Which clients may use it, by ID; * for any.'),
    scopes_supported: attribute.set('Which scopes it knows.', { names: { on: 'identity', at: ['oidc/scope'], but: ['openid'] } }),
  },
})

export const identity: MountType = {
  type: 'identity',
  table: 'identity',
  doc: 'Who people and machines are, whatever they log in with.',
  sections: {
    'identity/entities': entities,
    'identity/groups': groups,
    'identity/oidc/assignments': oidcAssignments,
    'identity/oidc/clients': oidcClients,
    'identity/oidc/config': oidcConfig,
    'identity/oidc/keys': oidcKeys,
    'identity/oidc/providers': oidcProviders,
    'identity/oidc/roles': oidcRoles,
    'identity/oidc/scopes': oidcScopes,
  },
}
