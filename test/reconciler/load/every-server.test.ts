import { describe, expect, it } from 'vitest'
import { addressesOf, findingsOf, workspace } from '../harness/repository.ts'
import type { Address } from '../../../src/reconciler/model/index.ts'

describe('what every server has', () => {
  it('is described one object a file, or all of a sort in one', () => {
    expect(
      addressesOf({
        'audit/log.yaml': 'type: file\noptions: { file_path: /var/log/audit.log }\n',
        'identity/entities.yaml': 'ann: {}\n',
        'identity/groups/ops.yaml': 'member_entities: [ann]\n',
        'identity/oidc/keys.yaml': 'web: { rotation_period: 12h }\n',
        'namespaces/team-a.yaml': '{}\n',
        'password-policies/long.hcl': 'length = 20\n',
        'quotas/config.yaml': 'enable_rate_limit_audit_logging: true\n',
        'quotas/rate-limit/all.yaml': 'rate: 100.5\n',
        'system/cors.yaml': 'allowed_origins: ["*"]\n',
      }),
    ).toEqual([
      'identity/entity/name/ann',
      'identity/group/name/ops',
      'identity/oidc/key/web',
      'sys/audit/log',
      'sys/config/cors',
      'sys/namespaces/team-a',
      'sys/policies/password/long',
      'sys/quotas/config',
      'sys/quotas/rate-limit/all',
    ])
  })

  it('says what an object needs before it can be made', () => {
    const { resources } = workspace({ 'identity/groups.yaml': 'a: { member_groups: [b] }\nb: {}\n' })
    expect(resources.get('identity/group/name/a' as Address)?.needs).toEqual(['identity/group/name/b'])
  })

  it.each([
    ['quotas/rate-limits.yaml', 'all: {}\n', 'LOAD0009'],
    ['audit.d/log.yaml', 'type: file\n', 'LOAD0009'],
    ['identity/groups/a/b.yaml', '{}\n', 'LOAD0009'],
    ['quotas/rate-limit/all.yaml', '{}\n', 'LOAD0010'],
    ['quotas/rate-limit/all.yaml', 'rate: lots\n', 'LOAD0004'],
    ['audit/log.yaml', 'typ: file\n', 'LOAD0003'],
    ['identity/groups.yaml', 'ops: { alias: { people: x } }\n', 'LOAD0010'],
    ['identity/groups.yaml', '"a/b": {}\n', 'LOAD0007'],
  ])('%s with %j is an error', (path, text, code) => {
    expect(findingsOf({ [path]: text }).map(it => it.split(' ')[2])).toEqual([code])
  })
})

describe('anything else, by its path', () => {
  it('is described by what is written there', () => {
    const { resources } = workspace({
      'api/sys/config/ui/headers/X-A.yaml': 'values: [a]\nmax_age: 1h\nsecret: { $env: S }\nx-note: ours\n',
    })
    expect(resources.get('api/sys/config/ui/headers/X-A' as Address)).toMatchObject({
      kind: 'api',
      values: { values: ['a'], max_age: 3600 },
      references: { secret: { from: 'env', name: 'S' } },
    })
  })

  it('goes with the mount that it lies on', () => {
    const { resources } = workspace({ 'engines/own.yaml': 'type: kv\n', 'api/own/x.yaml': 'a: b\n' })
    expect(resources.get('api/own/x' as Address)?.mount).toBe('engine/own/')
  })

  it.each([
    ['api/sys/policies/acl/x.yaml', 'LOAD0007'],
    ['api/sys/mounts/x.yaml', 'LOAD0007'],
    ['api/a*b.yaml', 'LOAD0007'],
    ['api/notes.txt', 'LOAD0009'],
  ])('%s is an error', (path, code) => {
    expect(findingsOf({ [path]: 'policy: x\n' }).map(it => it.split(' ')[2])).toEqual([code])
  })
})

describe('a secret', () => {
  it('has no place in a file', () => {
    expect(findingsOf({ 'roles/people.yaml': 'type: userpass\nusers:\n  ann: { password: hunter2 }\n' })).toEqual([
      'roles/people.yaml:3:20 error LOAD0016 password is a secret, and stands in clear in a file',
    ])
  })

  it('has none in the address of a database either', () => {
    const text = 'type: database\nconfig:\n  db: { plugin_name: x, connection_url: "postgresql://u:hunter2@h/x" }\n'
    expect(findingsOf({ 'engines/db.yaml': text }).join()).toMatch(/LOAD0010 .*connection_url holds a password/)
  })
})
