import type { Diagnostic, Json, SourceRange } from '../../kernel/index.ts'
import { apiAddress, errorAt, fileRange, nodeWords, plainValue, type Reference, type Resource, type SourceNode } from '../model/index.ts'
import { plainForm, referenceOf } from '../shapes/index.ts'
import { pathProblem } from './names.ts'

/** What has a kind of its own, whose tables know what this one cannot. */
const ELSEWHERE: readonly (readonly [RegExp, string])[] = [
  [/^sys\/polic(?:y|ies\/acl)\//, 'policies/'],
  [/^sys\/auth\//, 'roles/'],
  [/^sys\/(?:mounts|remount)(?:\/|$)/, 'engines/'],
]

/** `api/<path>.yaml`: what is written at a path of the API. */
export function readApiFile(file: string, path: string, root: SourceNode, findings: Diagnostic[]): Resource | undefined {
  const from = fileRange(file)
  const other = ELSEWHERE.find(([pattern]) => pattern.test(path))?.[1]
  const problem = other === undefined ? pathProblem(path) : `it is described in ${other}`
  if (problem !== undefined) {
    findings.push(errorAt('LOAD0007', from, `"${path}" cannot be managed as a path of the API: ${problem}`))
    return undefined
  }
  if (root.is !== 'map') {
    findings.push(errorAt('LOAD0004', root.at, `expected a map with what is written there, found ${nodeWords(root)}`))
    return undefined
  }
  const values: Record<string, Json> = {}
  const references: Record<string, Reference> = {}
  const at: Record<string, SourceRange> = {}
  for (const { key, value } of root.entries) {
    if (key.startsWith('x-')) continue
    at[key] = value.at
    const reference = referenceOf(value)
    if (reference === undefined) values[key] = plainForm(plainValue(value))
    else {
      findings.push(...reference.findings)
      if (reference.value !== undefined) references[key] = reference.value
    }
  }
  return { address: apiAddress(path), kind: 'api', values, references, from, at, policies: [] }
}
