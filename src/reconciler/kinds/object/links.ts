import type { Json } from '../../../kernel/index.ts'
import { apiPath, textOf, type Subject, type TargetReader, type TargetWriter, type Values } from '../../model/index.ts'
import type { Link, Shape } from '../../shapes/index.ts'

/** The names of identities by their IDs, each table asked for once. */
export interface Lookups {
  names(of: 'entity' | 'group'): Promise<ReadonlyMap<string, string>>
}

/** More than there are, lest a policy's pagination limit cut the list. */
const ALL = '1000000'

export function lookupsOf(reader: TargetReader): Lookups {
  const tables = new Map<string, Promise<ReadonlyMap<string, string>>>()
  return {
    names(of) {
      const asked = tables.get(of) ?? readNames(reader, of)
      tables.set(of, asked)
      return asked
    },
  }
}

async function readNames(reader: TargetReader, of: 'entity' | 'group'): Promise<ReadonlyMap<string, string>> {
  const info = ((await reader.read(`identity/${of}/id`, { list: 'true', limit: ALL }))?.data?.['key_info'] ?? {}) as Readonly<
    Record<string, Values>
  >
  return new Map(Object.entries(info).flatMap(([id, it]) => (typeof it['name'] === 'string' ? [[id, it['name']] as const] : [])))
}

/** An answer with names where it has IDs, under the names that files use. */
export async function withNames(data: Values, shape: Shape, lookups: Lookups): Promise<Values> {
  const named: Record<string, Json> = { ...data }
  for (const [name, { link }] of Object.entries(shape)) if (link !== undefined) named[name] = await linked(data, link, lookups)
  return named
}

async function linked(data: Values, link: Link, lookups: Lookups): Promise<Json> {
  if (!('as' in link))
    return aliasNames(link.of === 'alias' ? [(data['alias'] ?? {}) as Values] : ((data['aliases'] ?? []) as readonly Values[]))
  const ids = (data[link.as] ?? []) as readonly string[]
  if (ids.length === 0) return []
  const names = await lookups.names(link.of)
  // One that is gone has no name, and is no less a difference.
  return ids.map(id => names.get(id) ?? `id:${id}`)
}

const mountOf = (alias: Values): string => textOf(alias['mount_path']).replace(/^auth\/|\/$/g, '')

const aliasNames = (aliases: readonly Values[]): Values =>
  Object.fromEntries(aliases.flatMap(it => (typeof it['name'] === 'string' ? [[mountOf(it), it['name']] as const] : [])))

/** The other way: names that are to be written, as the IDs that the API takes. */
export async function withIds(writer: TargetWriter, values: Values, shape: Shape): Promise<Values> {
  const body: Record<string, Json> = {}
  for (const [name, value] of Object.entries(values)) {
    const link = shape[name]?.link
    if (link === undefined) body[name] = value
    else if ('as' in link) body[link.as] = await Promise.all((value as readonly string[]).map(it => idOf(writer, link.of, it)))
  }
  return body
}

async function idOf(reader: TargetReader, of: 'entity' | 'group', name: string): Promise<string> {
  if (name.startsWith('id:')) return name.slice('id:'.length)
  const id = (await reader.read(`identity/${of}/name/${name}`))?.data?.['id']
  if (typeof id !== 'string') throw new Error(`there is no ${of} named "${name}" yet`)
  return id
}

/** Makes the aliases of an entity or a group what they should be; those that are right are left alone. */
export async function writeAliases(
  writer: TargetWriter,
  subject: Subject,
  link: Link,
  wanted: Readonly<Record<string, string>>,
): Promise<void> {
  if ('as' in link) return
  const data = (await writer.read(apiPath(subject.address)))?.data ?? {}
  const path = link.of === 'alias' ? 'identity/group-alias' : 'identity/entity-alias'
  const all = link.of === 'alias' ? [(data['alias'] ?? {}) as Values] : ((data['aliases'] ?? []) as readonly Values[])
  const live = all.filter(it => typeof it['id'] === 'string')
  for (const it of live) if (wanted[mountOf(it)] !== it['name']) await writer.delete(`${path}/id/${textOf(it['id'])}`)
  const missing = Object.entries(wanted).filter(([mount, name]) => !live.some(it => mountOf(it) === mount && it['name'] === name))
  if (missing.length === 0) return
  const mounts = (await writer.read('sys/auth'))?.data ?? {}
  for (const [mount, name] of missing) {
    const accessor = (mounts[`${mount}/`] as Values | undefined)?.['accessor']
    if (typeof accessor !== 'string') throw new Error(`there is no auth mount ${mount}/ for the alias "${name}"`)
    await writer.write(path, { name, canonical_id: data['id'], mount_accessor: accessor })
  }
}
