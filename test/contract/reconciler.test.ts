import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadLedger, newLedger, saveLedger } from '../../src/reconciler/ledger/index.ts'
import { policyAddress, textOf } from '../../src/reconciler/model/index.ts'
import { arbitraryRepository } from '../reconciler/harness/arbitrary-repository.ts'
import { stepsOf, type Files } from '../reconciler/harness/repository.ts'
import { folder, put, take } from '../reconciler/harness/run.ts'
import { startOurs, startPeer, type RunningServer } from './harness/server.ts'
import { targetAt, type TestTarget } from './reconciler-target.ts'

/** 40 policies, 20 AppRole roles, 10 mounts. */
function organisation(): Files {
  const files: Record<string, string> = { 'lockstep.yaml': 'version: 1\nownership: { owner: organisation }\n' }
  for (let i = 0; i < 40; i++)
    files[`policies/org/p${i}.hcl`] = `# ${i}\npath "kv-${i % 10}/data/app${i}/*" {\n  capabilities = ["read", "list"]\n}\n`
  const roles = Array.from({ length: 20 }, (_, i) => `  r${i}: { token_policies: [org/p${i}, org/p${i + 1}], token_ttl: ${i + 1}m }\n`)
  files['roles/machines.yaml'] = `type: approle\ndescription: machines\ntune: { max_lease_ttl: 24h }\nroles:\n${roles.join('')}`
  for (let i = 0; i < 9; i++) {
    files[`engines/kv-${i}.yaml`] =
      i % 2 === 0
        ? `type: kv-v2\ndescription: number ${i}\nconfig: { max_versions: ${i + 1} }\n`
        : `type: kv\ntune: { default_lease_ttl: ${i}h }\n`
  }
  return files
}

/** Each readable attribute, changed by somebody else: what is sent where, and what the next plan must say. */
const outOfBand: readonly (readonly [string, string, Readonly<Record<string, unknown>>, readonly string[]])[] = [
  ['sys/policies/acl/m/p', 'policy/m/p', { policy: '# changed\n' }, ['policy']],
  ['sys/auth/m/tune', 'auth/m/', { description: 'x' }, ['description']],
  ['sys/auth/m/tune', 'auth/m/', { default_lease_ttl: '5m' }, ['tune.default_lease_ttl']],
  ['sys/auth/m/tune', 'auth/m/', { max_lease_ttl: '100h' }, ['tune.max_lease_ttl']],
  ['sys/auth/m/tune', 'auth/m/', { listing_visibility: 'unauth' }, ['tune.listing_visibility']],
  ['sys/auth/m/tune', 'auth/m/', { token_type: 'batch' }, ['tune.token_type']],
  ['sys/auth/m/tune', 'auth/m/', { audit_non_hmac_request_keys: ['k'] }, ['tune.audit_non_hmac_request_keys']],
  ['sys/auth/m/tune', 'auth/m/', { audit_non_hmac_response_keys: ['k'] }, ['tune.audit_non_hmac_response_keys']],
  ['sys/auth/m/tune', 'auth/m/', { passthrough_request_headers: ['X-A'] }, ['tune.passthrough_request_headers']],
  ['sys/auth/m/tune', 'auth/m/', { allowed_response_headers: ['X-B'] }, ['tune.allowed_response_headers']],
  ['sys/auth/m/tune', 'auth/m/', { options: { a: 'b' } }, ['options']],
  ['sys/mounts/kv-m/tune', 'engine/kv-m/', { description: 'x' }, ['description']],
  ['sys/mounts/kv-m/tune', 'engine/kv-m/', { default_lease_ttl: 60, max_lease_ttl: 120 }, ['tune.default_lease_ttl', 'tune.max_lease_ttl']],
  ['sys/mounts/kv-m/tune', 'engine/kv-m/', { options: { team: 'x' } }, ['options']],
  ['kv-m/config', 'engine/kv-m/config', { max_versions: 9 }, ['max_versions']],
  ['kv-m/config', 'engine/kv-m/config', { cas_required: true }, ['cas_required']],
  ['kv-m/config', 'engine/kv-m/config', { delete_version_after: '2h' }, ['delete_version_after']],
  ...(
    [
      { bind_secret_id: false, secret_id_bound_cidrs: ['10.0.0.0/8'] },
      { secret_id_num_uses: 4 },
      { secret_id_ttl: '11m' },
      { token_bound_cidrs: ['10.0.0.0/8'] },
      { token_explicit_max_ttl: '3h' },
      { token_max_ttl: '3h' },
      { token_no_default_policy: true },
      { token_num_uses: 3 },
      { token_period: '1h' },
      { token_policies: ['other'] },
      { token_strictly_bind_ip: true },
      { token_ttl: '7m' },
      { token_type: 'service' },
      { role_id: 'another-id' },
    ] as const
  ).map(it => ['auth/m/role/r', 'auth/m/role/r', it, Object.keys(it).sort()] as const),
  ...(
    [
      { allowed_entity_aliases: ['e'] },
      { allowed_policies: ['x'] },
      { allowed_policies_glob: ['x*'] },
      { disallowed_policies: ['x'] },
      { disallowed_policies_glob: ['x*'] },
      { orphan: true },
      { path_suffix: 'suffix' },
      { renewable: false },
      { token_bound_cidrs: ['10.0.0.0/8'] },
      { token_explicit_max_ttl: '1h' },
      { token_no_default_policy: true },
      { token_num_uses: 5 },
      { token_period: '1h' },
      { token_type: 'service' },
    ] as const
  ).map(it => ['auth/token/roles/t', 'auth/token/roles/t', it, Object.keys(it)] as const),
]

