import { type CoreRequest, faults } from '../logical/index.ts'
import { parseBool, type Query } from './query.ts'

/** What a method and a query ask for, before there is a body; the query's word for it is not data. */
export interface Wish {
  readonly op: CoreRequest['op']
  readonly spent?: 'list' | 'scan'
}

const METHODS: Readonly<Record<string, CoreRequest['op']>> = {
  GET: 'read',
  POST: 'write',
  PUT: 'write',
  PATCH: 'patch',
  DELETE: 'delete',
  LIST: 'list',
  SCAN: 'scan',
}

const READ: Wish = { op: 'read' }

/** `list=true` and the like; an empty word is none, and one that is no boolean is refused without a word. */
function asked(query: Query, name: 'list' | 'scan'): boolean {
  const text = query.pairs.get(name)?.[0] ?? ''
  if (text === '') return false
  const value = parseBool(text)
  if (value === undefined) throw faults.unreadableQuery()
  return value
}

/** Undefined for a method that the API has not. */
export function wishOf(method: string, query: Query): Wish | undefined {
  if (method === 'HELP' || (query.pairs.size > 0 && (query.pairs.get('help')?.[0] ?? '') !== '')) return { op: 'help' }
  if (method !== 'GET' || query.pairs.size === 0) {
    if (method === 'GET') return READ
    const op = Object.hasOwn(METHODS, method) ? METHODS[method] : undefined
    return op === undefined ? undefined : { op }
  }
  const list = asked(query, 'list')
  const scan = asked(query, 'scan')
  if (list && scan) throw faults.unreadableQuery()
  return list ? { op: 'list', spent: 'list' } : scan ? { op: 'scan', spent: 'scan' } : READ
}
