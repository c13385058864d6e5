import { isDeepStrictEqual } from 'node:util'
import type { Json } from '../../kernel/index.ts'
import { ofFile, problemOf } from './kit/index.ts'
import type { Rule } from './rule.ts'
import { attributeOf, eachPolicy, elementsOf, type PolicyView, type RuleView } from './view/index.ts'

type Blocks = Readonly<Record<string, readonly Readonly<Record<string, Json>>[]>>

/** `{ "path": { "secret/x": [ { "capabilities": […] } ] } }`; a path that is there twice has two bodies. */
const blocksOf = (read: Json): Blocks => (read as { readonly path?: Blocks }).path ?? {}

/** The other parser keeps `${…}` as an expression, and so do we when we compare. */
const saysAlike = (it: RuleView, body: Readonly<Record<string, Json>> | undefined): boolean => {
  const capabilities = attributeOf(it, 'capabilities')
  if (body === undefined) return false
  if (capabilities === undefined) return body['capabilities'] === undefined
  return isDeepStrictEqual(
    elementsOf(it.tree, capabilities).map(({ text }) => text),
    body['capabilities'],
  )
}

function firstUnlike({ rules }: PolicyView, blocks: Blocks): RuleView | undefined {
  const seen = new Map<string, number>()
  return rules.find(it => {
    const count = seen.get(it.rule.path) ?? 0
    seen.set(it.rule.path, count + 1)
    return !saysAlike(it, blocks[it.rule.path]?.[count])
  })
}

export const hcl2Disagrees: Rule = {
  id: 'hcl2-disagrees',
  severity: 'warning',
  strict: true,
  doc: 'With -strict: a policy that a parser of HCL2 refuses, or reads in another way than the server.',
  why: 'The server reads HCL1. Many tools around it (editors, generators, scanners, pipelines) read HCL2, the newer language, so they see another policy than the one in force, or none.',
  bad: 'path "secret/data/app" {\n  "capabilities" = ["read"]\n}\n',
  good: 'path "secret/data/app" {\n  capabilities = ["read"]\n}\n',
  check: eachPolicy(function* (policy, { readHcl2 }) {
    const { file, tree, doc } = policy
    if (readHcl2 === undefined || tree?.dialect !== 'hcl' || doc === undefined) return
    const read = readHcl2(file.text)
    if (read === undefined) {
      yield ofFile(file.name, 'a parser of HCL2 refuses this file', { hint: 'hcl2-incompatible shows what is known to differ' })
      return
    }
    const unlike = firstUnlike(policy, blocksOf(read))
    if (unlike !== undefined)
      yield problemOf(unlike, `a parser of HCL2 reads the rule for "${unlike.path}" in another way`, {
        hint: 'write the path and the capabilities as plain strings',
      })
  }),
}
