import type { Json } from '../../kernel/index.ts'
import { restOf, textOf, type Address, type LiveObject, type MountTable, type RepositoryFile, type Values } from '../model/index.ts'
import { mountShapes, mountTypes, optionsOf, TUNE, type MountType, type Section } from '../shapes/index.ts'
import { fileValues } from './file-values.ts'
import { yamlText } from './yaml-text.ts'

/** An object that stands on a mount, or that every server has. */
export interface FoundObject {
  readonly address: Address
  /** Under which key of a mount file, or in which file, it is described. */
  readonly key: string
  readonly section: Section
  readonly live: LiveObject
}

export interface FoundMount {
  readonly address: Address
  readonly table: MountTable
  readonly live: LiveObject
  readonly type: MountType | undefined
  readonly objects: readonly FoundObject[]
}

type File = RepositoryFile & { readonly text: string }

const FOLDERS: Readonly<Record<MountTable, string>> = { auth: 'roles', engine: 'engines' }

const pathOf = (table: MountTable, address: Address): string => `${FOLDERS[table]}/${restOf(address).replace(/\/$/, '')}`
const nameOf = (address: Address): string => address.slice(address.lastIndexOf('/') + 1)
function valuesOf({ live, section, address }: FoundObject): Record<string, Json> {
  const { values, secrets = [] } = live
  const said = section.unmasked?.(values)
  return fileValues(said?.values ?? values, section.shape, [...secrets, ...(said?.secrets ?? [])], address)
}

/** The whole of a mount in one file. Nothing, for a built-in one on which there is nothing to describe. */
export function mountFile(it: FoundMount): File | undefined {
  const isBuiltIn = it.type?.builtInAt !== undefined
  const sections = sectionsOf(it.objects)
  if (isBuiltIn && Object.keys(sections).length === 0) return undefined
  const head = isBuiltIn ? { type: it.type?.type ?? '' } : headOf(it)
  return { path: `${pathOf(it.table, it.address)}.yaml`, text: yamlText({ ...head, ...sections }) }
}

function headOf({ address, table, live }: FoundMount): Record<string, Json> {
  const { type: _type, ...said } = fileValues(live.values, mountShapes[table], [], address)
  const { type, options } = shortest(table, live.values)
  const tune = Object.entries(said).flatMap(([name, value]) => (name.startsWith(TUNE) ? [[name.slice(TUNE.length), value] as const] : []))
  const own = Object.entries(said).filter(([name]) => !name.startsWith(TUNE) && name !== 'options')
  return {
    type,
    ...Object.fromEntries(own),
    ...(Object.keys(options).length === 0 ? {} : { options }),
    ...(tune.length === 0 ? {} : { tune: Object.fromEntries(tune) }),
  }
}

/** `kv-v2`, and not kv with an option. */
function shortest(table: MountTable, values: Values): { readonly type: string; readonly options: Readonly<Record<string, string>> } {
  const type = textOf(values['type'])
  const options = optionsOf(values)
  const aliases = Object.entries(mountTypes[`${table}/${type}`]?.aliases ?? {})
  const fits = aliases.find(([, said]) => Object.entries(said).every(([key, value]) => options[key] === value))
  if (fits === undefined) return { type, options }
  const [name, said] = fits
  return { type: name, options: Object.fromEntries(Object.entries(options).filter(([key]) => said[key] === undefined)) }
}

/** By key: a config with what it says, a collection with its objects by name. A config that says nothing is left out. */
function sectionsOf(objects: readonly FoundObject[]): Record<string, Json> {
  const sections: Record<string, Record<string, Json>> = {}
  for (const it of objects) {
    const said = valuesOf(it)
    if (it.section.is === 'collection') sections[it.key] = { ...sections[it.key], [nameOf(it.address)]: said }
    else if (Object.keys(said).length > 0) sections[it.key] = said
  }
  return sections
}

/** One object in a file of its own, beside a mount file that is there already. */
export const memberFile = (table: MountTable, mount: Address, it: FoundObject): File => ({
  path: `${pathOf(table, mount)}/${it.key}/${nameOf(it.address)}.yaml`,
  text: yamlText(valuesOf(it)),
})

/** What every server has: one object a file, and a config in the file of its name. Nothing for a config that says nothing. */
export function sectionFile(it: FoundObject): File | undefined {
  const { section, live, key } = it
  const said = valuesOf(it)
  if (section.is === 'singleton') return Object.keys(said).length === 0 ? undefined : { path: `${key}.yaml`, text: yamlText(said) }
  if (section.text !== undefined) return { path: `${key}/${nameOf(it.address)}.hcl`, text: `${textOf(live.values[section.text])}\n` }
  return { path: `${key}/${nameOf(it.address)}.yaml`, text: yamlText(said) }
}
