import { describe, expect, it } from 'vitest'
import {
  type AccessQuery,
  compileAcl,
  couldFit,
  type Explanation,
  explanationJson,
  type ReasonClass,
  reasonClass,
  reasonText,
} from '../../src/policy/index.ts'
import { policyOf } from './policy-of.ts'

const now = new Date('2026-11-24T12:00:00Z')

const explained = (text: string, query: Omit<AccessQuery, 'sudoPath'>): Explanation =>
  compileAcl([policyOf('p', text, now)], { now }).explain({ ...query, sudoPath: false })

describe('whether a written path could fit', () => {
  it.each([
    ['a/b', 'a/b', true],
    ['/a/*', 'a/b/c', true],
    ['a/+', 'a/b', true],
    ['a/+', 'a/b/c', false],
    ['home/{{identity.entity.name}}/*', 'home/ann/x', true],
    ['home/{{identity.entity.name}}/*', 'home/ann', false],
    ['home/{{identity.entity.name}}', 'home/a/b', false],
    ['home/{{identity.entity.name}}.{{identity.entity.id}}', 'home/a.b', true],
    ['+/{{identity.entity.name}}', 'x/ann', true],
    ['a.c/{{identity.entity.name}}', 'abc/ann', false],
    ['a/+*', 'a/b', false],
  ])('%s and %s: %s', (written, path, fits) => {
    expect(couldFit(written, path)).toBe(fits)
  })
})

describe('the class of a reason', () => {
  const gone = 'path "old" {\n  capabilities = ["read"]\n  expiration = "2020-01-01T00:00:00Z"\n}\n'

  it.each<[string, string, ReasonClass | undefined]>([
    [gone, 'an expired rule gave it', 'expiration'],
    [`${gone}path "old" {\n  capabilities = ["list"]\n}\n`, 'another rule answers, and gives something else', 'expiration'],
    [`${gone}path "old" {\n  capabilities = ["deny"]\n}\n`, 'another rule denies', 'deny'],
    [`${gone}path "old" {\n  capabilities = ["read"]\n}\n`, 'another rule gives it', undefined],
    [gone.replace('read', 'list'), 'the expired rule gave something else', 'no-rule'],
  ])('where %s: %s', (text, _why, reason) => {
    const explanation = explained(text, { op: 'read', path: 'old' })
    expect(reasonClass(explanation, 'read')).toBe(reason)
  })

  it('says since when', () => {
    const query = { op: 'read', path: 'old', sudoPath: false } as const
    expect(reasonText(explained(gone, query), query)).toBe('the rule that gave it has expired on 2020-01-01T00:00:00.000Z')
  })
})

describe('an explanation as JSON', () => {
  it('names the rules with their places, and those that take no part where they could fit', () => {
    const text = `path "a/*" { capabilities = ["read"] }
path "a/b" { capabilities = ["list"] }
path "a/{{identity.entity.name}}" { capabilities = ["read"] }
path "c/{{identity.entity.name}}" { capabilities = ["read"] }
`
    const query = { op: 'read', path: '/a/b', sudoPath: false } as const
    expect(explanationJson(explained(text, query), query)).toEqual({
      allowed: false,
      operation: 'read',
      path: 'a/b',
      capability: 'read',
      sudo_path: false,
      reason: 'missing-capability',
      detail: 'the rule that answers does not give read',
      granted_by: [],
      rule: {
        path: 'a/b',
        kind: 'exact',
        capabilities: ['list'],
        sources: [{ policy: 'p', path: 'a/b', file: 'p.hcl', line: 2, column: 1, part: 'first' }],
      },
      losers: [
        {
          path: 'a/*',
          kind: 'prefix',
          capabilities: ['read'],
          sources: [{ policy: 'p', path: 'a/*', file: 'p.hcl', line: 1, column: 1, part: 'first' }],
          lost: 'exact-first',
          why: 'an exact path answers before any wildcard',
        },
      ],
      dropped: [
        {
          policy: 'p',
          path: 'a/{{identity.entity.name}}',
          file: 'p.hcl',
          line: 3,
          column: 1,
          why: 'unresolved',
          detail: 'the token has no entity',
        },
      ],
    })
  })
})
