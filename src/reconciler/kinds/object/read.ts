import type { Json } from '../../../kernel/index.ts'
import { apiPath, type Address, type LiveObject, type Subject, type TargetReader, type Values } from '../../model/index.ts'
import { liveValues, type Section } from '../../shapes/index.ts'
import { sectionFor } from './section.ts'

/** `extra`: attributes that have an answer of their own, which is asked for only where the files give them. */
export async function readObject(reader: TargetReader, subject: Subject, extra: readonly string[]): Promise<LiveObject | undefined> {
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
  return { values: liveObject(section, data, subject.address) }
}

/** In canonical form. */
export function liveObject(section: Section, data: Values, address: Address): Values {
  const values = liveValues(data, section.shape, address)
  return section.complete?.(values) ?? values
}

async function answerFor(reader: TargetReader, section: Section, path: string): Promise<Values | undefined> {
  if (section.is === 'collection' && section.inOneAnswer === true) {
    const at = path.lastIndexOf('/')
    return (await oneAnswer(reader, path.slice(0, at))).get(path.slice(at + 1))
  }
  return (await reader.read(path))?.data ?? undefined
}

/** By name: the API ends some of these names with a slash. */
export async function oneAnswer(reader: TargetReader, folder: string): Promise<ReadonlyMap<string, Values>> {
  const data = (await reader.read(folder))?.data ?? {}
  return new Map(Object.entries(data).map(([name, it]) => [name.replace(/\/$/, ''), it as Values]))
}
