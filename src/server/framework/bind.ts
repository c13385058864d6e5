/**
 * Tables made ready for requests: worked out once for an engine, however many mounts of it there are; a mount adds its handlers only, so
 * that a thousand mounts cost a thousand sets of handlers and one table.
 */
import { codec, type Codec, type Field, type Fields } from '../../schema/index.ts'
import type { RouteFacts } from '../logical/index.ts'
import type { Bound, Handler } from './engine.ts'
import type { Op, Route, RouteTable } from './route.ts'
import { trie, type Trie } from './trie.ts'

export interface BoundOp {
  readonly op: Op
  readonly input: Codec<Fields> | undefined
}
export interface BoundRoute {
  readonly path: string
  readonly lists: boolean
  readonly route: Route
  readonly facts: RouteFacts
  readonly params: readonly (readonly [name: string, field: Field<unknown>])[]
  readonly codec: Codec<Fields>
  readonly ops: ReadonlyMap<string, BoundOp>
  /** Where its handlers stand: of which table, by which key. */
  readonly table: number
  readonly key: string
}
export type Find = Trie<BoundRoute>

export const handlerOf = (handlers: readonly Bound[], { table, key }: BoundRoute, name: string): Handler | undefined =>
  handlers[table]?.[key]?.[name]

interface Ready {
  readonly tables: readonly RouteTable[]
  readonly find: Find
}
/** By their first table. */
const ready = new WeakMap<RouteTable, Ready[]>()

/** The handlers of the first mount are checked against the tables; those of others are made by the same functions. */
export function bind(tables: readonly RouteTable[], handlers: readonly Bound[]): Find {
  const [first] = tables
  const known = first && ready.get(first)
  const same = known?.find(it => it.tables.length === tables.length && it.tables.every((table, i) => table === tables[i]))
  if (same !== undefined) return same.find
  const routes = tables.flatMap((table, i) => Object.entries(table).map(([key, route]) => bindRoute(route, i, key)))
  for (const route of routes) check(route, handlers[route.table]?.[route.key] ?? {})
  const find = trie(routes)
  if (first !== undefined) ready.set(first, [...(known ?? []), { tables, find }])
  return find
}

function bindRoute(route: Route, table: number, key: string): BoundRoute {
  const ops = new Map<string, BoundOp>()
  for (const [name, op] of Object.entries(route.ops)) ops.set(name, { op, input: 'anyBody' in op.input ? undefined : codec(op.input) })
  return {
    path: route.path,
    lists: ops.has('list') || ops.has('scan'),
    route,
    facts: { access: route.access, template: route.path, alsoTopLevel: route.alsoTopLevel },
    params: Object.entries(route.params),
    codec: codec(route.params),
    ops,
    table,
    key,
  }
}

function check({ route, ops }: BoundRoute, handlers: Readonly<Record<string, Handler>>): void {
  const missing = [...ops.keys()].find(name => handlers[name] === undefined)
  if (missing !== undefined) throw new Error(`"${route.path}" has no handler for ${missing}`)
  const surplus = Object.keys(handlers).find(name => !ops.has(name) && !(name === 'exists' && route.upsert))
  if (surplus !== undefined) throw new Error(`"${route.path}" has a handler for ${surplus}, but no such operation`)
}
