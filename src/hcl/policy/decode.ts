import type { Diagnostic } from '../../kernel/index.ts'
import { BOOL, FLOAT, HEREDOC, NULL, NUMBER, STRING } from '../lex/index.ts'
import { stringValue, tokenText, type HclTree, type Literal } from '../parse/index.ts'
import { done, failure, type Failure, type Outcome } from './failure.ts'
import { parseFloat64, parseInteger } from './go-number.ts'
import {
  entriesOf,
  entryOf,
  filtered,
  hasKey,
  keysLeft,
  nodeTypes,
  placeOf,
  rangeOfNode,
  shownNode,
  type Entry,
  type Node,
} from './node.ts'

/**
 * Nodes → values of a wanted type, with the server's refusals. The server decodes into Go types by reflection, and what a second
 * `key =` does depends on what the first one left: lists grow, texts are replaced, and a value of an open type keeps the type
 * that it got first. So every function here takes what was there before, and adds to it in place: a key may be repeated very
 * often.
 */
export interface Decoder {
  readonly tree: HclTree
  /** Names the value to the user: `capabilities of path "a"`. */
  readonly about: string
}

/** A value whose type the text chose. */
export type Dynamic =
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'int'; readonly value: bigint }
  | { readonly type: 'float'; readonly value: number }
  | { readonly type: 'list'; readonly value: Dynamic[] }
  | { readonly type: 'maps'; readonly value: Map<string, Dynamic>[] }
  | { readonly type: 'map'; readonly value: Map<string, Dynamic> }

/** What encloses a value of an open type: directly in a list an object is a map, elsewhere a list of maps. */
type Around = 'list' | 'other'

export function decodeString(it: Decoder, name: string, node: Node): Outcome<string> {
  if (node.kind === 'literal') {
    const kind = it.tree.tokens.kind(node.token)
    if (kind === NUMBER) return done(tokenText(it.tree, node.token))
    if (kind === STRING || kind === HEREDOC || kind === NULL) return readable(it, node)
  }
  return refused(it, node, 'a text', `${name}: unknown type for string ${nodeTypes[node.kind]}`)
}

export function decodeBool(it: Decoder, name: string, node: Node): Outcome<boolean> {
  if (node.kind === 'literal' && it.tree.tokens.kind(node.token) === BOOL) return done(tokenText(it.tree, node.token) === 'true')
  return refused(it, node, 'true or false', `${name}: unknown type ${nodeTypes[node.kind]}`)
}

export function decodeInt(it: Decoder, name: string, node: Node): Outcome<bigint> {
  if (node.kind === 'literal') {
    const kind = it.tree.tokens.kind(node.token)
    if (kind === NUMBER || kind === STRING || kind === NULL) {
      const text = kind === NUMBER ? done(tokenText(it.tree, node.token)) : readable(it, node)
      if (!text.ok) return text
      const read = parseInteger(text.value)
      return 'value' in read ? done(read.value) : failure(finding(it, node, 'a whole number'), read.error)
    }
  }
  return refused(it, node, 'a whole number', `${name}: unknown type ${nodeTypes[node.kind]}`)
}

function decodeFloat(it: Decoder, name: string, node: Node): Outcome<number> {
  if (node.kind === 'literal') {
    const kind = it.tree.tokens.kind(node.token)
    if (kind === FLOAT || kind === NUMBER) {
      const read = parseFloat64(tokenText(it.tree, node.token))
      return 'value' in read ? done(read.value) : failure(finding(it, node, 'a number'), read.error)
    }
  }
  return refused(it, node, 'a number', `${name}: unknown type ${nodeTypes[node.kind]}`)
}

export const decodeStrings = (it: Decoder, name: string, node: Node, before: string[] = []): Outcome<string[]> =>
  decodeEach(
    it,
    name,
    node,
    before,
    'a list of texts',
    (at, element) => decodeString(it, at, element),
    text => text,
  )

const decodeDynamics = (it: Decoder, name: string, node: Node, before: Dynamic[] = []): Outcome<Dynamic[]> =>
  decodeEach(it, name, node, before, 'a list', (at, element) => decodeDynamic(it, at, element, undefined, 'list'), dynamicText)

const dynamicText = (value: string): Dynamic => ({ type: 'string', value })

/** Names of parameters with their lists of values. */
export type Lists = Map<string, Dynamic[]>

export const decodeLists = (it: Decoder, name: string, node: Node, before: Lists = new Map()): Outcome<Lists> =>
  decodeMap(it, name, node, before, (at, value, old) => decodeDynamics(it, at, value, old))

