import { nearest, type Checked, type Diagnostic, type Json, type SourceRange } from '../../kernel/index.ts'
import {
  errorAt,
  fileRange,
  hasErrors,
  mountAddress,
  nodeWords,
  type Address,
  type MapEntry,
  type MapNode,
  type MountTable,
  type Reference,
  type Resource,
  type SourceNode,
  textOf,
} from '../model/index.ts'
import {
  canonicalMount,
  mountHead,
  mountTypeOf,
  mountTypes,
  readAttributes,
  TUNE,
  tuneShapes,
  unknownKey,
  type MountType,
  type ReadAttributes,
} from '../shapes/index.ts'
import { mapOf, readSections } from './mount-sections.ts'

/** A mount file that was read: what it describes, and what the files below its folder need to know. */
export interface MountFile {
  readonly address: Address
  readonly type: MountType | undefined
  readonly resources: readonly Resource[]
}

/** Keys that begin so are anybody's: a place for anchors. */
const isOwn = (entry: MapEntry): boolean => entry.key.startsWith('x-')

const emptyMap = (at: SourceRange): MapNode => ({ is: 'map', entries: [], at })

/** `roles/<path>.yaml` or `engines/<path>.yaml`. */
export function readMountFile(file: string, table: MountTable, path: string, root: SourceNode): Checked<MountFile> {
  if (root.is !== 'map') return { findings: [errorAt('LOAD0004', root.at, `expected a map with type, found ${nodeWords(root)}`)] }
  const address = mountAddress(table, path)
  const builtIn = Object.values(mountTypes).find(it => it.table === table && it.builtInAt === path)
  return builtIn === undefined ? readMount(file, table, address, root) : readBuiltIn(builtIn, address, root)
}

function readBuiltIn(type: MountType, address: Address, root: MapNode): Checked<MountFile> {
  const findings: Diagnostic[] = []
  const sections: MapEntry[] = []
  for (const entry of root.entries) {
    if (isOwn(entry)) continue
    if (type.sections[entry.key] !== undefined) sections.push(entry)
    else if (entry.key !== 'type') {
      findings.push(
        entry.key in mountHead || entry.key === 'tune'
          ? errorAt(
              'LOAD0011',
              entry.keyAt,
              `${address} is built into the server: ${entry.key} cannot be managed, only ${Object.keys(type.sections).join(', ')}`,
            )
          : unknownKey(entry, ['type', ...Object.keys(type.sections)], address),
      )
    } else if (entry.value.is !== 'scalar' || entry.value.value !== type.type) {
      findings.push(errorAt('LOAD0004', entry.value.at, `type: expected ${type.type}, which is what the server mounts here`))
    }
  }
  const resources = readSections(sections, { mount: address, type }, undefined, findings)
  return hasErrors(findings) ? { findings } : { value: { address, type, resources }, findings }
}

function readMount(file: string, table: MountTable, address: Address, root: MapNode): Checked<MountFile> {
  const findings: Diagnostic[] = []
  const said = typeOf(root, table, file, findings)
  if (said === undefined) return { findings }
  const canonicalType = textOf(canonicalMount(table, { type: said })['type'])
  const type = mountTypeOf(table, canonicalType)
  const head: MapEntry[] = []
  const sections: MapEntry[] = []
  let tune: MapNode = emptyMap(root.at)
  for (const entry of root.entries) {
    if (isOwn(entry) || entry.key === 'type') continue
    if (entry.key in mountHead) head.push(entry)
    else if (type?.sections[entry.key] !== undefined) sections.push(entry)
    else if (entry.key === 'tune') tune = mapOf(entry, findings) ?? tune
    else findings.push(unknownIn(entry, table, canonicalType, type))
  }
  const own = readAttributes({ is: 'map', entries: head, at: root.at }, mountHead, `the mount ${address}`)
  const tuned = readAttributes(tune, tuneShapes[table], 'tune')
  findings.push(...own.findings, ...tuned.findings)
  const mount =
    own.value === undefined || tuned.value === undefined ? undefined : mountResource(table, address, said, root, own.value, tuned.value)
  const resources = type === undefined ? [] : readSections(sections, { mount: address, type }, mount?.values, findings)
  if (mount === undefined || hasErrors(findings)) return { findings }
  return { value: { address, type, resources: [mount, ...resources] }, findings }
}

function typeOf(root: MapNode, table: MountTable, file: string, findings: Diagnostic[]): string | undefined {
  const entry = root.entries.find(it => it.key === 'type')
  if (entry === undefined) {
    const near = nearest(
      'type',
      root.entries.map(it => it.key),
    )
    const known = Object.values(mountTypes).filter(it => it.table === table && it.builtInAt === undefined)
    const hint = near === undefined ? `say which, such as type: ${known[0]?.type ?? 'kv'}` : `"${near}" is not a key; did you mean type?`
    findings.push(errorAt('LOAD0005', root.entries[0]?.keyAt ?? fileRange(file), 'a mount needs a type', hint))
    return undefined
  }
  const { value } = entry
  if (value.is === 'scalar' && typeof value.value === 'string' && value.value !== '') return value.value
  findings.push(errorAt('LOAD0004', value.at, `type: expected text, found ${nodeWords(value)}`))
  return undefined
}

/** A section of another type, or of one that is not known, deserves to hear so. */
function unknownIn(entry: MapEntry, table: MountTable, typeName: string, type: MountType | undefined): Diagnostic {
  const keys = ['type', ...Object.keys(mountHead), 'tune', ...Object.keys(type?.sections ?? {})]
  if (type !== undefined) return unknownKey(entry, keys, `a mount of type ${typeName}`)
  const anySection = Object.values(mountTypes).some(it => it.table === table && it.sections[entry.key] !== undefined)
  if (!anySection) return unknownKey(entry, keys, `a mount of type ${typeName}`)
  const known = Object.values(mountTypes).flatMap(it => (it.table === table ? it.type : []))
  const near = nearest(typeName, known)
  return errorAt(
    'LOAD0003',
    entry.keyAt,
    `${entry.key} cannot be managed on a mount of type ${typeName}${near === undefined ? '' : `; did you mean type ${near}?`}`,
    `its mount can; the types whose insides can be managed here are ${known.join(', ')}`,
  )
}

function mountResource(
  table: MountTable,
  address: Address,
  type: string,
  root: MapNode,
  own: ReadAttributes,
  tuned: ReadAttributes,
): Resource {
  const prefixed = <T>(record: Readonly<Record<string, T>>): Record<string, T> =>
    Object.fromEntries(Object.entries(record).map(([name, it]) => [`${TUNE}${name}`, it]))
  const typeAt = root.entries.find(it => it.key === 'type')
  const values = canonicalMount(table, { type, ...own.values, ...prefixed<Json>(tuned.values) })
  return {
    address,
    kind: 'mount',
    type: textOf(values['type']),
    values,
    references: { ...own.references, ...prefixed<Reference>(tuned.references) },
    from: typeAt?.keyAt ?? root.at,
    at: { ...own.at, ...prefixed<SourceRange>(tuned.at), ...(typeAt === undefined ? {} : { type: typeAt.value.at }) },
    policies: [],
  }
}
