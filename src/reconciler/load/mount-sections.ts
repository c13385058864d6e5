import type { Diagnostic, SourceRange } from '../../kernel/index.ts'
import {
  errorAt,
  finding,
  homeAddress,
  mountAddress,
  nodeWords,
  objectAddress,
  type Address,
  type MapEntry,
  type MapNode,
  type NamedObject,
  type Resource,
  type Values,
  textOf,
} from '../model/index.ts'
import { readAttributes, type Collection, type MountType, type Section, type Shape } from '../shapes/index.ts'
import { objectNameProblem } from './names.ts'

/** The mount on which objects are described. */
export interface Place {
  readonly mount: Address
  readonly type: MountType
}

export function mapOf(entry: MapEntry, findings: Diagnostic[]): MapNode | undefined {
  if (entry.value.is === 'map') return entry.value
  const hint = entry.value.is === 'scalar' && entry.value.value === null ? '; leave the key out, or write {} for an empty one' : ''
  findings.push(errorAt('LOAD0004', entry.value.at, `${entry.key}: expected a map, found ${nodeWords(entry.value)}${hint}`))
  return undefined
}

/** @param values the mount's own, as far as they are known */
export function readSections(entries: readonly MapEntry[], place: Place, values: Values | undefined, findings: Diagnostic[]): Resource[] {
  return entries.flatMap(entry => {
    const section = place.type.sections[entry.key] as Section
    const map = mapOf(entry, findings)
    if (map === undefined) return []
    if (section.is === 'singleton') {
      const refusal = values === undefined ? undefined : section.refuses?.(values)
      if (refusal !== undefined) findings.push(errorAt('LOAD0003', entry.keyAt, `${entry.key}: ${refusal}`))
      const what = `${entry.key} of ${place.mount}`
      return readObject(map, section, what, { place, path: section.path, from: entry.keyAt }, findings)
    }
    return map.entries.flatMap(it => {
      const inner = mapOf(it, findings)
      return inner === undefined ? [] : readMember(section, it.key, it.keyAt, inner, place, findings)
    })
  })
}

/** One object of a collection, from a mount file or a file of its own. */
export function readMember(
  section: Collection,
  name: string,
  nameAt: SourceRange,
  node: MapNode,
  place: Place,
  findings: Diagnostic[],
): Resource[] {
  const problem = objectNameProblem(name, section.names)
  if (problem !== undefined) {
    findings.push(errorAt('LOAD0007', nameAt, `"${name}" cannot be the name of a ${section.noun}: ${problem}`))
    return []
  }
  const folded = section.foldName?.(name) ?? (section.foldsNames ? name.toLowerCase() : name)
  const path = `${section.path}/${folded}`
  if (folded !== name) {
    const about = objectAddress(place.mount, path)
    findings.push(finding('warning', 'LOAD0013', `the server folds this name to ${folded}`, { at: nameAt, about }))
  }
  const what = `${section.noun} "${name}"`
  return readObject(node, section, what, { place, path, from: nameAt }, findings)
}

/** Groups are made after those that are in them. */
function needsOf(shape: Shape, values: Values): Pick<Resource, 'needs'> {
  const needs = Object.entries(shape).flatMap(([name, { link }]) =>
    link !== undefined && 'as' in link
      ? ((values[name] ?? []) as readonly string[]).map(it => objectAddress(homeAddress('identity'), `${link.of}/name/${it}`))
      : [],
  )
  return needs.length === 0 ? {} : { needs }
}

/** What the values of an object name. By reference nothing is named: it is not known yet. */
function namesOf(shape: Shape, values: Values, mount: Address): Pick<Resource, 'names'> {
  const found = Object.entries(shape).flatMap(([attribute, it]): readonly NamedObject[] => {
    const { link, names } = it
    const value = values[attribute]
    if (link !== undefined) {
      // Logins are called by the mount that they come from.
      if (!('as' in link)) return Object.keys(value ?? {}).map(name => ({ attribute, value: name, at: [mountAddress('auth', name)] }))
      return ((value ?? []) as readonly string[]).map(name => ({
        attribute,
        value: name,
        at: [objectAddress(homeAddress('identity'), `${link.of}/name/${name}`)],
      }))
    }
    if (names === undefined) return []
    const home = names.on === 'mount' ? mount : homeAddress(names.on)
    return (Array.isArray(value) ? (value as readonly string[]) : [textOf(value)])
      .filter(name => name !== '' && !name.includes('*') && names.but?.includes(name) !== true)
      .map(name => ({ attribute, value: name, at: names.at.map(path => objectAddress(home, `${path}/${name}`)) }))
  })
  return found.length === 0 ? {} : { names: found }
}

interface Where {
  readonly place: Place
  /** Below the mount. */
  readonly path: string
  readonly from: SourceRange
}

function readObject(node: MapNode, section: Section, what: string, where: Where, findings: Diagnostic[]): Resource[] {
  const { shape } = section
  const { place, path, from } = where
  const read = readAttributes(node, shape, what)
  findings.push(...read.findings)
  if (read.value === undefined) return []
  const { references, at } = read.value
  const values = section.complete?.(read.value.values) ?? read.value.values
  for (const { attribute, why } of section.contradictions?.(values) ?? []) {
    // What is given by reference is not known yet, so nothing can be said about it.
    if (references[attribute] !== undefined) continue
    findings.push(errorAt('LOAD0010', at[attribute] ?? from, `${what}: ${why}`))
  }
  const policies = Object.entries(shape).flatMap(([name, it]) => (it.namesPolicies ? ((values[name] ?? []) as readonly string[]) : []))
  return [
    {
      address: objectAddress(place.mount, path),
      kind: 'object',
      mount: place.mount,
      type: place.type.type,
      values,
      references,
      from,
      at,
      policies: [...new Set(policies)],
      ...needsOf(shape, values),
      ...namesOf(shape, values, place.mount),
    },
  ]
}
