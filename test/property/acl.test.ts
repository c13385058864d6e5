import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Capability, PolicyDoc } from '../../src/hcl/policy/index.ts'
import { type AccessOp, compileAcl, type IdentityFacts } from '../../src/policy/index.ts'
import { type ReferenceRule, referenceFind, referenceRules } from '../policy/reference.ts'

const now = new Date('2026-11-24T12:00:00Z')

/** Few letters, so that rules meet. U+1F512 comes before U+FFFD in UTF-16 and behind it in UTF-8. */
const word = fc.string({ unit: fc.constantFrom('a', 'b', 'é', '🔒', '�'), minLength: 1, maxLength: 2 })
const segment = fc.oneof({ weight: 5, arbitrary: word }, { weight: 1, arbitrary: fc.constantFrom('', '+', '+a', 'a+', '*') })
const path = fc.array(segment, { minLength: 1, maxLength: 4 }).map(it => it.join('/'))
const ruleSegment = fc.oneof(
  { weight: 3, arbitrary: word },
  { weight: 3, arbitrary: fc.constant('+') },
  { weight: 1, arbitrary: fc.constantFrom('', '+a', 'a+') },
)
const rulePath = fc
  .tuple(fc.array(ruleSegment, { minLength: 1, maxLength: 4 }), fc.constantFrom('', '', '*', '/*', '/'))
  .map(([parts, end]) => parts.join('/') + end)
  .filter(it => !it.includes('+*'))
const capability = fc.constantFrom<Capability>('create', 'read', 'update', 'delete', 'list', 'scan', 'patch', 'sudo', 'deny')
const rule: fc.Arbitrary<ReferenceRule> = fc.record({ path: rulePath, capabilities: fc.uniqueArray(capability, { maxLength: 3 }) })
const rules = fc.array(rule, { minLength: 1, maxLength: 12 })

const docOf = (name: string, made: readonly ReferenceRule[]): PolicyDoc => ({ name, rules: made })
const aclOf = (made: readonly ReferenceRule[]): ReturnType<typeof compileAcl> => compileAcl([docOf('p', made)], { now })
const operations: readonly AccessOp[] = ['read', 'list', 'scan', 'create', 'update', 'patch', 'delete']

