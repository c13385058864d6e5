import { goDuration } from '../../../kernel/index.ts'
import { type Flag, flag } from '../../flag.ts'

type Body = Readonly<Record<string, unknown>>

/** The settings that enabling and tuning share, for secrets engines and auth methods alike. */
export interface SettingFlags {
  readonly auditNonHmacRequestKeys: Flag<readonly string[]>
  readonly auditNonHmacResponseKeys: Flag<readonly string[]>
  readonly defaultLeaseTtl: Flag<number | undefined>
  readonly description: Flag<string | undefined>
  readonly listingVisibility: Flag<string | undefined>
  readonly maxLeaseTtl: Flag<number | undefined>
  readonly passthroughRequestHeaders: Flag<readonly string[]>
  readonly allowedResponseHeaders: Flag<readonly string[]>
  readonly options: Flag<ReadonlyMap<string, string>>
  readonly version: Flag<number | undefined>
  readonly pluginVersion: Flag<string | undefined>
}

export const settingFlags: SettingFlags = {
  auditNonHmacRequestKeys: flag.strings('A key of requests that audit devices write in clear; may be repeated.'),
  auditNonHmacResponseKeys: flag.strings('A key of replies that audit devices write in clear; may be repeated.'),
  defaultLeaseTtl: flag.duration("How long what comes from here lives, unless it says so itself; the server's default without it."),
  description: flag.string('What it is for, in words for people.'),
  listingVisibility: flag.string('Whether the login page may show it: "unauth", or "hidden".'),
  maxLeaseTtl: flag.duration("How long what comes from here can live at most; the server's maximum without it."),
  passthroughRequestHeaders: flag.strings('A request header to hand on to it; may be repeated.'),
  allowedResponseHeaders: flag.strings('A header that its replies may set; may be repeated.'),
  options: flag.pairs('A mount option; may be repeated.'),
  version: flag.int('The version of its kind to run, where a kind has versions; short for -options=version=N.'),
  pluginVersion: flag.string('The version of the plugin to run.'),
}

export interface EnableFlags {
  readonly path: Flag<string | undefined>
  readonly pluginName: Flag<string | undefined>
  readonly local: Flag<boolean>
  readonly sealWrap: Flag<boolean>
  readonly externalEntropyAccess: Flag<boolean>
}

export const enableFlags: EnableFlags = {
  path: flag.string('Where to mount it; the name of its type without it.'),
  pluginName: flag.string('The plugin to mount, where the type is given as "plugin".'),
  local: flag.bool('Keep it out of replication.'),
  sealWrap: flag.bool('Wrap its critical values by the seal as well.'),
  externalEntropyAccess: flag.bool('Let it draw on an external source of entropy.'),
}

export type Settings = { readonly [K in keyof SettingFlags]: SettingFlags[K] extends Flag<infer T> ? T : never }

export function optionsOf({ options, version = 0 }: Settings): Readonly<Record<string, string>> | null {
  const all = version > 0 ? new Map([...options, ['version', String(version)]]) : options
  return all.size === 0 ? null : Object.fromEntries([...all].sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** What was given on the command line, and only that, since an empty value is one that can be set. */
export function givenSettings(flags: Settings, set: ReadonlySet<string>): Body {
  return {
    ...(set.has('auditNonHmacRequestKeys') ? { audit_non_hmac_request_keys: flags.auditNonHmacRequestKeys } : {}),
    ...(set.has('auditNonHmacResponseKeys') ? { audit_non_hmac_response_keys: flags.auditNonHmacResponseKeys } : {}),
    ...(set.has('listingVisibility') ? { listing_visibility: flags.listingVisibility } : {}),
    ...(set.has('passthroughRequestHeaders') ? { passthrough_request_headers: flags.passthroughRequestHeaders } : {}),
    ...(set.has('allowedResponseHeaders') ? { allowed_response_headers: flags.allowedResponseHeaders } : {}),
  }
}

/** A span for a tune request, where nothing is "as it is". */
export const tuneTtl = (seconds = 0): string => (seconds === 0 ? '' : seconds < 0 ? 'system' : goDuration(seconds))

/** What only auth methods can be tuned to. */
interface AuthSettings {
  readonly tokenType?: string | undefined
  readonly lockout?: Body
}

export function tuneBody(flags: Settings, set: ReadonlySet<string>, { tokenType, lockout = {} }: AuthSettings = {}): Body {
  return {
    options: optionsOf(flags),
    default_lease_ttl: tuneTtl(flags.defaultLeaseTtl),
    ...(set.has('description') ? { description: flags.description } : {}),
    max_lease_ttl: tuneTtl(flags.maxLeaseTtl),
    force_no_cache: false,
    ...givenSettings(flags, set),
    ...(tokenType === undefined ? {} : { token_type: tokenType }),
    ...(flags.pluginVersion === undefined ? {} : { plugin_version: flags.pluginVersion }),
    ...(Object.keys(lockout).length === 0 ? {} : { user_lockout_config: lockout }),
  }
}

/** A span for the API, where 0 is the server's default. */
export const lease = (seconds = 0): string => goDuration(seconds)
