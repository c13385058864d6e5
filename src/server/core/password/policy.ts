/**
 * A password policy: how long a password is, and from which characters it is made.
 *
 *     length = 20
 *     rule "charset" { charset = "abcdefghijklmnopqrstuvwxyz"  min-chars = 1 }
 *
 * Refused in the peer's words, which clients show to people.
 */
import { goData, goTypeOf, parseText, type GoData, type GoMap } from '../../../hcl/index.ts'
import { goQuote } from '../../../kernel/index.ts'

export interface PasswordPolicy {
  /** Characters. */
  readonly length: number
  readonly rules: readonly CharsetRule[]
}
export interface CharsetRule {
  /** One character an entry. */
  readonly charset: readonly string[]
  readonly minChars: number
}
export type ParsedPasswordPolicy = { readonly value: PasswordPolicy } | { readonly error: string }

export function parsePasswordPolicy(text: string): ParsedPasswordPolicy {
  const parsed = parseText({ name: 'password policy', text })
  if (!parsed.ok) return { error: `unable to decode: ${parsed.refusals[0]?.peer ?? ''}` }
  try {
    return { value: decode(goData(parsed.value)) }
  } catch (cause) {
    if (cause instanceof Refused) return { error: cause.message }
    throw cause
  }
}

/** The peer's message; never leaves this file. */
class Refused extends Error {}

function decode(data: GoMap): PasswordPolicy {
  const rules = rulesOf(keyOf(data, 'rule', true))
  const length = keyOf(data, 'length')
  const wrong = intProblem('length', length)
  if (wrong !== undefined) throw new Refused(`failed to decode configuration: ${decodingFailed([wrong])}`)
  const policy = { length: intOf(length), rules }
  const problems = problemsOf(policy)
  if (problems.length > 0) {
    const heading = problems.length === 1 ? '1 error occurred' : `${problems.length} errors occurred`
    throw new Refused(`${heading}:\n${problems.map(it => `\t* ${it}\n`).join('')}\n`)
  }
  return policy
}

function rulesOf(given: GoData | undefined): readonly CharsetRule[] {
  if (given === undefined) return []
  const rules = mapsOf(given, 'unable to retrieve rules: ')
  return rules.flatMap(rule => {
    if (rule.size === 0) throw new Refused('unable to parse rules: unable to get rule info: rule is empty')
    return [...rule].map(([type, info]) => {
      const [fields] = mapsOf(info, 'unable to parse rules: unable to get rule info: unable to get rule data: ')
      if (fields === undefined) throw new Refused('unable to parse rules: unable to get rule info: rule info cannot be empty')
      if (type !== 'charset') throw new Refused(`unable to parse rules: unable to parse rule ${type}: unrecognized rule type ${type}`)
      return charsetRule(fields)
    })
  })
}

function mapsOf(given: GoData, prefix: string): readonly GoMap[] {
  if (typeof given !== 'object' || !('items' in given))
    throw new Refused(`${prefix}'' source data must be an array or slice, got ${goTypeOf(given)}`)
  if (given.go === '[]map[string]interface {}') return given.items
  const wrong = given.items.map((it, at) => `'[${at}]' expected type 'map[string]interface {}', got unconvertible type '${goTypeOf(it)}'`)
  if (wrong.length > 0) throw new Refused(prefix + decodingFailed(wrong))
  return []
}

function charsetRule(fields: GoMap): CharsetRule {
  const charset = keyOf(fields, 'charset')
  const minChars = keyOf(fields, 'min-chars')
  const wrong = [...charsetProblems(charset), intProblem('min-chars', minChars)].filter(it => it !== undefined)
  if (wrong.length > 0)
    throw new Refused(`unable to parse rules: unable to parse rule charset: failed to parse charset restriction: ${decodingFailed(wrong)}`)
  return { charset: charactersOf(charset), minChars: intOf(minChars) }
}

function charsetProblems(charset: GoData | undefined): readonly string[] {
  if (charset === undefined || typeof charset === 'string') return []
  if (typeof charset !== 'object' || !('items' in charset))
    return [`'charset' source data must be an array or slice, got ${goTypeOf(charset)}`]
  const types = charset.go === '[]interface {}' ? charset.items.map(goTypeOf) : charset.items.map(() => 'map[string]interface {}')
  return types.flatMap((type, at) =>
    type === 'int' || type === 'float64' ? [] : [`'charset[${at}]' expected type 'int32', got unconvertible type '${type}'`],
  )
}

/** A text, or a list of code points. */
function charactersOf(charset: GoData | undefined): readonly string[] {
  if (typeof charset === 'string') return Array.from(charset.toWellFormed())
  if (typeof charset !== 'object' || charset.go !== '[]interface {}') return []
  return charset.items.map(it => {
    const code = typeof it === 'object' && 'value' in it ? Math.trunc(it.value) : 0
    return code >= 0 && code <= 0x10ffff ? String.fromCodePoint(code).toWellFormed() : '\ufffd'
  })
}

/** Keys are words of the file, whatever their case, but for `rule`. */
function keyOf(map: GoMap, key: string, exact = false): GoData | undefined {
  const found = map.get(key)
  if (found !== undefined || exact) return found
  for (const [name, value] of map) if (name.toLowerCase() === key) return value
  return undefined
}

const intProblem = (name: string, given: GoData | undefined): string | undefined =>
  given === undefined || (typeof given === 'object' && 'value' in given)
    ? undefined
    : `'${name}' expected type 'int', got unconvertible type '${goTypeOf(given)}'`

const intOf = (given: GoData | undefined): number => (typeof given === 'object' && 'value' in given ? Math.trunc(given.value) : 0)

const decodingFailed = (problems: readonly string[]): string => `decoding failed due to the following error(s):\n\n${problems.join('\n')}`

function problemsOf({ length, rules }: PasswordPolicy): readonly string[] {
  const least = rules.reduce((sum, it) => sum + it.minChars, 0)
  const characters = rules.flatMap(it => it.charset)
  const problems: string[] = []
  if (length <= 0) problems.push('length must be > 0')
  else if (least > length) problems.push(`specified rules require at least ${least} characters but ${length} is specified`)
  // The peer breaks down over a rule without characters beside another.
  if (characters.length === 0 || rules.some(it => it.charset.length === 0)) problems.push('no charset specified')
  if (characters.some(it => goQuote(it) !== `"${it}"` && it !== '"' && it !== '\\')) problems.push('non-printable character in charset')
  return problems
}
