import { apiPath, type LiveObject, type Subject, type TargetReader } from '../../model/index.ts'
import { plainForm } from '../../shapes/index.ts'

/** Only what is asked for: nobody knows which of the rest is secret. */
export async function readApi(reader: TargetReader, subject: Subject, names: readonly string[]): Promise<LiveObject | undefined> {
  const data = (await reader.read(apiPath(subject.address)))?.data
  if (data === undefined || data === null) return undefined
  const values = names.flatMap(name => (data[name] === undefined || data[name] === null ? [] : [[name, plainForm(data[name])] as const]))
  return { values: Object.fromEntries(values) }
}
