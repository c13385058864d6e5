import { parseDuration } from '../kernel/index.ts'
import type { AliasFacts, IdentityFacts, Metadata } from './identity.ts'

/** Set when a policy is written: may identity values bring separators into its paths? */
export interface TemplateFlags {
  readonly allowSlashes?: boolean
  readonly allowWildcards?: boolean
}

export interface TemplateContext {
  readonly facts: IdentityFacts | undefined
  readonly namespace: string
  readonly flags: TemplateFlags
  /** What no value may contain, where it is not what `flags` say. */
  readonly forbidden?: readonly string[]
  readonly now: Date
}

export type Resolved =
  | { readonly is: 'text'; readonly text: string; readonly timed: boolean }
  /** The rule disappears; the others stay. */
  | { readonly is: 'unresolved'; readonly why: string; /** In the peer's words. */ readonly wire: string }
  /** The whole token is unusable: a value would change what the rule matches (GHSA-59w7-v8rr-pr4p). */
  | { readonly is: 'forbidden'; readonly character: string }

export const isTemplated = (path: string): boolean => path.includes('{{') || path.includes('}}')

/** Puts identity values in place of `{{…}}`, from left to right; the first that fails decides. */
export function resolveTemplate(path: string, context: TemplateContext): Resolved {
  const [head = '', ...pieces] = path.split('{{')
  if (head.includes('}}')) return unbalanced
  let text = head
  let timed = false
  for (const piece of pieces) {
    const [selector = '', rest, ...more] = piece.split('}}')
    if (rest === undefined || more.length > 0) return unbalanced
    const value = valueOf(selector.trim(), context)
    if (typeof value !== 'string') return { is: 'unresolved', why: value.missing, wire: value.wire }
    const character = context.forbidden === undefined ? forbiddenIn(value, context.flags) : context.forbidden.find(it => value.includes(it))
    if (character !== undefined) return { is: 'forbidden', character }
    timed ||= selector.trim().startsWith('time.')
    text += value + rest
  }
  return { is: 'text', text, timed }
}

const unbalanced: Resolved = { is: 'unresolved', why: 'unbalanced braces', wire: 'unbalanced templating characters' }

function forbiddenIn(value: string, flags: TemplateFlags): string | undefined {
  if (flags.allowSlashes !== true && value.includes('/')) return '/'
  if (flags.allowWildcards === true) return undefined
  return value.includes('*') ? '*' : value.includes('+') ? '+' : undefined
}

type Value = string | { readonly missing: string; readonly wire: string }
const missing = (what: string, wire = 'no value could be found for one of the template directives'): Value => ({ missing: what, wire })

function valueOf(selector: string, context: TemplateContext): Value {
  const entity = after(selector, 'identity.entity.')
  if (entity !== undefined) return entityValue(entity, context)
  const groups = after(selector, 'identity.groups.')
  if (groups !== undefined) return groupValue(groups, context)
  const time = after(selector, 'time.')
  if (time !== undefined) return timeValue(time, context.now)
  return missing(`"${selector}" is no known selector`)
}

function entityValue(selector: string, { facts }: TemplateContext): Value {
  const entity = facts?.entity
  if (entity === undefined)
    return missing('the token has no entity', 'string contains entity template directives but no entity was provided')
  if (selector === 'id') return filled(entity.id, 'entity id')
  if (selector === 'name') return filled(entity.name, 'entity name')
  const key = after(selector, 'metadata.')
  if (key !== undefined) return metadataValue(entity.metadata, key, 'the entity')
  const alias = after(selector, 'aliases.')
  if (alias === undefined) return missing(`an entity has no "${selector}" that is one text`)
  const [accessor, field] = cut(alias)
  const found = entity.aliases?.find(it => it.mountAccessor === accessor)
  if (field === undefined) return missing('an alias selector needs an accessor and a field', 'invalid alias selector')
  return found === undefined ? missing(`the entity has no alias on "${accessor}"`, 'alias not found') : aliasValue(field, found)
}

function aliasValue(field: string, alias: AliasFacts): Value {
  if (field === 'id') return filled(alias.id, 'alias id')
  if (field === 'name') return filled(alias.name, 'alias name')
  const key = after(field, 'metadata.')
  if (key !== undefined) return metadataValue(alias.metadata, key, 'the alias')
  const custom = after(field, 'custom_metadata.')
  if (custom !== undefined) return metadataValue(alias.customMetadata, custom, 'the alias')
  return missing(`an alias has no "${field}" that is one text`)
}

function groupValue(selector: string, { facts, namespace }: TemplateContext): Value {
  const groups = facts?.groups ?? []
  if (groups.length === 0)
    return missing('the entity is in no group', 'string contains groups template directives but no groups were provided')
  const [by, rest = ''] = cut(selector)
  const [which, field] = cut(rest)
  if ((by !== 'ids' && by !== 'names') || field === undefined) {
    const part = (by === 'ids' || by === 'names') && rest !== '' ? 'accessor' : 'selector'
    return missing('a group selector is ids.ID.FIELD or names.NAME.FIELD', `invalid groups ${part}`)
  }
  const found = groups.find(it => (by === 'ids' ? it.id === which : it.name === which && (it.namespace ?? '') === namespace))
  if (found === undefined) return missing(`the entity is not in group "${which}"`, `entity is not a member of group "${which}"`)
  if (field === 'id') return found.id
  if (field === 'name') return filled(found.name, 'group name')
  const key = after(field, 'metadata.')
  return key === undefined ? missing(`a group has no "${field}" that is one text`) : metadataValue(found.metadata, key, 'the group')
}

function timeValue(selector: string, now: Date): Value {
  const at = now.getTime() / 1000
  if (selector === 'now') return String(Math.floor(at))
  const [base, rest = ''] = cut(selector)
  const [operator, operand] = cut(rest)
  const span = operand === undefined ? undefined : parseDuration(operand)
  if (base !== 'now' || (operator !== 'plus' && operator !== 'minus') || span === undefined) {
    return missing('a time selector is now, now.plus.DURATION or now.minus.DURATION')
  }
  return String(Math.floor(operator === 'plus' ? at + span : at - span))
}

const filled = (value: string, what: string): Value => (value === '' ? missing(`the ${what} is empty`) : value)

/** Present but empty metadata counts as a value: it is replaced by nothing. */
function metadataValue(metadata: Metadata | undefined, key: string, whose: string): Value {
  const value = metadata !== undefined && Object.hasOwn(metadata, key) ? metadata[key] : undefined
  return value ?? missing(`${whose} has no metadata "${key}"`)
}

const after = (text: string, prefix: string): string | undefined => (text.startsWith(prefix) ? text.slice(prefix.length) : undefined)

/** At the first dot. */
function cut(text: string): readonly [string, string | undefined] {
  const dot = text.indexOf('.')
  return dot < 0 ? [text, undefined] : [text.slice(0, dot), text.slice(dot + 1)]
}
