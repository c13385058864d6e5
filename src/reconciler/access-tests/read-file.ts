import type { Checked, Diagnostic, SourceFile, SourceRange } from '../../kernel/index.ts'
import type { IdentityFacts } from '../../policy/index.ts'
import { identityFacts, UnknownSelector, type HolderKind } from '../access/index.ts'
import { readYaml } from '../load/index.ts'
import { errorAt, fileRange, hasErrors, nodeWords, textOf, type MapEntry, type MapNode, type SourceNode } from '../model/index.ts'
import { attribute, unknownKey, type ReadAttributes, type Shape } from '../shapes/index.ts'
import { attributesOf, exactly } from './read-parts.ts'
import { readRequests } from './read-request.ts'
import { readTable } from './read-table.ts'
import type { AccessTest, Expectation, Subject } from './test.ts'

const subject: Shape = {
  name: attribute.text('What must hold, in a sentence.'),
  role: attribute.text('The role of an auth method: its address, or the end of it.'),
  token_role: attribute.text('The role by which a token is made.'),
  entity: attribute.text('The entity.'),
  group: attribute.text('The group.'),
  policies: attribute.list('Names of policies.'),
  with: attribute.pairs('What templates stand for, such as identity.entity.name.'),
}

const nobody: Shape = {
  name: attribute.text('What must hold, in a sentence.'),
  nobody_but: attribute.list('The holders that may, and no other.'),
}

const kinds: Readonly<Record<string, HolderKind>> = { role: 'role', token_role: 'token-role', entity: 'entity', group: 'group' }
const ROOT = ['tests', 'tables']
const OF = ['allow', 'deny', 'capabilities']

/** A file below tests/. No value: the findings say why. */
export function readTestFile(file: SourceFile): Checked<readonly AccessTest[]> {
  const yaml = readYaml(file)
  if (yaml.value === undefined) return { findings: yaml.findings }
  if (yaml.value.is !== 'map')
    return { findings: [errorAt('LOAD0004', yaml.value.at, `expected a map with tests, found ${nodeWords(yaml.value)}`)] }
  const findings: Diagnostic[] = []
  const tests: AccessTest[] = []
  for (const entry of yaml.value.entries) {
    if (entry.key.startsWith('x-')) continue
    if (!ROOT.includes(entry.key)) findings.push(unknownKey(entry, ROOT, 'a file of access tests'))
    else
      for (const map of mapsOf(entry, findings)) tests.push(...(entry.key === 'tests' ? readTest(map, findings) : readTable(map, findings)))
  }
  if (yaml.value.entries.length === 0) findings.push(errorAt('LOAD0005', fileRange(file.name), 'a file of access tests needs tests'))
  return hasErrors(findings) ? { findings } : { value: tests, findings }
}

function mapsOf({ key, value }: MapEntry, findings: Diagnostic[]): readonly MapNode[] {
  if (value.is !== 'list') {
    findings.push(errorAt('LOAD0004', value.at, `${key}: expected a list, found ${nodeWords(value)}`))
    return []
  }
  return value.items.flatMap(item => {
    if (item.is === 'map') return [item]
    findings.push(errorAt('LOAD0004', item.at, `${key}: expected a map with name, found ${nodeWords(item)}`))
    return []
  })
}

function readTest(map: MapNode, findings: Diagnostic[]): readonly AccessTest[] {
  return map.entries.some(it => it.key === 'nobody_but') ? readNobody(map, findings) : readOf(map, findings)
}

function readOf(map: MapNode, findings: Diagnostic[]): readonly AccessTest[] {
  const expectations: Expectation[] = []
  for (const { key, value } of map.entries) {
    if (key === 'allow' || key === 'deny') expectations.push(...readRequests(value, key, key === 'allow', findings))
    if (key === 'capabilities') expectations.push(...readCapabilities(value, findings))
  }
  const read = attributesOf(map, subject, OF, 'a test', findings)
  if (read === undefined) return []
  const { at, values } = read
  const said = [...Object.keys(kinds), 'policies'].filter(it => at[it] !== undefined)
  if (said.length === 0)
    findings.push(errorAt('LOAD0005', map.at, 'a test says whose requests it is about: role, token_role, entity, group or policies'))
  if (expectations.length === 0 && !OF.some(key => map.entries.some(it => it.key === key)))
    findings.push(errorAt('LOAD0005', map.at, 'a test says what must be so: allow, deny or capabilities'))
  const facts = factsOf(read, findings)
  const body: AccessTest['body'] = { is: 'of', subject: subjectOf(read, facts), expectations }
  return [{ name: textOf(values['name']), at: at['name'] ?? map.at, body }]
}

function readNobody(map: MapNode, findings: Diagnostic[]): readonly AccessTest[] {
  const can = map.entries.find(it => it.key === 'can')
  const expectations = can === undefined ? [] : readRequests(can.value, 'can', true, findings)
  if (can === undefined) findings.push(errorAt('LOAD0005', map.at, 'nobody_but needs can, with the requests that it is about'))
  const read = attributesOf(map, nobody, ['can'], 'a test', findings)
  if (read === undefined) return []
  const at = read.at['nobody_but'] ?? map.at
  const holders = (read.values['nobody_but'] as readonly string[]).map(it => ({ said: it, at }))
  return [{ name: textOf(read.values['name']), at: read.at['name'] ?? map.at, body: { is: 'nobody-but', holders, can: expectations } }]
}

function subjectOf({ values, at }: ReadAttributes, facts: IdentityFacts | undefined): Subject {
  const place = (key: string): SourceRange => at[key] as SourceRange
  return {
    holders: Object.entries(kinds).flatMap(([key, kind]) =>
      at[key] === undefined ? [] : [{ said: textOf(values[key]), kind, at: place(key) }],
    ),
    policies: at['policies'] === undefined ? [] : (values['policies'] as readonly string[]).map(said => ({ said, at: place('policies') })),
    ...(facts === undefined ? {} : { facts }),
  }
}

function factsOf({ values, at }: ReadAttributes, findings: Diagnostic[]): IdentityFacts | undefined {
  if (at['with'] === undefined) return undefined
  try {
    return identityFacts(Object.entries(values['with'] as Readonly<Record<string, string>>))
  } catch (error) {
    if (!(error instanceof UnknownSelector)) throw error
    findings.push(errorAt('LOAD0004', at['with'], `with: ${error.message}`))
    return undefined
  }
}

/** Path by the operations that are allowed there, and no others. */
function readCapabilities(node: SourceNode, findings: Diagnostic[]): readonly Expectation[] {
  if (node.is !== 'map') {
    findings.push(errorAt('LOAD0004', node.at, `capabilities: expected a map of paths, found ${nodeWords(node)}`))
    return []
  }
  return node.entries.flatMap(({ key, keyAt, value }) => {
    const words = value.is === 'list' ? value.items : [value]
    const said = words.flatMap(it => (it.is === 'scalar' && typeof it.value === 'string' ? it.value : []))
    if (said.length < words.length) {
      findings.push(errorAt('LOAD0004', value.at, `${key}: expected a list of operations, or [] for none`))
      return []
    }
    return exactly(key, said, keyAt, value.at, findings)
  })
}
