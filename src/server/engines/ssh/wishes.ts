/** What of a wished certificate a role allows. The words of a refusal are the peer's. */
import { createHash } from 'node:crypto'
import type { WireObject } from '../../../schema/index.ts'
import { faults, type Caller, type Host } from '../../logical/index.ts'
import type { Options } from './certificate.ts'
import type { SshPublicKey } from './public-key.ts'
import { partsOf, type CaRole } from './role.ts'
import { textsOf } from './roles.ts'

const TEMPLATE = /\{\{.+?\}\}/
const entityIdOf = (caller: Caller): string => caller.token?.entityId ?? ''
const forbiddenIn = (role: CaRole): readonly string[] => [
  ...(role.allowCommasInIdentityTemplates ? [] : [',']),
  ...(role.allowWildcardsInIdentityTemplates ? [] : ['*']),
]

class Unrendered extends Error {}

/** Of a caller without an entity a template stays as it is: no name fits it. */
async function rendered(text: string, host: Host, caller: Caller, forbidden: readonly string[]): Promise<string> {
  const entityId = entityIdOf(caller)
  if (entityId === '' || !TEMPLATE.test(text)) return text
  const filled = await host.fillTemplate(text, entityId, forbidden)
  if (filled.is === 'text') return filled.text
  throw new Unrendered(filled.is === 'no entity' ? 'no entity found' : `template '${text}' could not be rendered -> ${filled.why}`)
}

const refusing = async <T>(work: Promise<T>): Promise<T> => {
  try {
    return await work
  } catch (cause) {
    if (cause instanceof Unrendered) throw faults.refused({ why: cause.message }, { cause })
    throw cause
  }
}

export function certType(text: string, role: CaRole): 'user' | 'host' {
  if (text !== 'user' && text !== 'host') throw faults.refused({ why: "cert_type must be either 'user' or 'host'" })
  if (!(text === 'user' ? role.allowUserCertificates : role.allowHostCertificates))
    throw faults.refused({ why: `cert_type '${text}' is not allowed by role` })
  return text
}

export function keyId(wish: string, role: CaRole, roleName: string, key: SshPublicKey, caller: Caller): string {
  if (wish !== '') {
    if (!role.allowUserKeyIds) throw faults.refused({ why: 'setting key_id is not allowed by role' })
    return wish
  }
  const name = caller.token?.displayName ?? ''
  const format = role.keyIdFormat || (name === '' ? 'vault-{{public_key_hash}}' : 'vault-{{token_display_name}}-{{public_key_hash}}')
  const values: Readonly<Record<string, string>> = {
    token_display_name: name,
    role_name: roleName,
    public_key_hash: createHash('sha256').update(key.blob).digest('hex'),
  }
  // In one pass: a display name that looks like a variable is not one.
  return format.replaceAll(/\{\{(\w+)\}\}/g, (whole, word: string) => (Object.hasOwn(values, word) ? (values[word] as string) : whole))
}

/** The names that a certificate is for; empty: for any. A wish that was not said is not the same as none. */
export async function principals(
  type: 'user' | 'host',
  wish: string | undefined,
  role: CaRole,
  host: Host,
  caller: Caller,
): Promise<readonly string[]> {
  const isHost = type === 'host'
  const fallback = isHost ? '' : await defaultUser(role, host, caller)
  const wanted = partsOf(wish ?? fallback)
  const list = isHost ? role.allowedDomains : role.allowedUsers
  const isTemplate = isHost ? role.allowedDomainsTemplate : role.allowedUsersTemplate
  const allowed = partsOf(isTemplate ? await refusing(rendered(list, host, caller, forbiddenIn(role))) : list)
  if (wanted.length === 0) {
    if (role.allowEmptyPrincipals || list === '*') return []
    throw faults.refused({
      why: 'refusing to issue unsafe, globally-valid certificate with no principals specified; set valid_principals or default_user',
    })
  }
  if (allowed.length === 0) throw faults.refused({ why: 'role is not configured to allow any principals' })
  if (list === '*') return wanted
  for (const name of wanted) {
    if (!(isHost ? isBelow(name, allowed, role) : allowed.includes(name)))
      throw faults.refused({ why: `${name} is not a valid value for valid_principals` })
  }
  return wanted
}

async function defaultUser(role: CaRole, host: Host, caller: Caller): Promise<string> {
  if (!role.defaultUserTemplate) return role.defaultUser
  try {
    return await rendered(role.defaultUser, host, caller, forbiddenIn(role))
  } catch (cause) {
    if (cause instanceof Unrendered) throw faults.failedAs({ why: cause.message }, { cause })
    throw cause
  }
}

const isBelow = (name: string, domains: readonly string[], role: CaRole): boolean =>
  domains.some(it => (role.allowBareDomains && it === name) || (role.allowSubdomains && name.endsWith(`.${it}`)))

/** Seconds. */
export function ttlOf(wish: number | undefined, role: CaRole, host: Host): number {
  const defaults = host.leaseDefaults()
  const ttl = (wish ?? role.ttl) || defaults.ttl
  const most = role.maxTtl || defaults.maxTtl
  if (ttl <= most) return ttl
  if (wish !== undefined) throw faults.refused({ why: `ttl is larger than maximum allowed ${most}` })
  return most
}

export function criticalOptions(wish: WireObject, role: CaRole): Options {
  const options = textsOf(wish)
  const names = Object.keys(options)
  if (names.length === 0) return role.defaultCriticalOptions
  const allowed = role.allowedCriticalOptions.split(',')
  const not = role.allowedCriticalOptions === '' ? [] : names.filter(it => !allowed.includes(it))
  if (not.length > 0) throw faults.refused({ why: `critical options not on allowed list: [${not.join(' ')}]` })
  return options
}

/** `missing`: some needed an entity, which the caller has not, and were left out. */
export async function extensions(
  wish: WireObject,
  role: CaRole,
  host: Host,
  caller: Caller,
): Promise<{ readonly options: Options; readonly missing: boolean }> {
  const options = textsOf(wish)
  const names = Object.keys(options)
  if (names.length > 0) {
    const allowed = role.allowedExtensions.split(',')
    const not = role.allowedExtensions === '*' ? [] : names.filter(it => !allowed.includes(it))
    if (not.length > 0) throw faults.refused({ why: `extensions [${not.join(' ')}] are not on allowed list` })
    return { options, missing: false }
  }
  if (!role.defaultExtensionsTemplate) return { options: role.defaultExtensions, missing: false }
  const filled: Record<string, string> = {}
  let missing = false
  for (const [name, value] of Object.entries(role.defaultExtensions)) {
    if (TEMPLATE.test(value) && entityIdOf(caller) === '') missing = true
    else filled[name] = await refusing(rendered(value, host, caller, []))
  }
  return { options: filled, missing }
}
