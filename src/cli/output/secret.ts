import type { Envelope } from '../../client/index.ts'
import { type Shape, shaped } from './json.ts'

/** A reply as the command line shows it: the envelope, its absent parts absent. */
export type Secret = Envelope

const authShape: Shape = [
  { name: 'client_token', kind: 'text' },
  { name: 'accessor', kind: 'text' },
  { name: 'policies', kind: 'list' },
  { name: 'token_policies', kind: 'list' },
  { name: 'identity_policies', kind: 'list' },
  { name: 'metadata', kind: 'map' },
  { name: 'orphan', kind: 'switch' },
  { name: 'entity_id', kind: 'text' },
  { name: 'lease_duration', kind: 'number' },
  { name: 'renewable', kind: 'switch' },
  { name: 'mfa_requirement', kind: 'map' },
]

const wrapShape: Shape = [
  { name: 'token', kind: 'text' },
  { name: 'accessor', kind: 'text' },
  { name: 'ttl', kind: 'number' },
  { name: 'creation_time', kind: 'text' },
  { name: 'creation_path', kind: 'text' },
  { name: 'wrapped_accessor', kind: 'text' },
]

const secretShape: Shape = [
  { name: 'request_id', kind: 'text' },
  { name: 'lease_id', kind: 'text' },
  { name: 'lease_duration', kind: 'number' },
  { name: 'renewable', kind: 'switch' },
  { name: 'data', kind: 'map' },
  { name: 'warnings', kind: 'list' },
  { name: 'auth', kind: authShape, sparse: true },
  { name: 'wrap_info', kind: wrapShape, sparse: true },
]

export const orderedSecret = (secret: Secret): Readonly<Record<string, unknown>> => shaped(secret, secretShape)

/** The names under which -field finds the parts of a login and of a wrapped reply. */
const AUTH_FIELDS: Readonly<Record<string, string>> = {
  token: 'client_token',
  token_accessor: 'accessor',
  token_duration: 'lease_duration',
  token_renewable: 'renewable',
  token_policies: 'token_policies',
  identity_policies: 'identity_policies',
  policies: 'policies',
}
const WRAP_FIELDS: Readonly<Record<string, string>> = {
  wrapping_token: 'token',
  wrapping_accessor: 'accessor',
  wrapping_token_ttl: 'ttl',
  wrapping_token_creation_time: 'creation_time',
  wrapping_token_creation_path: 'creation_path',
  wrapped_accessor: 'wrapped_accessor',
}
const ENVELOPE_FIELDS: Readonly<Record<string, keyof Secret>> = {
  lease_duration: 'lease_duration',
  lease_id: 'lease_id',
  request_id: 'request_id',
  renewable: 'renewable',
  refresh_interval: 'lease_duration',
}

const own = <T>(map: Readonly<Record<string, T>> | null | undefined, key: string): T | undefined =>
  map !== null && map !== undefined && Object.hasOwn(map, key) ? map[key] : undefined

/** What -field=NAME means in this reply; undefined or null when it holds no such thing. */
export function fieldOf(secret: Secret, name: string): unknown {
  const { auth, wrap_info: wrap, data } = secret
  if (auth !== null && auth !== undefined) {
    const part = own(AUTH_FIELDS, name)
    return part === undefined ? own(data, name) : (shaped(auth, authShape)[part] ?? [])
  }
  if (wrap !== null && wrap !== undefined) {
    const part = own(WRAP_FIELDS, name)
    return part === undefined ? own(data, name) : shaped(wrap, wrapShape)[part]
  }
  const part = own(ENVELOPE_FIELDS, name)
  if (part !== undefined) return orderedSecret(secret)[part]
  if (name === 'data') return own(data, 'data') ?? data
  return own(data, name)
}
