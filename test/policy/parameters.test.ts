import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parseJson } from '../../src/kernel/index.ts'
import { type AccessQuery, compileAcl } from '../../src/policy/index.ts'
import { policyOf } from './policy-of.ts'

const now = new Date('2026-11-24T12:00:00Z')

interface RecordedValue {
  readonly dialect: 'hcl' | 'json'
  readonly values: string
  readonly method: 'POST' | 'GET'
  readonly sent: string
  readonly allowed: boolean
}
/** Recorded from the real server: the list of allowed values of a parameter `a`, what was sent, and whether that was let through. */
const recorded: readonly RecordedValue[] = JSON.parse(readFileSync(new URL('../vectors/acl-values.json', import.meta.url), 'utf8'))

function policyText({ dialect, values }: RecordedValue): string {
  if (dialect === 'hcl') return `path "kv/*" { capabilities = ["update", "read"]\n allowed_parameters = { "a" = ${values} } }`
  return JSON.stringify({ path: { 'kv/*': { capabilities: ['update', 'read'], allowed_parameters: { a: JSON.parse(values) } } } })
}

function dataOf({ method, sent }: RecordedValue): Readonly<Record<string, unknown>> {
  if (method === 'POST') return parseJson(sent) as Readonly<Record<string, unknown>>
  const data: Record<string, unknown> = {}
  for (const [name, value] of new URLSearchParams(sent)) data[name] = name in data ? [data[name], value].flat() : value
  return data
}

describe('allowed values', () => {
  it.each(recorded)('$values ($dialect) against $method $sent: $allowed', it => {
    const acl = compileAcl([policyOf('p', policyText(it), now)], { now })
    const op = it.method === 'POST' ? 'update' : 'read'
    expect(acl.decide({ path: 'kv/x', op, data: dataOf(it), sudoPath: false }).allowed).toBe(it.allowed)
  })
})

const ask = (limits: string, data: AccessQuery['data']): unknown => {
  const acl = compileAcl([policyOf('p', `path "kv/*" { capabilities = ["update"]\n ${limits} }`)], { now })
  const decision = acl.decide({ path: 'kv/x', op: 'update', data, sudoPath: false })
  return decision.allowed ? 'allowed' : decision.parameter
}

describe('an allowed text', () => {
  it.each([
    ['*x', ['x', 'ax'], ['xa', '']],
    ['x*', ['x', 'xa'], ['ax', '']],
    ['*x*', ['x', 'axa'], ['a', '']],
    ['**', ['', 'a'], []],
    ['*', ['*'], ['', 'a']],
    ['a*b', ['a*b'], ['ab', 'aXb']],
  ])('%s fits %j and not %j', (pattern, fitting, others) => {
    const limits = `allowed_parameters = { "a" = ["${pattern}"] }`
    for (const a of fitting) expect(ask(limits, { a })).toBe('allowed')
    for (const a of others) expect(ask(limits, { a })).toEqual({ why: 'value-not-allowed', parameter: 'a' })
  })
})

describe('a refused parameter', () => {
  it('is named with what is wrong about it', () => {
    expect(ask('required_parameters = ["Foo"]', { Foo: '1' })).toEqual({ why: 'required', parameter: 'foo' })
    expect(ask('required_parameters = ["Foo"]', { foo: null })).toBe('allowed')
    expect(ask('denied_parameters = { "a" = ["x"] }', { b: '', A: 'x' })).toEqual({ why: 'denied', parameter: 'A' })
    expect(ask('denied_parameters = { "*" = ["x"] }', { q: 'y' })).toEqual({ why: 'denied', parameter: 'q' })
    expect(ask('allowed_parameters = { "a" = [] }', { a: 1, b: 1 })).toEqual({ why: 'not-allowed', parameter: 'b' })
    expect(ask('allowed_parameters = { "a" = ["x"], "*" = [] }', { c: 1, a: 'y' })).toEqual({ why: 'value-not-allowed', parameter: 'a' })
  })

  it('is not looked for where no data was sent', () => {
    for (const data of [undefined, {}]) {
      expect(ask('denied_parameters = { "*" = [] }', data)).toBe('allowed')
      expect(ask('allowed_parameters = { "a" = ["x"] }', data)).toBe('allowed')
      expect(ask('required_parameters = ["a"]', data)).toEqual({ why: 'required', parameter: 'a' })
    }
  })

  it('is never found on the prototype', () => {
    expect(ask('required_parameters = ["constructor"]', {})).toEqual({ why: 'required', parameter: 'constructor' })
    expect(ask('allowed_parameters = { "a" = [] }', JSON.parse('{"__proto__": 1}'))).toEqual({ why: 'not-allowed', parameter: '__proto__' })
  })
})
