import { textOf, type Home, type MountTable, type Values } from '../model/index.ts'
import { attribute, type Shape } from './attribute.ts'
import type { MountType } from './mount-type.ts'
import { mountTypes } from './mount-types/index.ts'

/** What a mount file says of the mount itself, beside its type and its tuning. */
export const mountHead: Shape = {
  description: attribute.text('What the mount is for.'),
  local: attribute.flag('Whether the mount is not replicated.', { fixed: true }),
  seal_wrap: attribute.flag('Whether its storage is wrapped by the seal.', { fixed: true }),
  external_entropy_access: attribute.flag('Whether it may use external entropy.', { fixed: true }),
  options: attribute.pairs('Options of its type.', { fallback: {} }),
}

const tuneOfBoth: Shape = {
  default_lease_ttl: attribute.span("How long a lease lives; 0 for the system's default."),
  max_lease_ttl: attribute.span("How long a lease lives at most; 0 for the system's maximum."),
  force_no_cache: attribute.flag('Whether its storage is not cached.', { fixed: true }),
  listing_visibility: attribute.choice('Whether people without a token see the mount.', ['hidden', 'unauth', ''], {
    tidy: value => (value === '' ? 'hidden' : value),
  }),
  audit_non_hmac_request_keys: attribute.set('Request keys that the audit log shows in clear.'),
  audit_non_hmac_response_keys: attribute.set('Reply keys that the audit log shows in clear.'),
  passthrough_request_headers: attribute.set('Request headers that reach the plug-in.'),
  allowed_response_headers: attribute.set('Reply headers that the plug-in may set.'),
}

const tokenTypes = ['default-service', 'default-batch', 'service', 'batch']

/** By table. `tune` in the file, `config` in the API's answers. */
export const tuneShapes: Readonly<Record<MountTable, Shape>> = {
  engine: tuneOfBoth,
  auth: { ...tuneOfBoth, token_type: attribute.choice('What kind of tokens logins give.', tokenTypes) },
}

export const TUNE = 'tune.'

const prefixed = (shape: Shape): Shape => Object.fromEntries(Object.entries(shape).map(([name, it]) => [`${TUNE}${name}`, it]))

/** All attributes of a mount, those of its tuning with `tune.` in front. */
export const mountShapes: Readonly<Record<MountTable, Shape>> = {
  engine: { type: attribute.text('Its type.', { fallback: null, fixed: true }), ...mountHead, ...prefixed(tuneShapes.engine) },
  auth: { type: attribute.text('Its type.', { fallback: null, fixed: true }), ...mountHead, ...prefixed(tuneShapes.auth) },
}

export const mountTypeOf = (table: Home, type: string): MountType | undefined => mountTypes[`${table}/${type}`]

export type Options = Readonly<Record<string, string>>
export const optionsOf = (mount: Values): Options => (mount['options'] ?? {}) as Options

/** `kv-v2` is `kv` with version 2, and a version that was not said is said. */
export function canonicalMount(table: MountTable, values: Values): Values {
  const said = textOf(values['type'])
  const base = Object.values(mountTypes).find(it => it.table === table && it.aliases?.[said] !== undefined)
  const type = base?.type ?? said
  const options = { ...optionsOf(values), ...base?.aliases?.[said] }
  const canonical = mountTypeOf(table, type)?.canonicalOptions?.(options) ?? options
  return { ...values, type, options: canonical }
}

/** What every server has, as the types of mounts that it is like. */
export const homes: readonly { readonly home: 'sys' | 'identity'; readonly type: string }[] = [
  { home: 'sys', type: 'system' },
  { home: 'identity', type: 'identity' },
]

/** Mounts that every server has. Nobody creates or removes them. */
export const builtInMounts: Readonly<Record<MountTable, readonly string[]>> = {
  auth: ['token', 'ns_token'],
  engine: ['sys', 'identity', 'cubbyhole', 'ns_system', 'ns_identity', 'ns_cubbyhole', 'agent-registry'],
}

/** Where nothing can be mounted, since the API itself stands there. */
export const reservedRoots: Readonly<Record<MountTable, readonly string[]>> = {
  auth: ['token'],
  engine: ['sys', 'auth', 'identity', 'cubbyhole', 'audit'],
}
