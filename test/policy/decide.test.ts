import { describe, expect, it } from 'vitest'
import { type AccessQuery, type Acl, compileAcl, type Decision, rootAcl } from '../../src/policy/index.ts'
import { policyOf } from './policy-of.ts'

const now = new Date('2026-11-24T12:00:00Z')
const aclOf = (...texts: readonly string[]): Acl =>
  compileAcl(
    texts.map((text, i) => policyOf(`p${i}`, text)),
    { now },
  )
const ask = (acl: Acl, query: Partial<AccessQuery>): Decision => acl.decide({ path: 'kv/x', op: 'read', sudoPath: false, ...query })
const reason = (acl: Acl, query: Partial<AccessQuery>): string => {
  const decision = ask(acl, query)
  return decision.allowed ? 'allowed' : decision.reason
}

describe('a decision', () => {
  it('says why a request is refused, by the first thing that fails', () => {
    expect(reason(aclOf('path "other" { capabilities = ["read"] }'), {})).toBe('no-rule')
    expect(reason(aclOf('path "kv/*" { capabilities = ["deny"] }'), {})).toBe('deny')
    expect(reason(aclOf('path "kv/*" {}'), {})).toBe('missing-capability')
    const limited = aclOf('path "kv/*" {\n capabilities = ["read"]\n min_wrapping_ttl = "5s"\n required_parameters = ["a"]\n}')
    expect(reason(limited, { op: 'update' })).toBe('missing-capability')
    expect(reason(limited, {})).toBe('wrapping')
    expect(reason(limited, { wrapTtl: 4.9 })).toBe('wrapping')
    expect(reason(limited, { wrapTtl: 5, sudoPath: true })).toBe('parameter')
    expect(reason(limited, { wrapTtl: 5, data: { a: '' }, sudoPath: true })).toBe('sudo')
    expect(reason(limited, { wrapTtl: 5, data: { a: '' } })).toBe('allowed')
  })

  it('looks at wrapping whatever the operation, and at parameters only where data is written or read', () => {
    const acl = aclOf('path "kv/*" {\n capabilities = ["delete"]\n max_wrapping_ttl = "5s"\n required_parameters = ["a"]\n}')
    expect(reason(acl, { op: 'delete' })).toBe('wrapping')
    expect(reason(acl, { op: 'delete', wrapTtl: 5 })).toBe('allowed')
  })

  it('names the rule that said so, with its place in the text', () => {
    const decision = ask(aclOf('path "a" {}\n\npath "kv/*" { capabilities = ["list"] }'), {})
    expect(decision.rule).toMatchObject({ kind: 'prefix', key: 'kv/' })
    expect(decision.rule?.sources[0]).toMatchObject({
      policy: { name: 'p0', namespace: '' },
      part: 'first',
      rule: { at: { file: 'p0.hcl', start: { line: 3 } } },
    })
  })

  it('names the policies that give the capability', () => {
    const acl = aclOf(
      'path "kv/*" { capabilities = ["read"] }',
      'path "kv/*" { capabilities = ["list"] }',
      'path "kv/*" { capabilities = ["read", "sudo"] }',
    )
    expect(ask(acl, {})).toMatchObject({ allowed: true, sudo: true, root: false, grantedBy: [{ name: 'p0' }, { name: 'p2' }] })
    expect(ask(acl, { op: 'list', path: 'kv/' })).toMatchObject({ grantedBy: [{ name: 'p1' }] })
  })

  it('needs sudo beside the capability where the path asks for it', () => {
    const sudo = aclOf('path "kv/*" { capabilities = ["sudo"] }')
    expect(reason(sudo, { sudoPath: true })).toBe('missing-capability')
    expect(reason(aclOf('path "kv/*" { capabilities = ["sudo", "read"] }'), { sudoPath: true })).toBe('allowed')
  })

  it('always allows help, and never a HEAD', () => {
    for (const path of ['kv/x', 'sys/audit', 'nowhere']) expect(reason(aclOf(), { path, op: 'help', sudoPath: true })).toBe('allowed')
    const all = aclOf('path "*" { capabilities = ["create", "read", "update", "delete", "list", "patch", "scan", "sudo"] }')
    expect(reason(all, { op: 'header' })).toBe('missing-capability')
  })

  it('takes update for renew, revoke and rollback', () => {
    for (const op of ['renew', 'revoke', 'rollback'] as const) {
      expect(reason(aclOf('path "kv/*" { capabilities = ["update"] }'), { op })).toBe('allowed')
      expect(reason(aclOf('path "kv/*" { capabilities = ["create"] }'), { op })).toBe('missing-capability')
    }
  })

  it('hands over a control group only for the operations that it controls', () => {
    const acl = aclOf(`path "kv/*" {
      capabilities = ["read", "update"]
      control_group {
        ttl = "1h"
        factor "ops" {
          controlled_capabilities = ["read"]
          identity { group_names = ["managers"]
 approvals = 1 }
        }
      }
    }`)
    expect(ask(acl, {})).toMatchObject({ controlGroup: { factors: [{ name: 'ops' }] } })
    expect(ask(acl, { op: 'update' })).not.toHaveProperty('controlGroup')
  })

  it('hands over a list filter for lists and scans alone', () => {
    const acl = aclOf('path "kv/*" {\n capabilities = ["read", "list"]\n list_scan_response_keys_filter_path = "{{ .path }}{{ .key }}"\n}')
    expect(ask(acl, { op: 'list' })).toMatchObject({ listFilterTemplate: '{{ .path }}{{ .key }}' })
    expect(ask(acl, {})).not.toHaveProperty('listFilterTemplate')
  })
})

