/** Reading and changing what is tunable on a mount, for both tables. */
import { parseDuration } from '../../kernel/index.ts'
import { codec, f, type FieldsOf, type WireObject } from '../../schema/index.ts'
import { faults, type MountConfig, type MountEntry, type SystemPorts } from '../logical/index.ts'
import { shownLockout, withLockout } from './lockout-settings.ts'
import { listsOf, textsOf, visibilityOf } from './mount-wish.ts'

export interface TuneInput {
  readonly defaultLeaseTtl?: string
  readonly maxLeaseTtl?: string
  readonly description?: string
  readonly auditNonHmacRequestKeys?: readonly string[]
  readonly auditNonHmacResponseKeys?: readonly string[]
  readonly passthroughRequestHeaders?: readonly string[]
  readonly allowedResponseHeaders?: readonly string[]
  readonly listingVisibility?: string
  readonly tokenType?: string
  readonly options?: ReadonlyMap<string, string>
  readonly userLockoutConfig?: WireObject
  readonly pluginVersion?: string
}
export const tuneInput: FieldsOf<TuneInput> = {
  default_lease_ttl: f.string('Default time to live of its leases; `system` for the server’s.'),
  max_lease_ttl: f.string('Longest time to live of its leases; `system` for the server’s.'),
  description: f.string('What it is for.'),
  audit_non_hmac_request_keys: f.strings('Request keys that audit shows in clear.'),
  audit_non_hmac_response_keys: f.strings('Response keys that audit shows in clear.'),
  passthrough_request_headers: f.strings('Request headers that are passed to it.'),
  allowed_response_headers: f.strings('Response headers that it may set.'),
  listing_visibility: f.string('`unauth` shows it to callers without a token; `hidden` or empty does not.'),
  token_type: f.string('For auth mounts: the type of token it grants.'),
  options: f.pairs('Options of the type.'),
  user_lockout_config: f.map('For auth mounts: when failed logins lock a user out.'),
  plugin_version: f.string('Version of a plugin; built-in types have none.'),
}

export function tuned(ports: SystemPorts, entry: MountEntry): WireObject {
  const { ttl, maxTtl } = ports.mounts.leaseDefaults(entry)
  const { config } = entry
  return {
    ...listsOf(config),
    default_lease_ttl: ttl,
    description: entry.description,
    force_no_cache: config.forceNoCache,
    ...(config.listingVisibility && { listing_visibility: config.listingVisibility }),
    max_lease_ttl: maxTtl,
    ...(entry.options && Object.keys(entry.options).length > 0 && { options: entry.options }),
    ...(entry.table === 'auth' && { token_type: config.tokenType ?? 'default-service' }),
    ...(config.userLockout && shownLockout(config.userLockout)),
  }
}

/** What to warn of, when the change touches the version of a kv mount. */
export async function tune(ports: SystemPorts, entry: MountEntry, input: TuneInput): Promise<string | undefined> {
  refuseUntunable(entry, input)
  const config: { -readonly [K in keyof MountConfig]?: MountConfig[K] } = {}
  times(entry, input, config)
  if (input.listingVisibility !== undefined) config.listingVisibility = visibilityOf(input.listingVisibility)
  if (input.tokenType !== undefined) config.tokenType = tokenType(entry, input.tokenType)
  if (input.auditNonHmacRequestKeys) config.auditNonHmacRequestKeys = input.auditNonHmacRequestKeys
  if (input.auditNonHmacResponseKeys) config.auditNonHmacResponseKeys = input.auditNonHmacResponseKeys
  if (input.passthroughRequestHeaders) config.passthroughRequestHeaders = input.passthroughRequestHeaders
  if (input.allowedResponseHeaders) config.allowedResponseHeaders = input.allowedResponseHeaders
  if (input.userLockoutConfig) {
    config.userLockout = withLockout(entry, input.userLockoutConfig)
  }
  const options = input.options && textsOf(Object.fromEntries(input.options))
  const upgrade = options !== undefined && upgradesKv(entry, options)
  await ports.mounts.tune(entry, {
    ...(input.description !== undefined && { description: input.description }),
    ...(options && Object.keys(options).length > 0 && { options }),
    config,
  })
  if (!upgrade) return undefined
  return `Upgrading mount from version ${entry.options?.['version'] ?? 0} to version 0. This mount will be unavailable for a brief period and will resume service shortly.`
}

/** Of the mounts that every server has, only what audit shows in clear can be changed. */
function refuseUntunable(entry: MountEntry, input: TuneInput): void {
  if (!['system', 'cubbyhole', 'identity'].includes(entry.type)) return
  const allowed = new Set(['audit_non_hmac_request_keys', 'audit_non_hmac_response_keys'])
  const given = Object.keys(codec(tuneInput).encode(input as never)).find(name => !allowed.has(name))
  if (given !== undefined) throw faults.refused({ why: `cannot tune parameter ${given} of ${entry.path}` })
}

function times(entry: MountEntry, input: TuneInput, config: { -readonly [K in keyof MountConfig]?: MountConfig[K] }): void {
  for (const [inner, raw] of [
    ['defaultLeaseTtl', input.defaultLeaseTtl],
    ['maxLeaseTtl', input.maxLeaseTtl],
  ] as const) {
    if (raw === undefined || raw === '') continue
    config[inner] = raw === 'system' ? 0 : spanOf(raw)
  }
  const { defaultLeaseTtl = entry.config.defaultLeaseTtl, maxLeaseTtl = entry.config.maxLeaseTtl } = config
  if (defaultLeaseTtl !== 0 && maxLeaseTtl !== 0 && maxLeaseTtl < defaultLeaseTtl) {
    throw faults.refused({
      why: `backend max lease TTL of ${maxLeaseTtl} would be less than backend default lease TTL of ${defaultLeaseTtl}`,
    })
  }
}

function spanOf(raw: string): number {
  const value = parseDuration(raw)
  if (value !== undefined) return Math.trunc(value)
  let why = ''
  f.signedDuration('').decode(raw, it => void (why = it))
  throw faults.refused({ why })
}

function tokenType(entry: MountEntry, type: string): string {
  if (entry.table !== 'auth') throw faults.refused({ why: "'token_type' can only be modified on auth mounts" })
  if (entry.type === 'token') throw faults.refused({ why: "'token_type' cannot be set for 'token' or 'ns_token' auth mounts" })
  if (['service', 'batch', 'default-service', 'default-batch'].includes(type)) return type
  throw faults.refused({ why: "invalid value for 'token_type'" })
}

/** Any word about the version of a mount that has none yet counts as an upgrade at the peer, from 1 to 1 too. */
function upgradesKv(entry: MountEntry, options: Readonly<Record<string, string>>): boolean {
  const wanted = options['version']
  if (wanted === undefined || entry.type !== 'kv') return false
  const current = entry.options?.['version'] ?? ''
  if (!/^\d+$/.test(wanted))
    throw faults.refused({ why: `unable to parse options: strconv.ParseInt: parsing ${JSON.stringify(wanted)}: invalid syntax` })
  if (wanted !== '1' && wanted !== '2') throw faults.refused({ why: `invalid version provided: ${wanted}` })
  if (current === '2' && wanted !== '2') throw faults.refused({ why: `cannot downgrade mount from version ${current}` })
  return current !== wanted
}