describe('a compiled ACL', () => {
  it('answers sys/capabilities as the plain reading of the rules does', () => {
    fc.assert(
      fc.property(rules, fc.array(path, { minLength: 1, maxLength: 6 }), (made, asked) => {
        const acl = aclOf(made)
        const reference = referenceRules(made)
        for (const it of asked) {
          const found = [...(referenceFind(reference, it, true)?.capabilities ?? [])].sort()
          expect(acl.capabilities(it)).toEqual(found.length === 0 ? ['deny'] : found)
        }
      }),
      { numRuns: 2000 },
    )
  })

  it('decides each operation as the plain reading of the rules does', () => {
    fc.assert(
      fc.property(rules, path, fc.constantFrom(...operations), fc.boolean(), (made, asked, op, sudoPath) => {
        const listing = op === 'list' || op === 'scan'
        const found = referenceFind(referenceRules(made), listing && !asked.endsWith('/') ? `${asked}/` : asked, listing)
        const allowed = found?.capabilities.has(op as Capability) === true && (!sudoPath || found.capabilities.has('sudo'))
        expect(aclOf(made).decide({ path: asked, op, sudoPath }).allowed).toBe(allowed)
      }),
      { numRuns: 2000 },
    )
  })

  it('decides a list of p and of p/ alike', () => {
    fc.assert(
      fc.property(rules, path, fc.constantFrom<AccessOp>('list', 'scan'), (made, asked, op) => {
        const acl = aclOf(made)
        // A path that ends in a slash is asked as it is.
        const bare = asked.replace(/\/+$/, '')
        expect(acl.decide({ path: bare, op, sudoPath: false })).toEqual(acl.decide({ path: `${bare}/`, op, sudoPath: false }))
      }),
      { numRuns: 1000 },
    )
  })

  it('does not depend on the order in which policies are given', () => {
    fc.assert(
      fc.property(fc.array(rules, { minLength: 2, maxLength: 4 }), fc.infiniteStream(fc.nat()), path, (sets, shuffle, asked) => {
        const docs = sets.map((made, i) => docOf(`p${i}`, made))
        const shuffled = docs.map(doc => ({ doc, at: shuffle.next().value ?? 0 })).sort((a, b) => a.at - b.at)
        const [one, other] = [docs, shuffled.map(it => it.doc)].map(it => compileAcl(it, { now }))
        expect(other?.rules).toEqual(one?.rules)
        expect(other?.capabilities(asked)).toEqual(one?.capabilities(asked))
      }),
    )
  })

  it('never allows more on a path by one more rule that denies', () => {
    fc.assert(
      fc.property(rules, rulePath, path, (made, denied, asked) => {
        const more = aclOf([...made, { path: denied, capabilities: ['deny'] }])
        const answer = more.capabilities(asked)
        expect(answer[0] === 'deny' || answer.every(it => aclOf(made).capabilities(asked).includes(it))).toBe(true)
      }),
    )
  })

  it('explains by the rule that decides, and names for each other rule one that beats it', () => {
    fc.assert(
      fc.property(rules, path, fc.constantFrom(...operations), (made, asked, op) => {
        const acl = aclOf(made)
        const { decision, candidates } = acl.explain({ path: asked, op, sudoPath: false })
        const [first, ...others] = candidates
        expect(decision).toEqual(acl.decide({ path: asked, op, sudoPath: false }))
        expect(decision.rule).toBe(first?.rule)
        expect(first?.lost).toBeUndefined()
        expect(others.every(it => it.lost !== undefined)).toBe(true)
        // Without the winner the next one answers.
        const [second] = others
        if (first !== undefined) {
          const rest = made.filter(it => !first.rule.sources.some(source => source.rule === it))
          expect(aclOf(rest).decide({ path: asked, op, sudoPath: false }).rule?.key).toBe(second?.rule.key)
        }
      }),
      { numRuns: 1000 },
    )
  })

  it('does not mind a leading slash in a rule, nor leading slashes in a path', () => {
    fc.assert(
      fc.property(rules, path, fc.constantFrom('/', '//', '///'), (made, asked, slashes) => {
        const led = made.map(it => ({ ...it, path: it.path.startsWith('/') ? it.path : `/${it.path}` }))
        expect(aclOf(led).capabilities(slashes + asked)).toEqual(aclOf(made).capabilities(asked.replace(/^\/+/, '')))
      }),
    )
  })
})

describe('an identity template', () => {
  const value = fc.string({ unit: fc.constantFrom('a', 'b', '/', '*', '+', '{', '}', '.', ' ', 'é'), maxLength: 6 })
  const facts = (metadata: string): IdentityFacts => ({ entity: { id: 'e', name: 'n', metadata: { team: metadata } } })

  it('never matches more than the one segment that the value spells', () => {
    fc.assert(
      fc.property(value, path, fc.constantFrom('', '/x', '/+', '/*'), (team, asked, end) => {
        const policy = docOf('p', [{ path: `kv/{{identity.entity.metadata.team}}${end}`, capabilities: ['read'] }])
        const acl = compileAcl([policy], { now, facts: facts(team) })
        if (/[/*+]/.test(team)) {
          expect(acl.failure?.reason).toBe('forbidden-value')
          expect(acl.decide({ path: 'kv/a', op: 'read', sudoPath: false })).toMatchObject({ allowed: false, reason: 'unusable' })
          return
        }
        expect(acl.failure).toBeUndefined()
        const decision = acl.decide({ path: `kv/${asked}`, op: 'read', sudoPath: false })
        if (decision.allowed) expect(asked.split('/')[0]).toBe(team)
        if (end === '') expect(acl.decide({ path: `kv/${team}`, op: 'read', sudoPath: false }).allowed).toBe(true)
      }),
      { numRuns: 2000 },
    )
  })

  it('takes its rule away when there is nothing to put in, and leaves the others', () => {
    fc.assert(
      fc.property(
        rules,
        fc.constantFrom('identity.entity.id', 'identity.groups.ids.x.name', 'nosuch.thing'),
        path,
        (made, selector, asked) => {
          const templated = { path: `{{${selector}}}*`, capabilities: ['deny'] as const }
          const acl = aclOf([templated, ...made])
          expect(acl.dropped).toHaveLength(1)
          expect(acl.capabilities(asked)).toEqual(aclOf(made).capabilities(asked))
        },
      ),
    )
  })
})
