import { describe, expect, it } from 'vitest'
import type { Address } from '../../../src/reconciler/model/index.ts'
import { findingsOf, workspace } from '../harness/repository.ts'

const settings = (text: string): ReturnType<typeof workspace>['settings'] => workspace({ 'lockstep.yaml': text }).settings

describe('lockstep.yaml', () => {
  it('is not needed', () => {
    expect(workspace({}).settings.ownership).toEqual({ owner: 'default', named: false, adopted: 'keep' })
  })

  it('names targets, with their tokens by reference', () => {
    const text = 'targets:\n  prod:\n    address: https://vault.example:8200\n    namespace: team\n    token: { $env: PROD_TOKEN }\n'
    expect(settings(text).targets.get('prod')).toMatchObject({
      address: 'https://vault.example:8200',
      namespace: 'team',
      token: { from: 'env', name: 'PROD_TOKEN' },
    })
  })

  it('sets one limit and leaves the other', () => {
    const { deletes, updates } = settings('limits: { deletes: { count: 3 } }\n').limits
    expect(deletes).toEqual({ count: 3, percent: 30 })
    expect(updates).toEqual({ count: 500, percent: 100 })
  })

  it('ignores by pattern, for a while, and attributes alone', () => {
    const [all, one] = settings(
      'ignore:\n  - policy/legacy-*\n  - { address: auth/a/role/*, attributes: [token_ttl], until: 2027-01-01, reason: tried out }\n',
    ).ignore
    expect(all?.matches('policy/legacy-1' as Address)).toBe(true)
    expect(all?.matches('policy/other' as Address)).toBe(false)
    expect(one).toMatchObject({ attributes: ['token_ttl'], reason: 'tried out', until: new Date('2027-01-01') })
  })

  it('sets the levels of lint rules', () => {
    const { rules } = settings('lint: { rules: { empty-rule: off, unused-policy: error } }\n').lint
    expect([...rules].map(([id, { level, at }]) => [id, level, at.start.column])).toEqual([
      ['empty-rule', 'off', 18],
      ['unused-policy', 'error', 35],
    ])
  })

  it.each([
    ['lint: { rules: { empty-rule: loud } }', '1:30 error LOAD0004 empty-rule: expected one of off, note, warning, error'],
    ['lint: { rule: {} }', '1:9 error LOAD0003 unknown key "rule" in lint; did you mean rules?'],
    ['targets: { a: { address: x } }', '1:26 error LOAD0004 address: expected http://, https:// or unix:// and where the server listens'],
    ['targets: { a: { address: "http://u:p@x" } }', '1:26 error LOAD0004 address: a user name or password has no place here'],
    [
      'targets: { a: { address: "http://x", token: abc } }',
      '1:45 error LOAD0004 token: a token is never written into a file; name it as { $env: NAME }',
    ],
    [
      'targets: { A b: { address: "http://x" } }',
      '1:12 error LOAD0007 "A b" cannot be the name of a target: use a-z, 0-9, with . _ - inside',
    ],
    ['ownership: { owner: "A/b" }', '1:21 error LOAD0007 owner: expected at most 64 of a-z, 0-9, with . _ - inside'],
    ['limits: { delete: { count: 1 } }', '1:11 error LOAD0003 unknown key "delete" in limits; did you mean deletes?'],
    ['limits: { deletes: { percent: 101 } }', '1:31 error LOAD0004 percent: expected 0 to 100'],
    ['ignore: policy/a', '1:9 error LOAD0004 ignore: expected a list, found text'],
    ['ignore: [a]', '1:10 error LOAD0004 an ignore rule needs an address such as policy/legacy-* or engine/scratch/'],
    ['ignore: [{ address: policy/a, until: soon }]', '1:38 error LOAD0004 until: expected a day such as 2026-12-31'],
    [
      'ignore: [{ address: policy/a, until: 2020-01-01 }]',
      '1:38 warning LOAD0014 the ignore rule for policy/a has run out and does not count',
    ],
    ['versoin: 1', '1:1 error LOAD0003 unknown key "versoin" in lockstep.yaml; did you mean version?'],
    ['version: 2', '1:10 error LOAD0004 version: expected 1'],
  ])('is refused where it says %s', (text, expected) => {
    expect(findingsOf({ 'lockstep.yaml': `${text}\n` })).toEqual([`lockstep.yaml:${expected}`])
  })

  it('cannot ignore what the files describe', () => {
    expect(findingsOf({ 'lockstep.yaml': 'ignore: [policy/*]\n', 'policies/a.hcl': '# a\n' })).toEqual([
      'policies/a.hcl:1:1 error LOAD0015 policy/a is described here and ignored in lockstep.yaml',
    ])
  })
})
