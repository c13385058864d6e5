import type { Json } from '../../../kernel/index.ts'
import { apiPath, statusOf, type Address, type LiveObject, type Subject, type TargetReader, type Values } from '../../model/index.ts'
import { liveValues, secretsIn, type Section, type Shape } from '../../shapes/index.ts'
import { lookupsOf, withNames, type Lookups } from './links.ts'
import { sectionFor } from './section.ts'

/** `extra`: attributes that have an answer of their own, which is asked for only where the files give them. */
export async function readObject(
  reader: TargetReader,
  subject: Subject,
  extra: readonly string[],
  lookups: Lookups = lookupsOf(reader),
): Promise<LiveObject | undefined> {
  const section = sectionFor(subject)
  // Nothing tells whether it is there; that it was written is what the ledger knows.
  if (section.blind === true) return { values: {} }
  const { shape } = section
  const path = apiPath(subject.address)
  const apart = extra.filter(name => shape[name]?.readAt !== undefined)
  const [found, ...more] = await Promise.all([
    answerFor(reader, section, path),
    ...apart.map(name => reader.read(`${path}/${shape[name]?.readAt ?? ''}`)),
  ])
  if (found === undefined || (section.is === 'singleton' && section.isAbsent?.(found) === true)) return undefined
  const data: Record<string, Json> = { ...found }
  for (const [i, name] of apart.entries()) {
    const value = more[i]?.data?.[name]
    if (value !== undefined) data[name] = value
  }
  const named = isLinked(shape) ? await withNames(data, shape, lookups) : data
  const secrets = secretsIn(data, shape)
  return { values: liveObject(section, named, subject.address), ...(secrets.length === 0 ? {} : { secrets }) }
}

const isLinked = (shape: Shape): boolean => Object.values(shape).some(it => it.link !== undefined)

/** In canonical form. */
function liveObject(section: Section, data: Values, address: Address): Values {
  const values = liveValues(data, section.shape, address)
  return section.complete?.(values) ?? values
}

async function answerFor(reader: TargetReader, section: Section, path: string): Promise<Values | undefined> {
  if (section.is === 'collection' && section.inOneAnswer === true) {
    const at = path.lastIndexOf('/')
    return (await oneAnswer(reader, path.slice(0, at), section.answerKey)).get(path.slice(at + 1))
  }
  try {
    return (await reader.read(path, section.query))?.data ?? undefined
  } catch (error) {
    if (section.is === 'singleton' || section.absence !== 'told by the list' || statusOf(error) !== 404) throw error
    const at = path.lastIndexOf('/')
    if ((await reader.list(path.slice(0, at))).includes(path.slice(at + 1))) throw error
    return undefined
  }
}

/** By name: the API ends some of these names with a slash. */
export async function oneAnswer(reader: TargetReader, folder: string, key?: string): Promise<ReadonlyMap<string, Values>> {
  const answer = (await reader.read(folder))?.data ?? {}
  const data = key === undefined ? answer : ((answer[key] ?? {}) as Values)
  return new Map(Object.entries(data).map(([name, it]) => [name.replace(/\/$/, ''), it as Values]))
}