describe('the wrapping limits of one key', () => {
  const limits = (...rules: readonly string[]): Acl => aclOf(...rules.map(it => `path "kv/*" {\n capabilities = ["read"]\n ${it}\n}`))
  const ttls = [undefined, 1, 4, 5, 7, 10, 20] as const
  /** Rows recorded from the real server: two policies, and the wrapping times with which a read passes. */
  it.each([
    ['min_wrapping_ttl = -5', 'min_wrapping_ttl = 10', [undefined, 1, 4, 5, 7, 10, 20]],
    ['min_wrapping_ttl = 10', 'min_wrapping_ttl = -5', [10, 20]],
    ['max_wrapping_ttl = -5', 'min_wrapping_ttl = 5', []],
    ['min_wrapping_ttl = 5', 'max_wrapping_ttl = -5', [5, 7, 10, 20]],
    ['max_wrapping_ttl = -5', 'max_wrapping_ttl = 5', [undefined, 1, 4, 5, 7, 10, 20]],
    ['max_wrapping_ttl = 5', 'max_wrapping_ttl = -5', [1, 4, 5]],
    ['min_wrapping_ttl = -5', 'max_wrapping_ttl = 5', [1, 4, 5]],
    ['max_wrapping_ttl = 5', 'min_wrapping_ttl = 10', []],
    ['max_wrapping_ttl = 7', 'max_wrapping_ttl = 5', [1, 4, 5]],
    ['', 'max_wrapping_ttl = 5', [1, 4, 5]],
  ] as const)('%s and %s let %j pass', (one, other, passing) => {
    const acl = limits(one, other)
    expect(ttls.filter(wrapTtl => ask(acl, { wrapTtl }).allowed)).toEqual(passing)
  })
})

describe('the page limit of one key', () => {
  const limits = (...rules: readonly string[]): Acl => aclOf(...rules.map(it => `path "kv/" {\n capabilities = ["list"]\n ${it}\n}`))
  const page = (acl: Acl, limit: unknown): unknown => {
    const decision = ask(acl, { op: 'list', path: 'kv', data: limit === undefined ? {} : { limit } })
    return decision.allowed ? (decision.limit ?? 'as sent') : decision.reason
  }
  it.each([
    [undefined, '2'],
    ['', '2'],
    ['0', '2'],
    ['+0', '2'],
    ['-0', '2'],
    ['max', '2'],
    ['1', 'as sent'],
    ['+1', 'as sent'],
    ['01', 'as sent'],
    [2, 'as sent'],
    ['3', 'pagination'],
    ['-1', 'pagination'],
    ['MAX', 'pagination'],
    ['1.0', 'pagination'],
    [' 1', 'pagination'],
    [1.5, 'pagination'],
    ['0x1', 'pagination'],
    ['9223372036854775808', 'pagination'],
    [['1', '2'], 'pagination'],
    [null, 'pagination'],
  ])('of 2 makes a limit of %j: %s', (limit, made) => {
    expect(page(limits('pagination_limit = 2', ''), limit)).toBe(made)
  })

  it('can ask every caller to say how much it wants', () => {
    const acl = limits('pagination_limit = 2', 'required_parameters = ["LIMIT"]')
    expect(page(acl, undefined)).toBe('pagination')
    expect(page(acl, 'max')).toBe('2')
  })

  it('is the smallest that is a limit', () => {
    expect(page(limits('pagination_limit = -2', 'pagination_limit = 3'), undefined)).toBe('3')
    expect(page(limits('pagination_limit = 3', 'pagination_limit = 2', 'pagination_limit = 0'), undefined)).toBe('2')
  })

  it('is none without pagination_limit, and then max is everything', () => {
    expect(page(limits(''), 'max')).toBe('0')
    expect(page(limits(''), 'abc')).toBe('as sent')
  })
})

describe('a root token', () => {
  it('may do everything at and below its namespace', () => {
    const acl = compileAcl([policyOf('root', 'path "x" {}')], { now })
    expect(ask(acl, { path: 'any', op: 'delete', sudoPath: true })).toMatchObject({
      allowed: true,
      root: true,
      sudo: true,
      grantedBy: [{ name: 'root' }],
    })
    expect(acl.capabilities('any')).toEqual(['root'])
    const team = rootAcl('team/')
    expect(ask(team, { path: 'team/sys/mounts' }).allowed).toBe(true)
    expect(ask(team, { path: 'sys/mounts' })).toMatchObject({ allowed: false, reason: 'outside-namespace' })
    expect(team.capabilities('sys/mounts')).toEqual(['deny'])
  })

  it('cannot hold other policies too', () => {
    const acl = compileAcl([policyOf('a', 'path "*" { capabilities = ["read"] }'), policyOf('root', '')], { now })
    expect(acl.failure).toMatchObject({ reason: 'root-with-others' })
    expect(ask(acl, {})).toMatchObject({ allowed: false, reason: 'unusable' })
  })
})
