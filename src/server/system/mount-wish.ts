/** What sys/mounts and sys/auth share: the fields of a mount, how they are read, how a mount is shown. */
import { parseDuration } from '../../kernel/index.ts'
import { f, type FieldsOf, type WireObject } from '../../schema/index.ts'
import { faults, type MountConfig, type MountEntry, type MountWish } from '../logical/index.ts'
import { shownLockout } from './lockout-settings.ts'

export interface MountInput {
  readonly type?: string
  readonly description: string
  readonly config?: WireObject
  readonly options?: WireObject
  readonly local: boolean
  readonly sealWrap: boolean
  readonly externalEntropyAccess: boolean
  readonly pluginName?: string
  readonly pluginVersion?: string
}

export const mountInput: FieldsOf<MountInput> = {
  type: f.string('Type of the engine or method: `kv`, `approle`.'),
  description: f.string('What it is for.').default(''),
  config: f.map('Its times and other settings, as tune takes them.'),
  options: f.map('Options of the type, such as the `version` of kv.'),
  local: f.bool('Not replicated.').default(false),
  seal_wrap: f.bool("Asks for the seal's own wrapping of its critical records.").default(false),
  external_entropy_access: f.bool('Asks for an outside source of randomness.').default(false),
  plugin_name: f.string('Old name of type, for plugins.'),
  plugin_version: f.string('Version of a plugin; built-in types have none.'),
}

export function wishOf(table: 'secret' | 'auth', input: MountInput): MountWish {
  let type = input.type ?? ''
  if (type === 'plugin') {
    if (!input.pluginName) throw faults.refused({ why: 'plugin_name must be provided for plugin backend' })
    type = input.pluginName
  }
  if (type === '') throw faults.refused({ why: 'backend type must be specified as a string' })
  let options = input.options === undefined ? {} : textsOf(input.options)
  // Two names of one engine: the number in the name is the version.
  const kv = /^kv-v([12])$/.exec(type)
  if (table === 'secret' && kv) {
    type = 'kv'
    options = { ...options, version: kv[1] as string }
  }
  const version = options['version']
  if (type === 'kv' && version !== undefined && version !== '1' && version !== '2')
    throw faults.refused({ why: 'nil backend of type "kv" returned from factory' })
  if (type === 'generic' && table === 'secret') type = 'kv'
  return {
    type,
    description: input.description,
    options,
    config: configOf(table, input.config ?? {}),
    local: input.local,
    sealWrap: input.sealWrap,
    externalEntropyAccess: input.externalEntropyAccess,
  }
}

const textOf = (raw: unknown): string => (typeof raw === 'string' ? raw : JSON.stringify(raw))

export const textsOf = (map: WireObject): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(map).map(([key, value]) => [key, textOf(value)]))

function configOf(table: 'secret' | 'auth', config: WireObject): MountConfig {
  const ttl = (name: string, what: string): number => {
    const raw = config[name]
    if (raw === undefined || raw === null || raw === '' || raw === 'system') return 0
    const value = parseDuration(raw)
    if (value === undefined) {
      const text = textOf(raw)
      throw faults.refused({ why: `unable to parse ${what} TTL of ${text}: ${durationWhy(text)}` })
    }
    return Math.trunc(value)
  }
  const defaultLeaseTtl = ttl('default_lease_ttl', 'default')
  const maxLeaseTtl = ttl('max_lease_ttl', 'max')
  if (maxLeaseTtl !== 0 && defaultLeaseTtl > maxLeaseTtl)
    throw faults.refused({ why: 'given default lease TTL greater than given max lease TTL' })
  const visibility = config['listing_visibility']
  const tokenType = table === 'auth' ? tokenTypeOf(config['token_type']) : undefined
  return {
    defaultLeaseTtl,
    maxLeaseTtl,
    forceNoCache: config['force_no_cache'] === true || config['force_no_cache'] === 'true',
    ...(typeof visibility === 'string' && visibility !== '' && { listingVisibility: visibilityOf(visibility) }),
    ...(tokenType !== undefined && { tokenType }),
    ...lists(config),
  }
}

const durationWhy = (text: string): string => {
  let why = ''
  f.signedDuration('').decode(text, it => void (why = it))
  return why
}

function tokenTypeOf(raw: unknown): string {
  if (raw === undefined || raw === null || raw === '') return 'default-service'
  if (raw === 'service' || raw === 'batch' || raw === 'default-service' || raw === 'default-batch') return raw
  throw faults.refused({ why: "invalid value for 'token_type'" })
}

export function visibilityOf(text: string): string {
  if (text === '' || text === 'hidden' || text === 'unauth') return text
  throw faults.refused({ why: `invalid listing_visibility ${text}` })
}

const LISTS = [
  ['audit_non_hmac_request_keys', 'auditNonHmacRequestKeys'],
  ['audit_non_hmac_response_keys', 'auditNonHmacResponseKeys'],
  ['passthrough_request_headers', 'passthroughRequestHeaders'],
  ['allowed_response_headers', 'allowedResponseHeaders'],
] as const

function lists(config: WireObject): Partial<MountConfig> {
  const out: Record<string, readonly string[]> = {}
  for (const [wire, inner] of LISTS) {
    const raw = config[wire]
    if (raw === undefined || raw === null) continue
    const parts = Array.isArray(raw) ? raw.map(String) : textOf(raw).split(',')
    const kept = parts.map(it => it.trim()).filter(it => it !== '')
    if (kept.length > 0) out[inner] = kept
  }
  return out
}

/** A mount as listings show it. */
export function shown(entry: MountEntry, version: string): WireObject {
  return {
    accessor: entry.accessor,
    config: shownConfig(entry),
    ...(deprecation(entry) && { deprecation_status: 'supported' }),
    description: entry.description,
    external_entropy_access: entry.externalEntropyAccess,
    local: entry.local,
    options: entry.options,
    plugin_version: entry.pluginVersion,
    running_plugin_version: `v${version}+builtin.bao`,
    running_sha256: '',
    seal_wrap: entry.sealWrap,
    type: entry.type,
    uuid: entry.uuid,
  }
}

/** Built-in mounts are no plugins, so nothing is said of their support. */
const deprecation = (entry: MountEntry): boolean => !/^(?:ns_)?(?:system|identity|cubbyhole|token)$/.test(entry.type)

function shownConfig({ config, table }: MountEntry): WireObject {
  return {
    ...listsOf(config),
    default_lease_ttl: config.defaultLeaseTtl,
    force_no_cache: config.forceNoCache,
    ...(config.listingVisibility && { listing_visibility: config.listingVisibility }),
    max_lease_ttl: config.maxLeaseTtl,
    ...(table === 'auth' && { token_type: config.tokenType ?? 'default-service' }),
    ...(config.userLockout && { user_lockout_config: shownLockout(config.userLockout) }),
  }
}

export const listsOf = (config: MountConfig): WireObject =>
  Object.fromEntries(LISTS.flatMap(([wire, inner]) => ((config[inner]?.length ?? 0) === 0 ? [] : [[wire, config[inner]]])))
