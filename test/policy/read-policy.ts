import type { Capability, ControlGroup, PathRule, PolicyDoc } from '../../src/hcl/policy/index.ts'
import { parseDuration } from '../../src/kernel/index.ts'

/** A small reader for the well-formed policies of these tests. It knows no errors; the real parser stands in src/hcl. */
export function readPolicy(name: string, text: string): PolicyDoc {
  const tokens = [...text.matchAll(/#[^\n]*|\/\/[^\n]*|"(?:[^"\\]|\\.)*"|[{}[\],=]|[^\s{}[\],="]+/g)]
    .map(it => it[0])
    .filter(it => !/^(#|\/\/)/.test(it))
  const body = readBody(tokens)
  return { name: name.toLowerCase(), rules: body.filter(it => it.key === 'path').map(it => ruleOf(it)) }
}

interface Item {
  readonly key: string
  readonly labels: readonly string[]
  readonly value: unknown
}

function readBody(tokens: string[]): Item[] {
  const items: Item[] = []
  while (tokens.length > 0 && tokens[0] !== '}') {
    const [key = '', ...labels] = readKeys(tokens)
    if (tokens[0] === '=') tokens.shift()
    items.push({ key, labels, value: readValue(tokens) })
  }
  tokens.shift()
  return items
}

function readKeys(tokens: string[]): string[] {
  const keys: string[] = []
  while (tokens[0] !== '{' && tokens[0] !== '=') keys.push(word(tokens.shift() ?? ''))
  return keys
}

function readValue(tokens: string[]): unknown {
  const token = tokens.shift() ?? ''
  if (token === '{') return readBody(tokens)
  if (token === '[') {
    const list: unknown[] = []
    while (tokens[0] !== ']') {
      if (tokens[0] === ',') tokens.shift()
      else list.push(readValue(tokens))
    }
    tokens.shift()
    return list
  }
  if (tokens[0] === ',') tokens.shift()
  if (token.startsWith('"')) return word(token)
  return token === 'true' || token === 'false' ? token === 'true' : Number(token)
}

const word = (token: string): string =>
  token.startsWith('"')
    ? token
        .slice(1, -1)
        .replace(/\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|(.))/gi, (_all, x?: string, u?: string, c?: string) =>
          c === undefined ? String.fromCharCode(Number.parseInt(x ?? u ?? '0', 16)) : c === 'n' ? '\n' : c === 't' ? '\t' : c,
        )
    : token

const OLD: Readonly<Record<string, readonly Capability[]>> = {
  deny: ['deny'],
  read: ['read', 'list'],
  write: ['create', 'read', 'update', 'delete', 'list'],
  sudo: ['create', 'read', 'update', 'delete', 'list', 'sudo'],
}

function ruleOf({ labels, value }: Item): PathRule {
  const items = value as readonly Item[]
  const last = (key: string): unknown => items.findLast(it => it.key === key)?.value
  const old = last('policy') as string | undefined
  const said = [
    ...items.filter(it => it.key === 'capabilities').flatMap(it => it.value as Capability[]),
    ...(old === undefined ? [] : (OLD[old] ?? [])),
  ]
  const path = labels[0] ?? 'path'
  const expiration = last('expiration') as string | undefined
  const when = expiration === undefined ? {} : { expiration: new Date(expiration) }
  if (said.includes('deny') || old === 'deny') return { path, capabilities: ['deny'], ...when }
  const control = last('control_group')
  return {
    path,
    capabilities: [...new Set(said)],
    ...when,
    ...present('allowedParameters', parameters(last('allowed_parameters'))),
    ...present('deniedParameters', parameters(last('denied_parameters'))),
    ...present(
      'requiredParameters',
      (last('required_parameters') as string[] | undefined)?.map(it => it.toLowerCase()),
    ),
    ...present('minWrappingTtl', ttl(last('min_wrapping_ttl'))),
    ...present('maxWrappingTtl', ttl(last('max_wrapping_ttl'))),
    ...present('paginationLimit', last('pagination_limit') as number | undefined),
    ...present('listFilterTemplate', last('list_scan_response_keys_filter_path') as string | undefined),
    ...present('controlGroup', control === undefined ? undefined : controlGroup(control as readonly Item[])),
  }
}

const present = <K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } =>
  value === undefined ? {} : ({ [key]: value } as { [P in K]?: V })

const parameters = (value: unknown): ReadonlyMap<string, readonly unknown[]> | undefined =>
  value === undefined ? undefined : new Map((value as readonly Item[]).map(it => [it.key.toLowerCase(), it.value as unknown[]]))

const ttl = (value: unknown): number | undefined => (typeof value === 'number' ? Math.trunc(value) : parseDuration(value))

function controlGroup(items: readonly Item[]): ControlGroup {
  const factors = items.filter(it => it.key === 'factor')
  return {
    selfAuthAllowed: false,
    factors: factors.map(it => ({
      name: it.labels[0] ?? '',
      controlledCapabilities: (it.value as readonly Item[]).find(field => field.key === 'controlled_capabilities')?.value as string[],
      groupNames: [],
      approvals: 1,
    })),
  }
}
