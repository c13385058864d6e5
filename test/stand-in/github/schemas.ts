import { readFileSync } from 'node:fs'
import { Ajv, type ValidateFunction } from 'ajv'

type Node = Readonly<Record<string, unknown>>
interface Operation {
  readonly request?: Node
  readonly response?: Node
  readonly status: number
}

/** GitHub's own description of its REST API: the operations that Lockstep uses, and what they refer to. The file says from where. */
const published = JSON.parse(readFileSync(new URL('../../vectors/github/openapi-23.0.2.json', import.meta.url), 'utf8')) as {
  readonly operations: Readonly<Record<string, Operation>>
  readonly schemas: Readonly<Record<string, Node>>
}

const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true })

/** OpenAPI's `nullable` as JSON Schema says it. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  const { nullable, ...rest } = value as Node
  const out = Object.fromEntries(Object.entries(rest).map(([key, it]) => [key, plain(it)]))
  return nullable === true ? { anyOf: [out, { type: 'null' }] } : out
}
ajv.addSchema({ components: { schemas: plain(published.schemas) } }, 'github')

const pinned = (node: Node): Node => JSON.parse(JSON.stringify(plain(node)).replaceAll('"#/components/', '"github#/components/')) as Node

const compiled = new Map<string, ValidateFunction>()
function flaw(name: string, schema: Node, value: unknown): string | undefined {
  const validate = compiled.get(name) ?? ajv.compile(pinned(schema))
  compiled.set(name, validate)
  return validate(value) ? undefined : ajv.errorsText(validate.errors ?? [])
}

const patterns = Object.entries(published.operations).map(([line, operation]) => ({
  line,
  operation,
  pattern: new RegExp(`^${line.replace(/\{ref\}/g, '.+').replace(/\{\w+\}/g, '[^/]+')}$`),
}))

/** Which operation of the API a request is; undefined: one that Lockstep has no business with. */
export const operationOf = (method: string, path: string): string | undefined =>
  patterns.find(it => it.pattern.test(`${method} ${path}`))?.line

/** What of a request's body is not as published; undefined: nothing. */
export function requestFlaw(line: string, body: unknown): string | undefined {
  const schema = published.operations[line]?.request
  return schema === undefined ? undefined : flaw(`${line} request`, schema, body)
}

/** An answer of the least that the published schema asks for, with what is known laid over it; never one that does not fit it. */
export function answerOf(line: string, known: unknown): unknown {
  const schema = published.operations[line]?.response
  if (schema === undefined) return known
  const answer = Array.isArray(known) ? known.map(it => merged(sample((schema['items'] ?? {}) as Node), it)) : merged(sample(schema), known)
  const wrong = flaw(`${line} response`, schema, answer)
  if (wrong !== undefined) throw new Error(`the stand-in's answer to ${line} is not GitHub's: ${wrong}`)
  return answer
}

function merged(base: unknown, over: unknown): unknown {
  if (typeof base !== 'object' || base === null || Array.isArray(base)) return over ?? base
  if (typeof over !== 'object' || over === null || Array.isArray(over)) return over === undefined ? base : over
  const both = { ...base, ...over } as Record<string, unknown>
  for (const key of Object.keys(base)) both[key] = merged((base as Node)[key], (over as Node)[key])
  return both
}

function sample(schema: Node): unknown {
  const ref = schema['$ref']
  if (typeof ref === 'string') return sample(published.schemas[ref.split('/').at(-1) ?? ''] ?? {})
  const all = schema['allOf'] as readonly Node[] | undefined
  if (all !== undefined) return all.map(sample).reduce(merged, {})
  const [choice] = (schema['anyOf'] ?? schema['oneOf'] ?? []) as readonly Node[]
  if (choice !== undefined) return sample(choice)
  const [value] = (schema['enum'] ?? []) as readonly unknown[]
  if (value !== undefined) return value
  const type = Array.isArray(schema['type'])
    ? ((schema['type'] as readonly string[]).find(it => it === 'null') ?? schema['type'][0])
    : schema['type']
  if (type === 'object' || schema['properties'] !== undefined) {
    const properties = (schema['properties'] ?? {}) as Readonly<Record<string, Node>>
    return Object.fromEntries(((schema['required'] ?? []) as readonly string[]).map(name => [name, sample(properties[name] ?? {})]))
  }
  return { string: 'x', integer: 1, number: 1, boolean: false, array: [], null: null }[type as string] ?? null
}
