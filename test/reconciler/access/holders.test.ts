import { describe, expect, it } from 'vitest'
import { policySets, readAccess, type Access, type Described } from '../../../src/reconciler/access/index.ts'
import type { Address, Values } from '../../../src/reconciler/model/index.ts'
import { NOW, workspace, type Files } from '../harness/repository.ts'

const accessOf = (files: Files): Access => readAccess(workspace(files).resources.values(), { now: NOW })

const live = (address: string, values: Values): Described => ({ address: address as Address, values })

const policies: Files = {
  'policies/read.hcl': 'path "secret/data/*" {\n  capabilities = ["read"]\n}\n',
  'policies/no.hcl': 'path "secret/data/*" {\n  capabilities = ["deny"]\n}\n',
}

describe('the holders of a repository', () => {
  it('are its roles and token roles, with what their tokens get', () => {
    const { holders } = accessOf({
      ...policies,
      'roles/approle.yaml': 'type: approle\nroles:\n  api: { token_policies: [Read, gone] }\n  bare: { token_no_default_policy: true }\n',
      'roles/token.yaml': 'roles:\n  any: { allowed_policies: ["read", "no"] }\n',
    })
    expect(holders.map(it => [it.address, it.kind, it.policies, it.together])).toEqual([
      ['auth/approle/role/api', 'role', ['default', 'gone', 'read'], true],
      ['auth/approle/role/bare', 'role', [], true],
      ['auth/token/roles/any', 'token-role', ['default', 'no', 'read'], false],
    ])
  })

  it('know where they stand, and which policies are not there', () => {
    const [holder] = accessOf({ ...policies, 'roles/approle.yaml': 'type: approle\nroles:\n  api: { policies: [read, gone] }\n' }).holders
    expect(holder).toMatchObject({ unknown: ['gone'], from: { file: 'roles/approle.yaml', start: { line: 3 } } })
    expect(holder?.policiesAt).toMatchObject({ file: 'roles/approle.yaml', start: { line: 3, column: 20 } })
  })

  it('choose by pattern among the policies that there are, but never root', () => {
    const role = '{ allowed_policies_glob: ["*"], disallowed_policies: [no], token_no_default_policy: true }'
    const { holders } = accessOf({ ...policies, 'roles/token.yaml': `roles:\n  any: ${role}\n` })
    expect(holders[0]?.policies).toEqual(['default', 'read'])
  })

  it('may be entities, groups and groups of a directory', () => {
    const { holders } = readAccess(
      [
        live('identity/entity/name/ann', { policies: ['read'] }),
        live('identity/group/name/ops', { policies: ['no', 'read'] }),
        live('auth/ldap/groups/ops', { policies: ['read'] }),
        live('auth/ldap/config', { url: 'ldaps://x', token_policies: [] }),
        live('auth/kubernetes/config', { kubernetes_host: 'https://x' }),
      ],
      { now: NOW },
    )
    expect(holders.map(it => [it.address, it.kind, it.policies])).toEqual([
      ['auth/ldap/config', 'role', ['default']],
      ['auth/ldap/groups/ops', 'role', ['read']],
      ['identity/entity/name/ann', 'entity', ['read']],
      ['identity/group/name/ops', 'group', ['no', 'read']],
    ])
  })
})

describe('what policies give', () => {
  it('has the places of their files', () => {
    const acl = accessOf(policies).acl(['read'])
    const { candidates } = acl.explain({ path: 'secret/data/x', op: 'read', sudoPath: false })
    expect(candidates[0]?.rule.sources[0]?.rule.at).toMatchObject({ file: 'policies/read.hcl', start: { line: 1 } })
  })

  it('has the default that servers start with, unless it is described', () => {
    const query = { path: 'auth/token/lookup-self', op: 'read', sudoPath: false } as const
    expect(accessOf({}).acl(['default']).decide(query).allowed).toBe(true)
    expect(accessOf({ 'policies/default.hcl': '# none\n' }).acl(['default']).decide(query).allowed).toBe(false)
  })

  it('is nothing for a policy that is not known, and everything for root', () => {
    const query = { path: 'secret/data/x', op: 'read', sudoPath: false } as const
    expect(accessOf(policies).acl(['gone']).decide(query)).toMatchObject({ allowed: false, reason: 'no-rule' })
    expect(accessOf(policies).acl(['root']).decide(query).allowed).toBe(true)
  })

  it('says which text cannot be used', () => {
    const access = readAccess([live('policy/bad', { policy: 'path {' })], { now: NOW })
    expect(access.policy('bad')).toBeUndefined()
    expect(access.findings).toMatchObject([{ about: 'policy/bad', at: { file: 'policy/bad' } }])
  })
})

describe('the sets of policies of a token', () => {
  it('are one where all come together', () => {
    expect(policySets({ policies: ['a', 'b'], together: true })).toEqual([['a', 'b']])
  })

  it('are every choice where some may be asked for, always with the default', () => {
    expect(policySets({ policies: ['a', 'b', 'default'], together: false })).toEqual([
      ['a', 'b', 'default'],
      ['a', 'default'],
      ['b', 'default'],
    ])
    expect(policySets({ policies: ['default'], together: false })).toEqual([['default']])
  })

  it('stay few for many', () => {
    const many = Array.from({ length: 60 }, (_, i) => `p${i}`)
    expect(policySets({ policies: many, together: false })).toHaveLength(1 + 60 + (60 * 59) / 2)
  })
})