const matrix: Files = {
  'lockstep.yaml': 'version: 1\nownership: { owner: matrix }\n',
  'policies/m/p.hcl': '# as it is\n',
  'roles/m.yaml': 'type: approle\nroles:\n  r: { role_id: { $env: ID } }\n',
  'roles/token.yaml': 'roles:\n  t: {}\n',
  'engines/kv-m.yaml': 'type: kv-v2\nconfig: {}\n',
}

const everything = { maxDeletes: 1000, maxUpdates: 1000, dataLoss: true, empty: true }

describe.each([
  ['a real OpenBao', startPeer],
  ['our own server', startOurs],
] as const)('the reconciler against %s', (_name, start) => {
  let server: RunningServer
  let target: TestTarget

  beforeAll(async () => {
    server = await start('dev')
    target = targetAt(server.address)
  })
  afterAll(async () => {
    target.client.close()
    await server.stop()
  })

  it('applies 40 policies, 20 roles and 10 mounts, and then has nothing to do', async () => {
    const dir = await folder(organisation())
    const report = await target.apply(dir)
    expect(report).toMatchObject({ outcome: 'done', failed: [], moved: [] })
    expect(report.done).toHaveLength(75)
    expect((await target.plan(dir)).steps).toEqual([])
  })

  it('shows a change of each of them in the next plan, and takes it back', async () => {
    const dir = await folder(organisation())
    await target.apply(dir)
    const { writer } = target
    const changes = Array.from({ length: 75 }, () => Promise.resolve<unknown>(undefined))
    for (let i = 0; i < 40; i++) changes.push(writer.write(`sys/policies/acl/org/p${i}`, { policy: `# somebody was here ${i}\n` }))
    for (let i = 0; i < 20; i++) changes.push(writer.write(`auth/machines/role/r${i}`, { token_num_uses: i + 1 }))
    for (let i = 0; i < 9; i++) changes.push(writer.write(`sys/mounts/kv-${i}/tune`, { description: `changed ${i}` }))
    for (const i of [0, 2, 4, 6, 8]) changes.push(writer.write(`kv-${i}/config`, { cas_required: true }))
    changes.push(writer.write('sys/auth/machines/tune', { max_lease_ttl: '25h' }))
    await Promise.all(changes)
    const plan = await target.plan(dir)
    expect(plan.steps.map(it => `${it.action} ${it.moved}`)).toEqual(Array.from({ length: 75 }, () => 'update target'))
    expect((await target.apply(dir)).outcome).toBe('done')
    expect((await target.plan(dir)).steps).toEqual([])
  })

  it('asks at most once for each object, and for most of them together', async () => {
    const dir = await folder(organisation())
    await target.apply(dir)
    target.requests.length = 0
    await target.plan(dir)
    const isAtOnce = (await target.client.send({ method: 'LIST', path: 'sys/policies/detailed/acl' })).status === 200
    const requests = target.requests.slice(0, -1)
    // The server, its mounts (2), the token, all policies, one list of roles, 20 roles, 5 configs; elsewhere the names of the
    // policies, 40 of them, and those of the two ledgers that earlier tests have left, the default one and the token's.
    expect(requests.length).toBeLessThanOrEqual(isAtOnce ? 31 : 31 + 45)
    // Where several are asked for together, each such request is for others.
    const single = requests.filter(it => it !== 'GET sys/internal/read-many')
    expect(new Set(single).size).toBe(single.length)
    expect(requests.filter(it => !/^(GET|LIST) /.test(it))).toEqual([])
  })

  it.each(outOfBand)('%s: a change of it is named exactly (%#)', async (path, address, body, changed) => {
    const dir = await folder(matrix)
    const env = { ID: 'the-role-id' }
    await target.apply(dir, everything, env)
    await target.writer.write(path, body)
    const plan = await target.plan(dir, env)
    expect(plan.steps.map(it => [it.action, it.address, it.changed])).toEqual([['update', address, changed]])
    expect((await target.apply(dir, everything, env)).outcome).toBe('done')
    expect((await target.plan(dir, env)).steps).toEqual([])
  })

  it('deletes what is taken out of the files, and leaves the rest of the server as it was', async () => {
    const dir = await folder(organisation())
    await target.apply(dir)
    await target.writer.write('sys/policies/acl/theirs', { policy: '# theirs' })
    await target.writer.write('auth/machines/role/theirs', {})
    for (const it of ['policies/org/p39.hcl', 'engines/kv-8.yaml']) await take(dir, it)
    await put(dir, { 'roles/machines.yaml': (organisation()['roles/machines.yaml'] ?? '').replace(/ {2}r19: .*\n/, '') })
    expect(stepsOf(await target.plan(dir))).toEqual([
      'delete auth/machines/role/r19',
      'delete engine/kv-8/config',
      'delete engine/kv-8/',
      'delete policy/org/p39',
    ])
    await target.apply(dir, { dataLoss: true })
    const plan = await target.plan(dir)
    expect(plan.steps).toEqual([])
    expect(plan.unmanaged.policies).toContain('theirs')
    expect(plan.unmanaged.objects).toContain('auth/machines/role/theirs')
    expect(await target.writer.read('sys/policies/acl/org/p39')).toBeUndefined()
  })

  it('plans with a token that can only read', async () => {
    const dir = await folder(organisation())
    await target.apply(dir)
    await target.writer.write('sys/policies/acl/planner', {
      policy:
        'path "sys/*" { capabilities = ["read", "list"] }\npath "auth/*" { capabilities = ["read", "list"] }\npath "+/config" { capabilities = ["read"] }\n',
    })
    const made = await target.writer.write('auth/token/create', { policies: ['planner'], ttl: '10m' })
    const reader = targetAt(server.address, textOf(made?.auth?.['client_token']))
    expect((await reader.plan(dir)).steps).toEqual([])
    await expect(reader.writer.write('sys/policies/acl/x', { policy: '# x' })).rejects.toThrow('permission denied')
    reader.client.close()
  })

  it('reads policies one by one where all at once is not allowed', async () => {
    const dir = await folder(organisation())
    await target.apply(dir)
    await target.writer.write('sys/policies/acl/narrow', {
      policy:
        'path "sys/*" { capabilities = ["read", "list"] }\npath "sys/policies/detailed/*" { capabilities = ["deny"] }\npath "auth/*" { capabilities = ["read", "list"] }\npath "+/config" { capabilities = ["read"] }\n',
    })
    const made = await target.writer.write('auth/token/create', { policies: ['narrow'], ttl: '10m' })
    const reader = targetAt(server.address, textOf(made?.auth?.['client_token']))
    expect((await reader.plan(dir)).steps).toEqual([])
    expect(reader.requests.some(it => it === 'GET sys/policies/acl/org/p0' || it === 'GET sys/internal/read-many')).toBe(true)
    reader.client.close()
  })

  it('does not take what it may not read for absent', async () => {
    const dir = await folder(organisation())
    await target.apply(dir)
    await target.writer.write('sys/policies/acl/blind', {
      policy:
        'path "sys/*" { capabilities = ["read", "list"] }\npath "auth/machines/role/" { capabilities = ["list"] }\npath "+/config" { capabilities = ["read"] }\n',
    })
    const made = await target.writer.write('auth/token/create', { policies: ['blind'], ttl: '10m' })
    const reader = targetAt(server.address, textOf(made?.auth?.['client_token']))
    await expect(reader.plan(dir)).rejects.toThrow(/^GET auth\/machines\/role\/r\d+: 403 [^]*permission denied/)
    reader.client.close()
  })

  it('comes to rest from any repository to any other', async () => {
    const dir = await folder()
    await fc.assert(
      fc.asyncProperty(arbitraryRepository, async files => {
        for (const it of ['policies', 'roles', 'engines']) await rm(join(dir, it), { recursive: true, force: true })
        await put(dir, { 'lockstep.yaml': 'ownership: { owner: property }\n', ...files })
        const report = await target.apply(dir, everything)
        expect(report.failed.map(it => `${it.step.address}: ${it.message}`)).toEqual([])
        expect(report.outcome).toBe('done')
        expect(stepsOf(await target.plan(dir))).toEqual([])
      }),
      { numRuns: 25 },
    )
  })

  it('loses no entry of the ledger when many write it at once', async () => {
    const start = await saveLedger(
      target.writer,
      newLedger('crowd'),
      { entries: new Map([[policyAddress('first'), () => ({ origin: 'created' })]]) },
      { compareAndSet: true },
    )
    const names = Array.from({ length: 6 }, (_, i) => policyAddress(`c${i}`))
    await Promise.all(
      names.map(name =>
        saveLedger(target.writer, start, { entries: new Map([[name, () => ({ origin: 'created' as const })]]) }, { compareAndSet: true }),
      ),
    )
    const { ledger } = await loadLedger(target.writer, 'crowd')
    expect([...ledger.entries.keys()].sort()).toEqual([...names, policyAddress('first')].sort())
  })
})
