import { describe, expect, it } from 'vitest'
import type { Address } from '../../../src/reconciler/model/index.ts'
import { addressesOf, findingsOf, workspace } from '../harness/repository.ts'

const hcl = `type        = "approle"
description = "machines"

tune {
  default_lease_ttl = "1h"
}

roles "ci" {
  token_policies = ["ci", "b"]
  token_ttl      = 3600
}
roles "ops" {
  role_id = { "$env" = "OPS_ROLE_ID" }
}
`
const yaml = `type: approle
description: machines
tune: { default_lease_ttl: 1h }
roles:
  ci: { token_policies: [ci, b], token_ttl: 3600 }
  ops: { role_id: { $env: OPS_ROLE_ID } }
`

describe('a mount file in HCL', () => {
  it('says what the same file in YAML says', () => {
    const [one, other] = [workspace({ 'roles/a.hcl': hcl }), workspace({ 'roles/a.yaml': yaml })]
    expect(one.findings).toEqual([])
    const saying = (it: typeof one): unknown =>
      [...it.resources.values()].map(({ address, values, references }) => ({ address, values, references }))
    expect(saying(one)).toEqual(saying(other))
  })

  it('may have the objects of its mount beside it, in either syntax', () => {
    const files = { 'roles/a.hcl': 'type = "approle"\n', 'roles/a/roles/x.hcl': 'token_ttl = "1h"\n', 'roles/a/roles/y.yaml': '{}\n' }
    expect(addressesOf(files)).toEqual(['auth/a/', 'auth/a/role/x', 'auth/a/role/y'])
    expect(workspace(files).resources.get('auth/a/role/x' as Address)?.values['token_ttl']).toBe(3600)
  })

  it.each([
    [
      'a mistyped key',
      'type = "approle"\nroles "ci" {\n  token_polices = []\n}\n',
      '3:3 error LOAD0003 unknown key "token_polices" in role "ci"; did you mean token_policies?',
    ],
    ['two blocks of one label', 'type = "approle"\nroles "ci" {}\nroles "ci" {}\n', '3:7 error LOAD0006 ci is given twice'],
    ['two blocks of one name', 'type = "kv"\ntune {}\ntune {}\n', '3:1 error LOAD0006 tune is given twice'],
    ['an attribute and a block of one name', 'type = "kv"\ntune = {}\ntune {}\n', '3:1 error LOAD0006 tune is given twice'],
    ['an expression', 'type = "kv"\ndescription = "for ${var.team}"\n', '2:15 error LOAD0002 expressions are not evaluated here'],
    [
      'a number of two meanings',
      'type = "kv"\ntune { default_lease_ttl = 010 }\n',
      '2:28 error LOAD0002 expected a plain number; a text that looks like a number needs quotes',
    ],
    ['what only the older language takes', 'type = "kv",\n', '1:1 error LOAD0002 the file is HCL1, but not HCL2, which other tools read'],
    ['nothing', '# nothing\n', '1:1 error LOAD0002 the file is empty'],
  ])('is refused for %s', (_what, text, expected) => {
    expect(findingsOf({ 'roles/a.hcl': text, 'engines/x.yaml': 'type: kv\n' }).map(it => it.replace('roles/a.hcl:', ''))).toEqual([
      expected,
    ])
  })

  it('and one in YAML cannot both describe a mount', () => {
    expect(findingsOf({ 'engines/a.hcl': 'type = "kv"\n', 'engines/a.yaml': 'type: kv\n' })).toEqual([
      'engines/a.yaml:1:1 error LOAD0006 engine/a/ is described twice',
    ])
  })

  it('leaves the process as it was', () => {
    const limit = Error.stackTraceLimit
    workspace({ 'engines/a.hcl': 'type = "kv"\n' })
    expect(Error.stackTraceLimit).toBe(limit)
    expect('require' in globalThis).toBe(false)
  })
})
