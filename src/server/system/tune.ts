/** Reading and changing what is tunable on a mount, for both tables. */
import { parseDuration } from '../../kernel/index.ts'
import { f, type FieldsOf, type WireObject } from '../../schema/index.ts'
import { faults, type MountConfig, type MountEntry, type SystemPorts } from '../logical/index.ts'
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
    ...(config.userLockout && { user_lockout_config: config.userLockout }),
  }
}

/** True when the change makes kv a version 2: worth a warning. */
export async function tune(ports: SystemPorts, entry: MountEntry, input: TuneInput): Promise<boolean> {
  const builtIn = entry.type === 'system' || entry.type === 'cubbyhole' || entry.type === 'identity'
  const config: { -readonly [K in keyof MountConfig]?: MountConfig[K] } = {}
  times(ports, entry, input, builtIn, config)
  if (input.listingVisibility !== undefined) config.listingVisibility = visibilityOf(input.listingVisibility)
  if (input.tokenType !== undefined) config.tokenType = tokenType(entry, input.tokenType)
  if (input.auditNonHmacRequestKeys) config.auditNonHmacRequestKeys = input.auditNonHmacRequestKeys
  if (input.auditNonHmacResponseKeys) config.auditNonHmacResponseKeys = input.auditNonHmacResponseKeys
  if (input.passthroughRequestHeaders) config.passthroughRequestHeaders = input.passthroughRequestHeaders
  if (input.allowedResponseHeaders) config.allowedResponseHeaders = input.allowedResponseHeaders
  if (input.userLockoutConfig) {
    if (entry.table !== 'auth') throw faults.refused({ why: "'user_lockout_config' can only be modified on auth mounts" })
    config.userLockout = input.userLockoutConfig
  }
  const options = input.options && textsOf(Object.fromEntries(input.options))
  const upgrade = options !== undefined && upgradesKv(entry, options)
  await ports.mounts.tune(entry, {
    ...(input.description !== undefined && { description: input.description }),
    ...(options && Object.keys(options).length > 0 && { options }),
    config,
  })
  return upgrade
}

function times(
  ports: SystemPorts,
  entry: MountEntry,
  input: TuneInput,
  builtIn: boolean,
  config: { -readonly [K in keyof MountConfig]?: MountConfig[K] },
): void {
  for (const [name, raw] of [
    ['default_lease_ttl', input.defaultLeaseTtl],
    ['max_lease_ttl', input.maxLeaseTtl],
  ] as const) {
    if (raw === undefined || raw === '') continue
    if (builtIn) throw faults.refused({ why: `cannot tune parameter ${name} of ${entry.path}` })
    const value = raw === 'system' ? 0 : spanOf(raw)
    if (name === 'default_lease_ttl') config.defaultLeaseTtl = value
    else config.maxLeaseTtl = value
  }
  const { defaultLeaseTtl = entry.config.defaultLeaseTtl, maxLeaseTtl = entry.config.maxLeaseTtl } = config
  if (config.defaultLeaseTtl === undefined && config.maxLeaseTtl === undefined) return
  const longest = maxLeaseTtl > 0 ? maxLeaseTtl : ports.facts().maxLeaseTtl
  if (defaultLeaseTtl > longest) {
    throw faults.refused({
      why:
        maxLeaseTtl > 0
          ? `backend max lease TTL of ${maxLeaseTtl} would be less than backend default lease TTL of ${defaultLeaseTtl}`
          : `backend default lease TTL of ${defaultLeaseTtl} would be greater than system max lease TTL of ${longest}`,
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

function upgradesKv(entry: MountEntry, options: Readonly<Record<string, string>>): boolean {
  const wanted = options['version']
  if (wanted === undefined || entry.type !== 'kv') return false
  const current = entry.options?.['version'] ?? '1'
  if (current === '2' && wanted !== '2') throw faults.refused({ why: `cannot downgrade mount from version ${current}` })
  if (wanted !== '1' && wanted !== '2') throw faults.refused({ why: `unsupported kv version ${wanted}` })
  return current !== '2' && wanted === '2'
}

export const UPGRADE_WARNING =
  'Upgrading mount from version 0 to version 0. This mount will be unavailable for a brief period and will resume service shortly.'
