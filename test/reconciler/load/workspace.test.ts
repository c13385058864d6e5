import { describe, expect, it } from 'vitest'
import type { Address } from '../../../src/reconciler/model/index.ts'
import { addressesOf, findingsOf, workspace } from '../harness/repository.ts'
import { sample } from '../harness/sample.ts'

const valuesOf = (files: Readonly<Record<string, string>>, address: string): unknown =>
  workspace(files).resources.get(address as Address)?.values

describe('a workspace', () => {
  it('has one resource for each object, named as the API keeps it', () => {
    expect(addressesOf(sample)).toEqual([
      'auth/approle/',
      'auth/approle/role/ci',
      'auth/approle/role/ops',
      'auth/token/roles/deploy',
      'engine/secret/',
      'engine/secret/config',
      'engine/team/notes/',
      'policy/ci',
      'policy/payments/read',
    ])
    expect(findingsOf(sample)).toEqual([])
  })

  it('takes a policy to the letter', () => {
    const text = '# a\r\npath "x" {}\n\n\n'
    expect(valuesOf({ 'policies/a.hcl': text }, 'policy/a')).toEqual({ policy: text })
  })

  it('brings spellings of one meaning into one form', () => {
    const one = {
      'roles/a.yaml': 'type: approle\nroles:\n  r: { token_ttl: 1h, token_policies: [B, a, a], token_bound_cidrs: [10.0.0.1/32] }\n',
    }
    const other = { 'roles/a.yaml': 'type: approle\nroles:\n  r: { token_ttl: 3600, policies: "a,b", token_bound_cidrs: 10.0.0.1 }\n' }
    expect(valuesOf(one, 'auth/a/role/r')).toEqual(valuesOf(other, 'auth/a/role/r'))
    expect(valuesOf({ 'engines/a.yaml': 'type: kv-v2\n' }, 'engine/a/')).toEqual(
      valuesOf({ 'engines/a.yaml': 'type: kv\noptions: { version: 2 }\n' }, 'engine/a/'),
    )
  })

  it("takes what is not said for the server's default, and leaves alone what has none", () => {
    const values = valuesOf({ 'roles/a.yaml': 'type: approle\nroles:\n  r: {}\n' }, 'auth/a/role/r')
    expect(values).toMatchObject({ bind_secret_id: true, token_ttl: 0, token_policies: [], token_type: 'default' })
    expect(values).not.toHaveProperty('role_id')
  })

  it('keeps what is given by reference out of the values', () => {
    const { resources } = workspace({ 'roles/a.yaml': 'type: approle\nroles:\n  r: { role_id: { $env: ID } }\n' })
    expect(resources.get('auth/a/role/r' as Address)).toMatchObject({ references: { role_id: { from: 'env', name: 'ID' } } })
    expect(valuesOf({ 'roles/a.yaml': 'type: approle\nroles:\n  r: { role_id: { $env: ID } }\n' }, 'auth/a/role/r')).not.toHaveProperty(
      'role_id',
    )
  })

  it('follows anchors and merges, and leaves a place for them', () => {
    const text = 'type: approle\nx-common: &common { token_ttl: 1h, token_num_uses: 2 }\nroles:\n  r: { <<: *common, token_num_uses: 3 }\n'
    expect(valuesOf({ 'roles/a.yaml': text }, 'auth/a/role/r')).toMatchObject({ token_ttl: 3600, token_num_uses: 3 })
  })

  it('refuses a bomb of anchors in bounded time', () => {
    const lines = ['type: kv', 'x-0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]']
    for (let i = 1; i < 12; i++) lines.push(`x-${i}: &a${i} [${Array.from({ length: 10 }, () => `*a${i - 1}`).join(', ')}]`)
    expect(findingsOf({ 'engines/a.yaml': `${lines.join('\n')}\n` })).toEqual([expect.stringMatching(/LOAD0002 the file is too large$/)])
  })

  it('refuses a file that is nested more deeply than anybody can read', () => {
    const findings = findingsOf({ 'engines/a.yaml': `x-a: ${'['.repeat(20_000)}` })
    expect(findings.length).toBeGreaterThan(0)
    expect(findings.filter(it => !it.includes('LOAD0002'))).toEqual([])
  })

  it('lays the files of an environment over the others', () => {
    const files = {
      'policies/a.hcl': '# everywhere\n',
      'policies/b.hcl': '# everywhere\n',
      'targets/prod/policies/a.hcl': '# prod\n',
      'targets/prod/policies/c.hcl': '# prod\n',
      'targets/test/policies/d.hcl': '# test\n',
    }
    const texts = [...workspace(files, 'prod').resources.values()].map(it => [it.address, it.values['policy']])
    expect(texts).toEqual([
      ['policy/a', '# prod\n'],
      ['policy/b', '# everywhere\n'],
      ['policy/c', '# prod\n'],
    ])
    expect(addressesOf(files)).toEqual(['policy/a', 'policy/b'])
  })

  it('takes no notice of what people keep beside the files', () => {
    expect(findingsOf({ 'policies/README.md': '#', 'roles/CODEOWNERS': '*', 'engines/.gitkeep': '' })).toEqual([])
  })

  it('reads files of their own below a mount whose name has slashes', () => {
    const files = { 'roles/team/a.yaml': 'type: approle\n', 'roles/team/a/roles/ci.yaml': '{}\n' }
    expect(addressesOf(files)).toEqual(['auth/team/a/', 'auth/team/a/role/ci'])
  })

  it('does not complain of the files below a mount file that is itself broken', () => {
    const files = { 'roles/a.yaml': 'type: [\n', 'roles/a/roles/ci.yaml': '{}\n' }
    expect(findingsOf(files)).toEqual([expect.stringMatching(/^roles\/a\.yaml:2:1 error LOAD0002 /)])
  })
})
