import { lowerCase, nearest, type Diagnostic, type SourceRange } from '../../kernel/index.ts'
import { rangeOf, stringValue, tokenText, type HclTree, type Item, type Literal } from '../parse/index.ts'
import { goQuote } from '../text/index.ts'
import { parseAbsoluteTime } from './absolute-time.ts'
import { decodeControlGroup, raw } from './control-group.ts'
import { plain, unreadable, type Dynamic, type Lists } from './decode.ts'
import type { Capability, ControlGroup, ParameterRules, PathRule } from './document.ts'
import { parseDurationSecond } from './duration.ts'
import { done, failure, prefixed, wrapped, type Failure, type Outcome } from './failure.ts'
import { bodyEntries, unknownKeys } from './keys.ts'
import { checkFilterTemplate } from './list-filter.ts'
import { filtered, keysLeft, rangeOfKey, type Entry } from './node.ts'
import { FILTER, decodeRuleFields, type RuleFields } from './rule-fields.ts'

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
  const path = keysLeft(entry) === 0 ? 'path' : entry.key
  if (path === undefined) return unreadable({ tree, about: 'a path' }, entry)
  const outcome = new RuleDecoder(it, entry, path).decode()
  return outcome.ok ? outcome : wrapped(`path ${goQuote(path)}`, outcome)
}

/** A rule that is being filled. */
type Draft = { -readonly [K in keyof PathRule]: PathRule[K] }

class RuleDecoder {
  readonly #context: RuleContext
  readonly #item: Item
  readonly #entry: Entry
  readonly #path: string
  readonly #about: string
  #body: readonly Entry[] = []

  constructor(context: RuleContext, entry: Entry, path: string) {
    this.#context = context
    this.#entry = entry
    this.#item = entry.item
    this.#path = path
    this.#about = ` of path "${path}"`
  }

