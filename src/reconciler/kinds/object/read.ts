import type { Json } from '../../../kernel/index.ts'
import { apiPath, type LiveObject, type Subject, type TargetReader } from '../../model/index.ts'
import { liveValues } from '../../shapes/index.ts'
import { sectionFor } from './section.ts'

/** `extra`: attributes that have an answer of their own, which is asked for only where the files give them. */
export async function readObject(reader: TargetReader, subject: Subject, extra: readonly string[]): Promise<LiveObject | undefined> {
  const { shape } = sectionFor(subject)
  const path = apiPath(subject.address)
  const apart = extra.filter(name => shape[name]?.readAt !== undefined)
  const [answer, ...more] = await Promise.all([
    reader.read(path),
    ...apart.map(name => reader.read(`${path}/${shape[name]?.readAt ?? ''}`)),
  ])
  if (answer?.data === undefined || answer.data === null) return undefined
  const data: Record<string, Json> = { ...answer.data }
  for (const [i, name] of apart.entries()) {
    const value = more[i]?.data?.[name]
    if (value !== undefined) data[name] = value
  }
  return { values: liveValues(data, shape, subject.address) }
}
