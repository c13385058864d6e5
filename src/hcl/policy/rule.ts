import { lowerCase, nearest, type Diagnostic } from '../../kernel/index.ts'
import { rangeOf, type HclTree, type Item } from '../parse/index.ts'
import { goQuote } from '../text/index.ts'
import { parseAbsoluteTime } from './absolute-time.ts'
import { decodeControlGroup, raw } from './control-group.ts'
import {
  decodeDynamic,
  decodeField,
  decodeInt,
  decodeLists,
  decodeString,
  decodeStrings,
  plain,
  unreadable,
  type Decoder,
  type Dynamic,
  type Lists,
} from './decode.ts'
import type { Capability, ParameterRules, PathRule } from './document.ts'
import { parseDurationSecond } from './duration.ts'
import { done, failure, prefixed, wrapped, type Failure, type Outcome } from './failure.ts'
import { bodyItems, unknownKeys } from './keys.ts'
import { checkFilterTemplate } from './list-filter.ts'
import { entriesOf, keyAt, keysLeft, rangeOfKey, type Entry, type Node } from './node.ts'

/** What a rule may say. */
export const ruleKeys = [
  'comment',
  'policy',
  'capabilities',
  'allowed_parameters',
  'denied_parameters',
  'required_parameters',
  'min_wrapping_ttl',
  'max_wrapping_ttl',
  'mfa_methods',
  'pagination_limit',
  'expiration',
  'list_scan_response_keys_filter_path',
  'control_group',
] as const

export const capabilities: readonly Capability[] = ['create', 'read', 'update', 'delete', 'list', 'scan', 'patch', 'sudo', 'deny']
const known: ReadonlySet<string> = new Set(capabilities)

/** The words of the time before capabilities. */
const legacy: Readonly<Record<string, readonly Capability[]>> = {
  deny: ['deny'],
  read: ['read', 'list'],
  write: ['create', 'read', 'update', 'delete', 'list'],
  sudo: ['create', 'read', 'update', 'delete', 'list', 'sudo'],
}

export interface RuleContext {
  readonly tree: HclTree
  readonly now: Date
  /** Path of the namespace that the policy belongs to, as `ns/`; only messages show it. */
  readonly namespace: string
}

export type DecodedRule = { readonly rule: PathRule; readonly expired: boolean }

/** One `path "…" { … }`, checked in the server's order, which decides the message. `entry` has lost its first key. */
export function decodeRule(it: RuleContext, entry: Entry): Outcome<DecodedRule> {
  const { tree } = it
  const path = keysLeft(entry) === 0 ? 'path' : keyAt(tree, entry, 0)
  if (path === undefined) return unreadable({ tree, about: 'a path' }, entry)
  const outcome = new RuleDecoder(it, entry, path).decode()
  return outcome.ok ? outcome : wrapped(`path ${goQuote(path)}`, outcome)
}

class RuleDecoder {
  readonly #context: RuleContext
  readonly #item: Item
  readonly #entry: Entry
  readonly #path: string
  readonly #about: string

  constructor(context: RuleContext, entry: Entry, path: string) {
    this.#context = context
    this.#entry = entry
    this.#item = entry.item
    this.#path = path
    this.#about = ` of path ${JSON.stringify(path)}`
  }

