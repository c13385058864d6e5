import { apiPath, type Subject, type TargetWriter, type Values } from '../../model/index.ts'
import { isDefault, wireValues } from '../../shapes/index.ts'
import { withIds, writeAliases } from './links.ts'
import { sectionFor } from './section.ts'

/**
 * Writes all that an object says: what belongs to its own path in one request, and what the API takes below it in one each.
 *
 * @param changed attributes that have to become what they are; undefined: the object is new
 */
export async function writeAll(
  writer: TargetWriter,
  subject: Subject,
  values: Values,
  changed: readonly string[] | undefined,
): Promise<void> {
  const { shape } = sectionFor(subject)
  const path = apiPath(subject.address)
  const names = Object.keys(values).filter(name => {
    const it = shape[name]
    if (it === undefined) return true
    if (changed !== undefined && it.fixed && !it.repeated) return false
    return !it.sparse || changed?.includes(name) === true || !isDefault(values[name], it)
  })
  const aliases = names.filter(name => ['alias', 'aliases'].includes(shape[name]?.link?.of ?? ''))
  const places = Map.groupBy(
    names.filter(name => !aliases.includes(name)),
    name => shape[name]?.writeAt ?? '',
  )
  const own = places.get('') ?? []
  places.delete('')
  // What can be said at creation only leaves nothing to say later; the object itself still has to be made.
  if (changed === undefined || own.length > 0) await writer.write(path, await withIds(writer, wireValues(values, shape, own), shape))
  for (const [place, inside] of places) {
    const isNeeded = inside.some(name => (changed === undefined ? !isDefault(values[name], shape[name]) : changed.includes(name)))
    if (isNeeded) await writer.write(`${path}/${place}`, wireValues(values, shape, inside))
  }
  for (const name of aliases) {
    const link = shape[name]?.link
    const isNeeded = changed === undefined ? !isDefault(values[name], shape[name]) : changed.includes(name)
    if (isNeeded && link !== undefined) await writeAliases(writer, subject, link, values[name] as Readonly<Record<string, string>>)
  }
}
