import { goQuote } from '../../../../kernel/index.ts'
import { f } from '../../../../schema/index.ts'
import { gives, op, route, statefulFamily, type Family, type HandlersOf } from '../../../framework/index.ts'
import { faults, type View } from '../../../logical/index.ts'
import type { State } from '../state.ts'
import { isSignedBy, partOf, signToken, type Jwk } from './algorithms.ts'
import { fill, type Holder } from './claims-template.ts'
import { keysOf, publicKeys, readKey } from './named-key.ts'
import { rolesOf } from './role.ts'
import { issuerOf, raw } from './settings.ts'

const routes = {
  token: route('oidc/token/{name}', {
    doc: 'A signed token that says who the caller is (OpenID Connect Core 1.0, section 2).',
    params: { name: f.name('Name of the role.') },
    ops: {
      read: op({
        doc: 'Make an identity token for the calling entity.',
        gives: gives.data({
          client_id: f.string('Audience of the token.'),
          token: f.string('The token.', { secret: true }),
          ttl: f.duration('How long it is valid.'),
        }),
      }),
    },
  }),
  introspect: route('oidc/introspect', {
    doc: 'Whether an identity token is valid, and the entity in it active.',
    ops: {
      write: op({
        doc: 'Look at an identity token.',
        input: { token: f.string('The token.', { secret: true }), client_id: f.string('Audience that it must have.') },
        gives: gives.raw('application/json'),
      }),
    },
  }),
}

async function holderOf({ identity }: State, id: string): Promise<Holder | undefined> {
  const entity = await identity.entity({ by: 'id', id })
  if (entity === undefined) return undefined
  const { direct, inherited } = await identity.groupsOf(id)
  const groups = await Promise.all([...direct, ...inherited].map(it => identity.group({ by: 'id', id: it })))
  return { entity, groups: groups.filter(it => it !== undefined) }
}

async function everyJwk(view: View, now: number): Promise<readonly Jwk[]> {
  const keys = keysOf(view)
  const all = await Promise.all((await keys.names()).map(name => keys.get(name)))
  return all.flatMap(key => (key === undefined ? [] : publicKeys(key, now)))
}

/** What is wrong with a token, in the words of the peer's library; undefined: nothing. */
async function problemOf(state: State, token: string, clientId: string, now: number): Promise<string | undefined> {
  const parts = token.split('.')
  if (parts.length !== 3) return 'error parsing token: go-jose/go-jose: compact JWS format must have three parts'
  const claims = partOf(parts[1] ?? '')
  if (partOf(parts[0] ?? '') === undefined || claims === undefined) return 'error parsing token: illegal base64 data at input byte 0'
  const jwks = await everyJwk(state.host.view, now)
  if (!jwks.some(jwk => isSignedBy(token, jwk))) return 'unable to validate the token signature'
  const invalid = (why: string): string => `error validating claims: go-jose/go-jose/jwt: validation failed, ${why}`
  if (claims['iss'] !== (await issuerOf(state))) return invalid('invalid issuer claim (iss)')
  if (clientId !== '' && claims['aud'] !== clientId) return invalid('invalid audience claim (aud)')
  if (typeof claims['exp'] !== 'number' || claims['exp'] * 1000 < now) return invalid('token is expired (exp)')
  const entity = await state.identity.entity({ by: 'id', id: String(claims['sub']) })
  if (entity === undefined) return 'entity was not found'
  return entity.disabled ? 'entity is disabled' : undefined
}

export const tokens: Family<State> = statefulFamily(routes, (state: State): HandlersOf<typeof routes> => ({
  token: {
    async read({ params, view, caller, now }) {
      const role = await rolesOf(view).get(params.name)
      if (role === undefined) throw faults.refused({ why: `role ${goQuote(params.name)} not found` })
      const key = await readKey(view, role.key, state.host.random, now.getTime())
      if (key === undefined) throw faults.refused({ why: `key ${goQuote(role.key)} not found` })
      if (!key.allowedClientIds.includes('*') && !key.allowedClientIds.includes(role.clientId)) {
        const why = `the key ${goQuote(role.key)} does not list the client ID of the role ${goQuote(params.name)} as an allowed client ID`
        throw faults.refused({ why })
      }
      const entityId = caller.token?.entityId ?? ''
      if (entityId === '') throw faults.refused({ why: "no entity associated with the request's token" })
      const holder = await holderOf(state, entityId)
      if (holder === undefined) throw faults.refused({ why: "no entity associated with the request's token" })
      const ttl = Math.min(role.ttl, key.verificationTtl)
      const issued = Math.floor(now.getTime() / 1000)
      const filled = role.template === '' ? { claims: {} } : fill(role.template, holder, now.getTime())
      if ('error' in filled) throw faults.failedAs({ why: filled.error })
      const claims = {
        ...filled.claims,
        aud: role.clientId,
        exp: issued + ttl,
        iat: issued,
        iss: await issuerOf(state),
        namespace: state.host.mount().namespace.id,
        sub: holder.entity.id,
      }
      return { is: 'wire', data: { client_id: role.clientId, token: signToken(claims, key.signing, key.algorithm), ttl } }
    },
  },
  introspect: {
    async write({ input, now }) {
      const error = await problemOf(state, input.token ?? '', input.clientId ?? '', now.getTime())
      return raw(error === undefined ? { active: true } : { active: false, error })
    },
  },
}))