  decode(): Outcome<DecodedRule> {
    const { tree } = this.#context
    if (!isBalanced(this.#path)) {
      return failure(
        this.#finding('HCL2005', 'the path has unbalanced {{ and }}', 'a template is {{ a selector }}, without another {{ inside'),
        'failed to validate policy templating: unbalanced templating characters',
      )
    }
    const items = bodyItems(tree, this.#item.value, 'a path')
    if ('ok' in items) return items
    const unknown = unknownKeys(tree, items, ruleKeys, `path ${JSON.stringify(this.#path)}`)
    if (unknown !== undefined) return unknown
    const body = entriesOf(items)
    const group = decodeControlGroup(tree, body, this.#about)
    if (!group.ok) return group
    const fields = this.#fields(body)
    if (!fields.ok) return prefixed(`path ${goQuote(this.#path)}:`, fields)
    return this.#check(fields.value, group.value === undefined ? {} : { controlGroup: group.value })
  }

  /** In the order of the server's structure, not of the text. */
  #fields(body: readonly Entry[]): Outcome<Fields> {
    const it = { tree: this.#context.tree, about: this.#about }
    const policy = decodeField<string>(it, body, 'policy', 'Policy', decodeString)
    if (!policy.ok) return policy
    const words = decodeField<readonly string[]>(it, body, 'capabilities', 'Capabilities', decodeStrings)
    if (!words.ok) return words
    const expiration = decodeField<string>(it, body, 'expiration', 'expiration', decodeString)
    if (!expiration.ok) return expiration
    const min = decodeField<Dynamic>(it, body, 'min_wrapping_ttl', 'min_wrapping_ttl', decodeOpen)
    if (!min.ok) return min
    const max = decodeField<Dynamic>(it, body, 'max_wrapping_ttl', 'max_wrapping_ttl', decodeOpen)
    if (!max.ok) return max
    const allowed = decodeField<Lists>(it, body, 'allowed_parameters', 'allowed_parameters', decodeLists)
    if (!allowed.ok) return allowed
    const denied = decodeField<Lists>(it, body, 'denied_parameters', 'denied_parameters', decodeLists)
    if (!denied.ok) return denied
    const required = decodeField<readonly string[]>(it, body, 'required_parameters', 'required_parameters', decodeStrings)
    if (!required.ok) return required
    const mfa = decodeField<readonly string[]>(it, body, 'mfa_methods', 'mfa_methods', decodeStrings)
    if (!mfa.ok) return mfa
    const limit = decodeField<bigint>(it, body, 'pagination_limit', 'pagination_limit', decodeInt)
    if (!limit.ok) return limit
    const filter = decodeField<string>(it, body, FILTER, FILTER, decodeString)
    if (!filter.ok) return filter
    return done({
      policy: policy.value ?? '',
      words: words.value ?? [],
      expiration: expiration.value ?? '',
      min: min.value,
      max: max.value,
      allowed: allowed.value,
      denied: denied.value,
      required: required.value ?? [],
      mfa: mfa.value,
      limit: limit.value ?? 0n,
      filter: filter.value ?? '',
    })
  }

  #check(fields: Fields, extra: Pick<PathRule, 'controlGroup'>): Outcome<DecodedRule> {
    const base = { path: this.#path, at: rangeOf(this.#context.tree, this.#item), item: this.#item, ...extra }
    const expiration = fields.expiration === '' ? undefined : parseAbsoluteTime(fields.expiration)
    if (fields.expiration !== '' && expiration === undefined) {
      return this.#refuse(
        'HCL2009',
        `expiration${this.#about} is no moment`,
        'expected RFC 3339, as 2030-01-31T00:00:00Z, or seconds since 1970',
        'invalid expiration time: could not parse string as date and time',
      )
    }
    const lasting = expiration === undefined ? base : { ...base, expiration }
    if (expiration !== undefined && this.#context.now > expiration) {
      return done({ rule: { ...lasting, capabilities: [...fields.words].filter(isCapability) }, expired: true })
    }
    const full = this.#context.namespace + (this.#path.startsWith('/') ? this.#path.slice(1) : this.#path)
    if (full.includes('+*')) {
      return failure(
        this.#finding('HCL2006', 'a path cannot hold +*', 'write +/* for everything below a segment'),
        `path ${goQuote(full)}: invalid use of wildcards ('+*' is forbidden)`,
      )
    }
    const words = this.#words(fields)
    if (!words.ok) return words
    if (words.value.includes('deny')) return done({ rule: { ...lasting, capabilities: ['deny'] }, expired: false })
    return this.#limits(fields, { ...lasting, capabilities: words.value }, full)
  }

  /** Words behind a deny are not looked at, so they may be wrong. */
  #words(fields: Fields): Outcome<readonly Capability[]> {
    const old = fields.policy === '' ? [] : Object.hasOwn(legacy, fields.policy) ? legacy[fields.policy] : undefined
    if (old === undefined) {
      return this.#refuse(
        'HCL2007',
        `unknown policy word ${JSON.stringify(fields.policy)}${this.#about}`,
        'expected read, write, sudo or deny',
        `invalid policy ${goQuote(fields.policy)}`,
      )
    }
    const words = fields.policy === 'deny' ? old : [...fields.words, ...old]
    const taken = new Set<Capability>()
    for (const word of words) {
      if (word === 'deny') return done(['deny'])
      if (!isCapability(word)) {
        const near = nearest(word, capabilities)
        const hint =
          word === 'write'
            ? 'write is not a capability: use create and update'
            : near === undefined
              ? `expected one of ${capabilities.join(', ')}`
              : `did you mean ${near}?`
        return this.#refuse(
          'HCL2007',
          `unknown capability ${JSON.stringify(word)}${this.#about}`,
          hint,
          `invalid capability ${goQuote(word)}`,
        )
      }
      taken.add(word)
    }
    return done([...taken])
  }

  #limits(fields: Fields, rule: PathRule, full: string): Outcome<DecodedRule> {
    const min = this.#duration('min_wrapping_ttl', fields.min)
    if (!min.ok) return min
    const max = this.#duration('max_wrapping_ttl', fields.max)
    if (!max.ok) return max
    if (min.value !== 0n && max.value !== 0n && max.value < min.value) {
      return failure(
        this.#finding('HCL2008', `max_wrapping_ttl${this.#about} is less than min_wrapping_ttl`),
        'max_wrapping_ttl cannot be less than min_wrapping_ttl',
      )
    }
    if (fields.filter !== '') {
      const problem = rule.capabilities.includes('list')
        ? checkFilterTemplate(fields.filter, full)
        : `${FILTER} needs to be used on a path with the list capability`
      if (problem !== undefined) return failure(this.#finding('HCL2011', `${FILTER}${this.#about}: ${problem}`), problem)
    }
    return done({
      rule: {
        ...rule,
        ...(fields.allowed === undefined ? {} : { allowedParameters: parameters(fields.allowed) }),
        ...(fields.denied === undefined ? {} : { deniedParameters: parameters(fields.denied) }),
        ...(fields.required.length === 0 ? {} : { requiredParameters: fields.required.map(lowerCase) }),
        ...(fields.mfa === undefined ? {} : { mfaMethods: fields.mfa }),
        ...(min.value === 0n ? {} : { minWrappingTtl: Number(min.value) / 1e9 }),
        ...(max.value === 0n ? {} : { maxWrappingTtl: Number(max.value) / 1e9 }),
        ...(fields.limit === 0n ? {} : { paginationLimit: Number(fields.limit) }),
        ...(fields.filter === '' ? {} : { listFilterTemplate: fields.filter }),
      },
      expired: false,
    })
  }

  #duration(key: string, value: Dynamic | undefined): Outcome<bigint> {
    const duration = parseDurationSecond(raw(value))
    if ('value' in duration) return done(duration.value)
    return failure(
      this.#finding('HCL2008', `${key}${this.#about} is no duration`, 'expected seconds, "90s", "1h30m" or whole days as "2d"'),
      `error parsing ${key}: ${duration.error}`,
    )
  }

  #refuse(code: string, summary: string, detail: string, words: string): Failure {
    return failure(this.#finding(code, summary, detail), `path ${goQuote(this.#path)}: ${words}`)
  }

  #finding(code: string, summary: string, detail?: string): Diagnostic {
    const at = rangeOfKey(this.#context.tree, this.#item, this.#entry.from)
    return { code, severity: 'error', summary, ...(detail === undefined ? {} : { detail }), at }
  }
}

const FILTER = 'list_scan_response_keys_filter_path'

interface Fields {
  readonly policy: string
  readonly words: readonly string[]
  readonly expiration: string
  readonly min: Dynamic | undefined
  readonly max: Dynamic | undefined
  readonly allowed: Lists | undefined
  readonly denied: Lists | undefined
  readonly required: readonly string[]
  readonly mfa: readonly string[] | undefined
  readonly limit: bigint
  readonly filter: string
}

const isCapability = (word: string): word is Capability => known.has(word)

const decodeOpen = (it: Decoder, name: string, node: Node, before: Dynamic | undefined): Outcome<Dynamic> =>
  decodeDynamic(it, name, node, before, 'other')

/** Two names that differ only in case become one; which of them wins is chance on the server, and the last one here. */
const parameters = (lists: Lists): ParameterRules => new Map(Array.from(lists, ([name, values]) => [lowerCase(name), values.map(plain)]))

/** Each `{{` has its own `}}`, and nothing else holds one. */
function isBalanced(path: string): boolean {
  const [before = '', ...templates] = path.split('{{')
  return !before.includes('}}') && templates.every(it => it.split('}}').length === 2)
}