  decode(): Outcome<DecodedRule> {
    const { tree } = this.#context
    if (!isBalanced(this.#path)) {
      return failure(
        this.#finding('HCL2005', 'the path has unbalanced {{ and }}', 'a template is {{ a selector }}, without another {{ inside'),
        'failed to validate policy templating: unbalanced templating characters',
      )
    }
    const body = bodyEntries(tree, this.#item.value, 'a path')
    if ('ok' in body) return body
    const unknown = unknownKeys(tree, body, ruleKeys, `path "${this.#path}"`)
    if (unknown !== undefined) return unknown
    const group = decodeControlGroup(tree, body, this.#about)
    if (!group.ok) return group
    const fields = decodeRuleFields({ tree, about: this.#about }, body)
    if (!fields.ok) return prefixed(`path ${goQuote(this.#path)}:`, fields)
    this.#body = body
    return this.#check(fields.value, group.value)
  }

  #check(fields: RuleFields, controlGroup: ControlGroup | undefined): Outcome<DecodedRule> {
    const rule: Draft = { path: this.#path, at: rangeOf(this.#context.tree, this.#item), item: this.#item, capabilities: [] }
    if (controlGroup !== undefined) rule.controlGroup = controlGroup
    const { expiration = '' } = fields
    if (expiration !== '') {
      const moment = parseAbsoluteTime(expiration)
      if (moment === undefined) {
        return this.#refuse(
          this.#valueOf('expiration'),
          'HCL2009',
          `expiration${this.#about} is no moment`,
          'expected RFC 3339, as 2030-01-31T00:00:00Z, or seconds since 1970',
          'invalid expiration time: could not parse string as date and time',
        )
      }
      rule.expiration = moment
      if (this.#context.now > moment) {
        rule.capabilities = (fields.capabilities ?? []).filter(isCapability)
        return done({ rule, expired: true })
      }
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
    rule.capabilities = words.value
    // A deny hides everything else, so nothing else is looked at.
    if (words.value.includes('deny')) return done({ rule, expired: false })
    return this.#limits(fields, rule, full) ?? done({ rule, expired: false })
  }

  /** Words behind a deny are not looked at, so they may be wrong. */
  #words({ policy = '', capabilities: said = [] }: RuleFields): Outcome<readonly Capability[]> {
    const old = policy === '' ? [] : Object.hasOwn(legacy, policy) ? legacy[policy] : undefined
    if (old === undefined) {
      return this.#refuse(
        this.#valueOf('policy'),
        'HCL2007',
        `unknown policy word ${JSON.stringify(policy)}${this.#about}`,
        'expected read, write, sudo or deny',
        `invalid policy ${goQuote(policy)}`,
      )
    }
    const taken: Capability[] = []
    for (const word of policy === 'deny' ? old : old.length === 0 ? said : [...said, ...old]) {
      if (word === 'deny') return done(['deny'])
      if (!isCapability(word)) {
        return this.#refuse(
          this.#valueOf('capabilities', word),
          'HCL2007',
          `unknown capability ${JSON.stringify(word)}${this.#about}`,
          capabilityHint(word),
          `invalid capability ${goQuote(word)}`,
        )
      }
      if (!taken.includes(word)) taken.push(word)
    }
    return done(taken)
  }

  #limits(fields: RuleFields, rule: Draft, full: string): Failure | undefined {
    const { allowedParameters, deniedParameters, requiredParameters = [], mfaMethods, paginationLimit = 0n, listFilter = '' } = fields
    if (allowedParameters !== undefined) rule.allowedParameters = parameters(allowedParameters)
    if (deniedParameters !== undefined) rule.deniedParameters = parameters(deniedParameters)
    if (requiredParameters.length > 0) rule.requiredParameters = requiredParameters.map(lowerCase)
    if (mfaMethods !== undefined) rule.mfaMethods = mfaMethods
    if (paginationLimit !== 0n) rule.paginationLimit = Number(paginationLimit)
    const failed = this.#wrapping(fields, rule)
    if (failed !== undefined) return failed
    if (listFilter === '') return undefined
    rule.listFilterTemplate = listFilter
    const problem = rule.capabilities.includes('list')
      ? checkFilterTemplate(listFilter, full)
      : `${FILTER} needs to be used on a path with the list capability`
    if (problem === undefined) return undefined
    return failure(this.#finding('HCL2011', `${FILTER}${this.#about} is refused`, problem, this.#valueOf(FILTER)), problem)
  }

  #wrapping({ minWrappingTtl, maxWrappingTtl }: RuleFields, rule: Draft): Failure | undefined {
    const min = this.#duration('min_wrapping_ttl', minWrappingTtl)
    if (!min.ok) return min
    const max = this.#duration('max_wrapping_ttl', maxWrappingTtl)
    if (!max.ok) return max
    if (min.value !== 0n) rule.minWrappingTtl = Number(min.value) / 1e9
    if (max.value !== 0n) rule.maxWrappingTtl = Number(max.value) / 1e9
    if (min.value === 0n || max.value === 0n || max.value >= min.value) return undefined
    const summary = `max_wrapping_ttl${this.#about} is less than min_wrapping_ttl`
    return failure(
      this.#finding('HCL2008', summary, undefined, this.#valueOf('max_wrapping_ttl')),
      'max_wrapping_ttl cannot be less than min_wrapping_ttl',
    )
  }

  #duration(key: string, value: Dynamic | undefined): Outcome<bigint> {
    if (value === undefined) return done(0n)
    const duration = parseDurationSecond(raw(value))
    if ('value' in duration) return done(duration.value)
    return failure(
      this.#finding(
        'HCL2008',
        `${key}${this.#about} is no duration`,
        'expected seconds, "90s", "1h30m" or whole days as "2d"',
        this.#valueOf(key),
      ),
      `error parsing ${key}: ${duration.error}`,
    )
  }

  #refuse(at: SourceRange, code: string, summary: string, detail: string, words: string): Failure {
    return failure({ code, severity: 'error', summary, detail, at }, `path ${goQuote(this.#path)}: ${words}`)
  }

  #finding(code: string, summary: string, detail?: string, at: SourceRange = this.#label()): Diagnostic {
    return { code, severity: 'error', summary, ...(detail === undefined ? {} : { detail }), at }
  }

  #label(): SourceRange {
    return rangeOfKey(this.#context.tree, this.#item, this.#entry.from)
  }

  /** Where a key's value stands, or the word in its list. */
  #valueOf(key: string, word?: string): SourceRange {
    const { tree } = this.#context
    for (const { item } of filtered(tree, this.#body, key).reverse()) {
      if (word === undefined) return rangeOf(tree, item.value)
      const element =
        item.value.kind === 'list' ? item.value.elements.find(it => it.kind === 'literal' && literalText(tree, it) === word) : undefined
      if (element !== undefined) return rangeOf(tree, element)
    }
    return this.#label()
  }
}

/** A number counts as its digits, as where texts are wanted. */
const literalText = (tree: HclTree, literal: Literal): string | undefined =>
  stringValue(tree, literal.token) ?? tokenText(tree, literal.token)

const isCapability = (word: string): word is Capability => known.has(word)

/** Two names that differ only in case become one; which of them wins is chance on the server, and the last one here. */
const parameters = (lists: Lists): ParameterRules => new Map(Array.from(lists, ([name, values]) => [lowerCase(name), values.map(plain)]))

function capabilityHint(word: string): string {
  if (word === 'write') return 'write is not a capability: use create and update'
  const near = nearest(word, capabilities)
  return near === undefined ? `expected one of ${capabilities.join(', ')}` : `did you mean ${near}?`
}

/** Each `{{` has its own `}}`, and nothing else holds one. */
function isBalanced(path: string): boolean {
  if (!path.includes('{{') && !path.includes('}}')) return true
  const [before = '', ...templates] = path.split('{{')
  return !before.includes('}}') && templates.every(it => it.split('}}').length === 2)
}
