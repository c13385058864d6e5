import { nearest, type Checked, type Diagnostic, type Json, type SourceRange } from '../../kernel/index.ts'
import { validator, type Fields } from '../../schema/index.ts'
import {
  errorAt,
  finding,
  plainValue,
  type MapEntry,
  type MapNode,
  type Reference,
  referenceKeys,
  type SourceNode,
  type Values,
} from '../model/index.ts'
import type { Attribute, Shape } from './attribute.ts'
import { expectation, isOutOfPlace } from './expectation.ts'

/** What a file says of one object, in canonical form. */
export interface ReadAttributes {
  readonly values: Values
  readonly references: Readonly<Record<string, Reference>>
  readonly at: Readonly<Record<string, SourceRange>>
}

const fieldsByAttribute = new WeakMap<Attribute, Fields>()

/**
 * The same object each time, since ajv's validators are kept by it. One attribute a schema: to compile those of a whole shape takes longer
 * than to read most files, which use a few.
 */
function fits(attribute: Attribute, value: Json): boolean {
  const made = fieldsByAttribute.get(attribute) ?? { value: attribute.field }
  fieldsByAttribute.set(attribute, made)
  return validator(made, 'accepts')({ value })
}

const namesByShape = new WeakMap<Shape, ReadonlyMap<string, string>>()

/** Every accepted key with the attribute it means. */
function namesOf(shape: Shape): ReadonlyMap<string, string> {
  const made =
    namesByShape.get(shape) ??
    new Map(Object.entries(shape).flatMap(([name, it]) => [[name, name] as const, ...it.aliases.map(alias => [alias, name] as const)]))
  namesByShape.set(shape, made)
  return made
}

/** A map with a single key that begins with `$` is a reference; one that is not well formed must not pass for a value. */
export function referenceOf(node: SourceNode): Checked<Reference> | undefined {
  if (node.is !== 'map' || !node.entries.some(it => it.key.startsWith('$'))) return undefined
  const [entry, second] = node.entries as readonly [MapEntry, MapEntry | undefined]
  const from = referenceKeys[entry.key]
  const refuse = (at: SourceRange, why: string): Checked<Reference> => ({
    findings: [errorAt('LOAD0008', at, why, 'a secret is named as { $env: NAME }, { $file: PATH } or { $vault: "secret/data/app#key" }')],
  })
  if (second !== undefined) return refuse(node.at, 'a reference has one key and no other')
  if (from === undefined) {
    const near = nearest(entry.key, Object.keys(referenceKeys))
    return refuse(entry.keyAt, `unknown kind of reference "${entry.key}"${near === undefined ? '' : `; did you mean ${near}?`}`)
  }
  const { value } = entry
  if (value.is !== 'scalar' || typeof value.value !== 'string' || value.value === '') return refuse(value.at, `${entry.key} needs a name`)
  if (from === 'vault' && !/^[^#]+#[^#]+$/.test(value.value))
    return refuse(value.at, '$vault needs a path and a key: "secret/data/app#key"')
  return { value: { from, name: value.value }, findings: [] }
}

/** @param what the object's name in messages: `role "ci"`, `the tune section` */
export function readAttributes(node: MapNode, shape: Shape, what: string): Checked<ReadAttributes> {
  const findings: Diagnostic[] = []
  const values: Record<string, Json> = {}
  const references: Record<string, Reference> = {}
  const at: Record<string, SourceRange> = {}
  for (const entry of node.entries) {
    const name = namesOf(shape).get(entry.key)
    if (name === undefined) {
      findings.push(unknownKey(entry, namesOf(shape).keys(), what))
      continue
    }
    if (at[name] !== undefined) {
      findings.push(errorAt('LOAD0006', entry.keyAt, `${what} gives ${name} twice: "${entry.key}" is another name for it`))
      continue
    }
    if (name !== entry.key) {
      findings.push(finding('warning', 'LOAD0012', `"${entry.key}" is deprecated`, { at: entry.keyAt, detail: `write ${name} instead` }))
    }
    at[name] = entry.value.at
    const reference = referenceOf(entry.value)
    if (reference !== undefined) {
      findings.push(...reference.findings)
      if (reference.value !== undefined) references[name] = reference.value
      continue
    }
    if (shape[name]?.secret === true) {
      findings.push(inClear(entry))
      continue
    }
    const value = valueOf(entry, shape[name] as Attribute, findings)
    if (value === undefined) continue
    values[name] = value
    if (!fits(shape[name] as Attribute, plainValue(entry.value)))
      findings.push(errorAt('LOAD0004', entry.value.at, `${entry.key} does not fit its schema`))
  }
  if (findings.some(it => it.severity === 'error')) return { findings }
  for (const [name, { fallback }] of Object.entries(shape)) {
    if (fallback !== undefined && at[name] === undefined) values[name] = fallback
  }
  return { value: { values, references, at }, findings }
}

const inClear = ({ key, value }: MapEntry): Diagnostic =>
  errorAt(
    'LOAD0016',
    value.at,
    `${key} is a secret, and stands in clear in a file`,
    'name where it is kept: { $env: NAME }, { $file: PATH } or { $vault: "secret/data/app#key" }; what was committed once has to be changed',
  )

export function unknownKey(entry: MapEntry, known: Iterable<string>, what: string): Diagnostic {
  const names = [...known]
  const near = nearest(entry.key, names)
  return errorAt(
    'LOAD0003',
    entry.keyAt,
    `unknown key "${entry.key}" in ${what}${near === undefined ? '' : `; did you mean ${near}?`}`,
    `known here: ${names.toSorted().join(', ')}`,
  )
}

function valueOf({ key, value: node }: MapEntry, attribute: Attribute, findings: Diagnostic[]): Json | undefined {
  const refuse = (summary: string): undefined => {
    findings.push(errorAt('LOAD0004', node.at, `${key}: ${summary}`))
  }
  if (node.is === 'scalar' && node.value === null) return refuse("has no value; leave the key out for the server's default")
  if (isOutOfPlace(attribute, node)) return refuse(expectation(attribute, node))
  const decoded = attribute.field.decode(plainValue(node), () => undefined)
  if (decoded === undefined) return refuse(expectation(attribute, node))
  return attribute.tidy(attribute.field.encode(decoded) as Json)
}