function decodeEach<T>(
  it: Decoder,
  name: string,
  node: Node,
  values: T[],
  wanted: string,
  decode: (name: string, element: Node) => Outcome<T>,
  ofText?: (text: string) => T,
): Outcome<T[]> {
  if (node.kind === 'literal' || node.kind === 'entry') return refused(it, node, wanted, `unknown slice type: ${nodeTypes[node.kind]}`)
  const elements: readonly Node[] = node.kind === 'entries' ? node.entries : node.kind === 'list' ? node.elements : [node]
  for (let i = 0; i < elements.length; i++) {
    const element = elements[i] as Node
    // Most elements are strings, and nobody asks for their names.
    const text =
      ofText !== undefined && element.kind === 'literal' && it.tree.tokens.kind(element.token) === STRING
        ? stringValue(it.tree, element.token)
        : undefined
    if (ofText !== undefined && text !== undefined) values.push(ofText(text))
    else {
      const value = decode(`${name}[${i}]`, element)
      if (!value.ok) return value
      values.push(value.value)
    }
  }
  return done(values)
}

function decodeMap<T>(
  it: Decoder,
  name: string,
  node: Node,
  map: Map<string, T>,
  decode: (name: string, value: Node, old: T | undefined) => Outcome<T>,
): Outcome<Map<string, T>> {
  const entries =
    node.kind === 'entry'
      ? [node]
      : node.kind === 'object'
        ? entriesOf(it.tree, node.items)
        : node.kind === 'entries'
          ? node.entries
          : undefined
  if (entries === undefined) return refused(it, node, 'an object', `${name}: not an object type for map (${nodeTypes[node.kind]})`)
  const complete = new Set<string>()
  let byKey: ReadonlyMap<string, readonly Entry[]> | undefined
  for (const entry of entries) {
    if (keysLeft(entry) === 0) return refused(it, node, 'keys', `${name}: map must have string keys`)
    const { key } = entry
    if (key === undefined) return unreadable(it, entry)
    if (complete.has(key)) continue
    let value: Node = entry.item.value
    if (keysLeft(entry) > 1) {
      byKey ??= groupedByKey(it.tree, entries)
      value = { kind: 'entries', entries: byKey.get(key.toUpperCase()) ?? [] }
      complete.add(key)
    }
    const decoded = decode(`${name}.${key}`, value, map.get(key))
    if (!decoded.ok) return decoded
    map.set(key, decoded.value)
  }
  return done(map)
}

/** Entries without their first key, under that key whatever its case. */
function groupedByKey(tree: HclTree, entries: readonly Entry[]): ReadonlyMap<string, readonly Entry[]> {
  const groups = new Map<string, Entry[]>()
  for (const { from, item, key } of entries) {
    if (key === undefined) continue
    const group = groups.get(key.toUpperCase())
    if (group === undefined) groups.set(key.toUpperCase(), [entryOf(tree, item, from + 1)])
    else group.push(entryOf(tree, item, from + 1))
  }
  return groups
}

export function decodeDynamic(it: Decoder, name: string, node: Node, before: Dynamic | undefined, around: Around): Outcome<Dynamic> {
  const type = before?.type ?? typeOf(it, node, around)
  switch (type) {
    case 'string':
      return tagged('string', decodeString(it, name, node))
    case 'bool':
      return tagged('bool', decodeBool(it, name, node))
    case 'int':
      return tagged('int', decodeInt(it, name, node))
    case 'float':
      return tagged('float', decodeFloat(it, name, node))
    case 'list':
      return tagged('list', decodeDynamics(it, name, node, before?.type === 'list' ? before.value : []))
    case 'map':
      return tagged('map', decodeOpenMap(it, name, node, before?.type === 'map' ? before.value : new Map<string, Dynamic>()))
    case 'maps': {
      const old = before?.type === 'maps' ? before.value : []
      return tagged(
        'maps',
        decodeEach(it, name, node, old, 'an object', (at, element) => decodeOpenMap(it, at, element, new Map<string, Dynamic>())),
      )
    }
    case undefined:
      return failure(finding(it, node, 'a value'), `${name}: cannot decode into interface: ${nodeTypes[node.kind]}`)
  }
}

const decodeOpenMap = (it: Decoder, name: string, node: Node, before: Map<string, Dynamic>): Outcome<Map<string, Dynamic>> =>
  decodeMap(it, name, node, before, (at, value, old) => decodeDynamic(it, at, value, old, 'other'))

