import { describe, expect, it } from 'vitest'
import { type Acl, compileAcl, type Explanation, ruleText } from '../../src/policy/index.ts'
import { policyOf } from './policy-of.ts'

const now = new Date('2026-11-24T12:00:00Z')
const aclOf = (...paths: readonly string[]): Acl =>
  compileAcl([policyOf('p', paths.map(it => `path "${it}" { capabilities = ["read", "list"] }`).join('\n'))], { now })

const losers = ({ candidates }: Explanation): readonly (readonly [string, string | undefined])[] =>
  candidates.map(it => [ruleText(it.rule), it.lost])

describe('an explanation', () => {
  it.each([
    ['kv/x', ['kv/x', 'kv/*'], ['kv/*', 'exact-first']],
    ['kv/x', ['kv/*', '*'], ['*', 'later-wildcard']],
    ['kv/x', ['kv/*', '+/x'], ['+/x', 'later-wildcard']],
    ['kv/x', ['kv/+', 'kv/*'], ['kv/*', 'no-final-star']],
    ['kv/x/y', ['kv/+/y', 'kv/+/+'], ['kv/+/+', 'fewer-plus']],
    ['kv/x/yz', ['kv/+/yz*', 'kv/+/y*'], ['kv/+/y*', 'longer']],
    ['kv/x/y/z', ['kv/+/y/+', 'kv/+/+/z'], ['kv/+/+/z', 'greater-text']],
  ] as const)('for %s and %j says that %j', (path, [winner, other], [loser, why]) => {
    const explanation = aclOf(other, winner).explain({ path, op: 'read', sudoPath: false })
    expect(losers(explanation)).toEqual([
      [winner, undefined],
      [loser, why],
    ])
  })

  it('for a list puts what fits the final slash first', () => {
    const explanation = aclOf('kv/x*', 'kv/x/*').explain({ path: '//kv/x', op: 'list', sudoPath: false })
    expect(explanation.path).toBe('kv/x/')
    expect(losers(explanation)).toEqual([
      ['kv/x/*', undefined],
      ['kv/x*', 'later-wildcard'],
    ])
    const cut = aclOf('kv/+', '+/x').explain({ path: 'kv/x', op: 'list', sudoPath: false })
    expect(cut.candidates).toMatchObject([{ fits: 'path-without-slash' }, { fits: 'path-without-slash', lost: 'later-wildcard' }])
    expect(losers(aclOf('kv/x', 'kv/x/').explain({ path: 'kv/x', op: 'list', sudoPath: false }))).toEqual([
      ['kv/x/', undefined],
      ['kv/x', 'with-slash-first'],
    ])
  })

  it('names the rules that take no part, with the reason', () => {
    const doc = policyOf('p', 'path "{{identity.entity.id}}" {}\npath "a" { expiration = "2020-01-01T00:00:00Z" }')
    const { decision, candidates, dropped } = compileAcl([doc], { now }).explain({ path: 'a', op: 'read', sudoPath: false })
    expect(decision).toMatchObject({ allowed: false, reason: 'no-rule' })
    expect(candidates).toEqual([])
    expect(dropped).toMatchObject([{ why: { is: 'unresolved', detail: 'the token has no entity' } }, { why: { is: 'expired' } }])
  })

  it('of help has no candidates', () => {
    expect(aclOf('*').explain({ path: 'a', op: 'help', sudoPath: true })).toMatchObject({ decision: { allowed: true }, candidates: [] })
  })

  it('of a token that is root, or unusable, has no candidates', () => {
    const query = { path: 'a', op: 'read', sudoPath: false } as const
    expect(compileAcl([policyOf('root', '')], { now }).explain(query)).toMatchObject({
      decision: { allowed: true, root: true },
      candidates: [],
    })
    const broken = compileAcl([policyOf('root', ''), policyOf('a', '')], { now })
    expect(broken.explain(query)).toMatchObject({ decision: { allowed: false, reason: 'unusable' }, candidates: [] })
  })
})
