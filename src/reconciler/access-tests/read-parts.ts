import type { Diagnostic, SourceRange } from '../../kernel/index.ts'
import { accessOps } from '../../policy/index.ts'
import { errorAt, type MapNode } from '../model/index.ts'
import { readAttributes, unknownKey, type ReadAttributes, type Shape } from '../shapes/index.ts'
import { operations } from './read-request.ts'
import type { Expectation } from './test.ts'

/** The attributes of a test, without the keys that are read apart. */
export function attributesOf(
  map: MapNode,
  shape: Shape,
  apart: readonly string[],
  what: string,
  findings: Diagnostic[],
): ReadAttributes | undefined {
  const keys = [...Object.keys(shape), ...apart]
  const strange = map.entries.filter(it => !keys.includes(it.key))
  findings.push(...strange.map(it => unknownKey(it, keys, what)))
  const entries = map.entries.filter(it => Object.hasOwn(shape, it.key))
  if (!entries.some(it => it.key === 'name')) findings.push(errorAt('LOAD0005', map.at, `${what} needs a name`))
  const read = readAttributes({ is: 'map', entries, at: map.at }, shape, what)
  findings.push(...read.findings)
  return read.value
}

/** What is allowed at a path is this and nothing else. */
export function exactly(
  path: string,
  said: readonly string[],
  at: SourceRange,
  wordsAt: SourceRange,
  findings: Diagnostic[],
): readonly Expectation[] {
  const allowed = said.flatMap(it => operations(it, wordsAt, findings))
  return accessOps.map(op => ({ request: { op, path }, allowed: allowed.includes(op), at }))
}
