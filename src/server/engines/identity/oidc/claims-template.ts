/**
 * Templates of claims: a JSON object with `{{…}}` where a value of the holder stands, put in as JSON. Unlike in policies, a value that is not
 * there is an empty one: a token must not fail for want of a team.
 */
import { goQuote, parseDuration } from '../../../../kernel/index.ts'
import type { IdentityAlias, IdentityEntity, IdentityGroup, Labels } from '../../../logical/index.ts'

export interface Holder {
  readonly entity: IdentityEntity
  readonly groups: readonly IdentityGroup[]
}
export type Filled = { readonly claims: Readonly<Record<string, unknown>> } | { readonly error: string }

/** Claims that the server alone makes. */
export const RESTRICTED: readonly string[] = ['iat', 'aud', 'exp', 'iss', 'sub', 'namespace', 'nonce', 'auth_time', 'at_hash', 'c_hash']

export function fill(template: string, holder: Holder, now: number): Filled {
  const [head = '', ...pieces] = template.split('{{')
  if (head.includes('}}')) return UNBALANCED
  let text = head
  for (const piece of pieces) {
    const [selector = '', rest, ...more] = piece.split('}}')
    if (rest === undefined || more.length > 0) return UNBALANCED
    const value = valueOf(selector.trim(), holder, now)
    if (typeof value === 'object') return { error: `error parsing template: ${value.wrong}` }
    if (value === undefined) return { error: 'error parsing template: no value could be found for one of the template directives' }
    text += value + rest
  }
  return parsed(text)
}

const UNBALANCED: Filled = { error: 'error parsing template: unbalanced templating characters' }

function parsed(text: string): Filled {
  const prefix = 'error parsing template JSON: '
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    const first = text.trimStart()[0]
    if (first === undefined) return { error: `${prefix}unexpected end of JSON input` }
    if (!'{["-0123456789tfn'.includes(first)) return { error: `${prefix}invalid character '${first}' looking for beginning of value` }
    return { error: `${prefix}invalid JSON` }
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { claims: value as Record<string, unknown> }
  const kind = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value
  return { error: `${prefix}json: cannot unmarshal ${kind} into Go value of type map[string]interface {}` }
}

/** As JSON; undefined for a selector that is none. */
function valueOf(selector: string, { entity, groups }: Holder, now: number): string | undefined | { readonly wrong: string } {
  const json = JSON.stringify
  const words = selector.split('.')
  if (selector === 'identity.entity.id') return json(entity.id)
  if (selector === 'identity.entity.name') return json(entity.name)
  if (selector === 'identity.entity.metadata') return json(entity.metadata ?? {})
  if (selector.startsWith('identity.entity.metadata.')) return json(labelOf(entity.metadata, words.slice(3)))
  if (selector === 'identity.entity.groups.ids') return groups.length === 0 ? 'null' : json(groups.map(it => it.id))
  if (selector === 'identity.entity.groups.names') return groups.length === 0 ? 'null' : json(groups.map(it => it.name))
  if (selector.startsWith('identity.entity.aliases.')) {
    const alias = entity.aliases.find(it => it.mountAccessor === words[3])
    return aliasValue(words.slice(4), alias)
  }
  if (words[0] === 'time' && words[1] === 'now') return timeValue(words.slice(2), Math.floor(now / 1000))
  return undefined
}

function aliasValue([field = '', ...rest]: readonly string[], alias: IdentityAlias | undefined): string | undefined {
  const json = JSON.stringify
  if (rest.length === 0) {
    if (field === 'id') return json(alias?.id ?? '')
    if (field === 'name') return json(alias?.name ?? '')
    if (field === 'metadata') return json(alias?.metadata ?? {})
    if (field === 'custom_metadata') return json(alias?.customMetadata ?? {})
    return undefined
  }
  if (field === 'metadata') return json(labelOf(alias?.metadata, rest))
  if (field === 'custom_metadata') return json(labelOf(alias?.customMetadata, rest))
  return undefined
}

const labelOf = (labels: Labels | null | undefined, key: readonly string[]): string => labels?.[key.join('.')] ?? ''

function timeValue(words: readonly string[], now: number): string | undefined | { readonly wrong: string } {
  if (words.length === 0) return String(now)
  if (!['plus', 'minus'].includes(words[0] ?? '')) return undefined
  const given = words.slice(1).join('.')
  const span = parseDuration(given)
  if (span === undefined) return { wrong: `invalid duration: time: invalid duration ${goQuote(given)}` }
  return String(Math.floor(words[0] === 'plus' ? now + span : now - span))
}