function typeOf(it: Decoder, node: Node, around: Around): Dynamic['type'] | undefined {
  switch (node.kind) {
    case 'entry':
      return undefined
    case 'entries':
    case 'object':
      return around === 'list' ? 'map' : 'maps'
    case 'list':
      return 'list'
    case 'literal':
      switch (it.tree.tokens.kind(node.token)) {
        case BOOL:
          return 'bool'
        case FLOAT:
          return 'float'
        case NUMBER:
          return 'int'
        default:
          return 'string'
      }
  }
}

function tagged<T extends Dynamic['type']>(type: T, it: Outcome<Extract<Dynamic, { type: T }>['value']>): Outcome<Dynamic> {
  return it.ok ? done({ type, value: it.value } as Dynamic) : it
}

/** As plain data: numbers as numbers, maps as objects. */
export function plain(it: Dynamic): unknown {
  switch (it.type) {
    case 'int':
      return Number(it.value)
    case 'list':
      return it.value.map(plain)
    case 'map':
      return plainMap(it.value)
    case 'maps':
      // One object, not a list: the server's list of maps is not the list of maps that a list makes, and equals nothing.
      return plainMap(new Map(it.value.flatMap(map => [...map])))
    default:
      return it.value
  }
}

const plainMap = (map: ReadonlyMap<string, Dynamic>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Array.from(map, ([key, value]) => [key, plain(value)]))

/** What `name = …` and `name { … }` in some entries hold together: labelled blocks first, then each value in text order. */
export function decodeField<T>(
  it: Decoder,
  entries: readonly Entry[],
  name: string,
  field: string,
  decode: (it: Decoder, name: string, node: Node, before: T | undefined) => Outcome<T>,
): Outcome<T | undefined> {
  const nodes = nodesOf(it.tree, entries, name)
  if (nodes.length === 0) return done(undefined)
  const within = { tree: it.tree, about: name + it.about }
  let decoded: T | undefined
  for (const node of nodes) {
    const outcome = decode(within, `root.${field}`, node, decoded)
    if (!outcome.ok) return outcome
    decoded = outcome.value
  }
  return done(decoded)
}

const NOTHING: readonly Node[] = []

function nodesOf(tree: HclTree, entries: readonly Entry[], name: string): readonly Node[] {
  let only: Entry | undefined
  for (const entry of entries) {
    if (!hasKey(entry, name)) continue
    if (only !== undefined) return allNodesOf(tree, entries, name)
    only = entry
  }
  if (only === undefined) return NOTHING
  return keysLeft(only) === 1 ? [valueOf(tree, only)] : allNodesOf(tree, entries, name)
}

function allNodesOf(tree: HclTree, entries: readonly Entry[], name: string): readonly Node[] {
  const found = filtered(tree, entries, name)
  const labelled = found.filter(entry => keysLeft(entry) > 0)
  const values = found.filter(entry => keysLeft(entry) === 0).map(entry => valueOf(tree, entry))
  return labelled.length > 0 ? [{ kind: 'entries', entries: labelled }, ...values] : values
}

/** A body counts as its entries. */
function valueOf(tree: HclTree, { item: { value } }: Entry): Node {
  return value.kind === 'object' ? { kind: 'entries', entries: entriesOf(tree, value.items) } : value
}

function readable(it: Decoder, node: Literal): Outcome<string> {
  const value = stringValue(it.tree, node.token)
  return value === undefined ? unreadable(it, node) : done(value)
}

/** The server has no words for this: it breaks the connection. */
export function unreadable(it: Decoder, node: Node): Failure {
  const found = finding(it, node, 'a readable text')
  return failure(
    {
      ...found,
      code: 'HCL2002',
      summary: `an escape in ${it.about} stands for no character`,
      detail: 'octal escapes go to \\377, code points to \\U0010ffff',
    },
    'invalid syntax',
  )
}

function refused(it: Decoder, node: Node, wanted: string, words: string): Failure {
  return failure(finding(it, node, wanted), `At ${placeOf(it.tree, node)}: ${words}`)
}

function finding(it: Decoder, node: Node, wanted: string): Diagnostic {
  const at = rangeOfNode(it.tree, node)
  return {
    code: 'HCL2001',
    severity: 'error',
    summary: `${it.about}: expected ${wanted}`,
    detail: `found ${shownNode(it.tree, node)}`,
    ...(at === undefined ? {} : { at }),
  }
}
