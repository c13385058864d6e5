import { describe, expect, it } from 'vitest'
import { authOf, dataOf, running } from './running.ts'

describe('a rule with a list filter', () => {
  it('shows only the names whose secrets the token may read', async () => {
    const at = await running()
    await at.ask('write', 'sys/mounts/kv', { type: 'kv' })
    for (const path of ['kv/a/mine', 'kv/a/theirs', 'kv/a/folder/x', 'kv/a/closed/x']) await at.ask('write', path, { v: 1 })
    await at.ask('write', 'sys/policies/acl/some', {
      policy: `path "kv/a" { capabilities = ["list"]
  list_scan_response_keys_filter_path = "{{ .path }}{{ .key }}" }
path "kv/a/mine" { capabilities = ["read"] }
path "kv/a/folder/" { capabilities = ["list"] }`,
    })
    const { client_token: token } = authOf(await at.ask('write', 'auth/token/create', { policies: ['some'] }))
    expect(dataOf(await at.ask('list', 'kv/a'))['keys']).toEqual(['closed/', 'folder/', 'mine', 'theirs'])
    expect(dataOf(await at.ask('list', 'kv/a', {}, { token }))['keys']).toEqual(['folder/', 'mine'])
  })

  it('answers as for an empty folder when it lets nothing through', async () => {
    const at = await running()
    await at.ask('write', 'sys/mounts/kv', { type: 'kv' })
    await at.ask('write', 'kv/a/theirs', { v: 1 })
    await at.ask('write', 'sys/policies/acl/none', {
      policy: 'path "kv/a" { capabilities = ["list"]\n list_scan_response_keys_filter_path = "{{ .path }}{{ .key }}" }',
    })
    const { client_token: token } = authOf(await at.ask('write', 'auth/token/create', { policies: ['none'] }))
    expect(await at.ask('list', 'kv/a', {}, { token })).toMatchObject({ status: 404, errors: [] })
  })
})

describe('a policy with a control group', () => {
  it('is refused when it is written, not taken for less than it says', async () => {
    const at = await running()
    const policy = `path "secret/x" { capabilities = ["read"]
  control_group = { factor "two" { controlled_capabilities = ["read"]
  identity { group_names = ["leads"]
  approvals = 1 } } } }`
    expect(await at.ask('write', 'sys/policies/acl/cg', { policy })).toMatchObject({
      status: 400,
      errors: ['path "secret/x": control_group is not supported by this server'],
    })
  })
})
