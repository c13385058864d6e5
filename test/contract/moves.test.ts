import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { policyFor } from '../../src/reconciler/index.ts'
import { NOW, stepsOf, type Files } from '../reconciler/harness/repository.ts'
import { folder, put, take } from '../reconciler/harness/run.ts'
import { startOurs, startPeer, type RunningServer } from './harness/server.ts'
import { targetAt, type TestTarget } from './reconciler-target.ts'

const env = { PASSWORD: 'correct horse' }
const settings = (moved = ''): Files => ({ 'lockstep.yaml': `version: 1\nownership: { owner: moves }\n${moved}` })

describe.each([
  ['a real OpenBao', startPeer],
  ['our own server', startOurs],
] as const)('moves on %s', (_name, start) => {
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

  it('a secrets mount keeps its secrets and an auth mount its roles', async () => {
    const engine = 'type: kv-v2\nconfig: { max_versions: 3 }\n'
    const roles = 'type: approle\nroles:\n  ci: { token_ttl: 1h }\n'
    const dir = await folder({ ...settings(), 'engines/old/kv.yaml': engine, 'roles/old.yaml': roles })
    await target.apply(dir)
    await target.writer.write('old/kv/data/app', { data: { password: 'planted' } })
    const id = (await target.writer.read('auth/old/role/ci/role-id'))?.data
    for (const it of ['engines/old', 'roles/old.yaml']) await take(dir, it)
    await put(dir, {
      ...settings('moved: [{ from: engine/old/kv/, to: engine/new/ }, { from: auth/old/, to: auth/new/ }]\n'),
      'engines/new.yaml': `description: moved\n${engine}`,
      'roles/new.yaml': roles.replace('1h', '2h'),
    })
    expect(stepsOf(await target.plan(dir))).toEqual(['move auth/new/', 'move engine/new/', 'update auth/new/role/ci'])
    const report = await target.apply(dir)
    expect(report.failed.map(it => it.message)).toEqual([])
    expect(stepsOf(await target.plan(dir))).toEqual([])
    expect((await target.writer.read('new/data/app'))?.data?.['data']).toEqual({ password: 'planted' })
    expect((await target.writer.read('auth/new/role/ci/role-id'))?.data).toEqual(id)
    expect(Object.keys((await target.writer.read('sys/mounts'))?.data ?? {})).not.toContain('old/kv/')
  })

  it('need no more than what policy-for says', async () => {
    const roles = 'type: approle\nroles:\n  ci: { token_ttl: 1h, token_policies: [least-old] }\n'
    const dir = await folder({
      ...settings(),
      'engines/least-a.yaml': 'type: kv\n',
      'roles/least-b.yaml': roles,
      'policies/least-old.hcl': '# p\n',
    })
    await target.apply(dir, { maxDeletes: 9, dataLoss: true, empty: true })
    for (const it of ['engines/least-a.yaml', 'roles/least-b.yaml', 'policies/least-old.hcl']) await take(dir, it)
    const moved =
      'moved: [{ from: engine/least-a/, to: engine/least-c/ }, { from: auth/least-b/, to: auth/least-d/ }, { from: policy/least-old, to: policy/least-new }]\n'
    await put(dir, {
      ...settings(moved),
      'engines/least-c.yaml': 'type: kv\ndescription: moved\n',
      'roles/least-d.yaml': roles.replace('least-old', 'least-new'),
      'policies/least-new.hcl': '# p\n',
    })
    const as = async (job: 'plan' | 'apply'): Promise<TestTarget> => {
      const made = await policyFor({ job, dir, source: 'worktree', name: `least-${job}`, deletes: false, now: NOW })
      await target.writer.write(`sys/policies/acl/least-${job}`, { policy: made.is === 'made' ? made.text : '' })
      const token = await target.client.send({ method: 'POST', path: 'auth/token/create', body: { policies: [`least-${job}`] } })
      return targetAt(server.address, (token.body as { readonly auth: { readonly client_token: string } }).auth.client_token)
    }
    const [planner, applier] = [await as('plan'), await as('apply')]
    const expected = [
      'create policy/least-new',
      'move auth/least-d/',
      'move engine/least-c/',
      'update auth/least-d/role/ci',
      'delete policy/least-old',
    ]
    expect(stepsOf(await planner.plan(dir)).filter(it => it.includes('least'))).toEqual(expected)
    const report = await applier.apply(dir)
    expect([report.outcome, report.failed.map(it => it.message)]).toEqual(['done', []])
    expect(stepsOf(await planner.plan(dir)).filter(it => it.includes('least'))).toEqual([])
    planner.client.close()
    applier.client.close()
  })

  it('a mount goes back when the apply that moved it fails', async () => {
    const dir = await folder({ ...settings(), 'engines/here.yaml': 'type: kv\n' })
    await target.apply(dir, { maxDeletes: 9, dataLoss: true, empty: true })
    await target.writer.write('here/app', { password: 'planted' })
    await take(dir, 'engines/here.yaml')
    await put(dir, {
      ...settings('moved: [{ from: engine/here/, to: engine/there/ }]\n'),
      'engines/there.yaml': 'type: kv\n',
      // Nothing listens there, so the server refuses it.
      'engines/db.yaml':
        'type: database\nconfig:\n  c: { plugin_name: postgresql-database-plugin, connection_url: "postgresql://{{username}}:{{password}}@127.0.0.1:1/x", username: u, password: { $env: PASSWORD } }\n',
    })
    const report = await target.apply(dir, {}, env)
    expect(report.failed.map(it => it.step.address)).toEqual(['engine/db/config/c'])
    expect([report.done, report.kept]).toEqual([[], []])
    expect((await target.writer.read('here/app'))?.data).toEqual({ password: 'planted' })
    expect(stepsOf(await target.plan(dir, env))).toEqual(['move engine/there/', 'create engine/db/', 'create engine/db/config/c'])
  })

  it('a login gets the same before and after its policy is renamed', async () => {
    const rule = 'path "sys/mounts" {\n  capabilities = ["read"]\n}\n'
    const roles = (name: string): string => `type: userpass\nusers:\n  ann: { password: { $env: PASSWORD }, token_policies: [${name}] }\n`
    const dir = await folder({ ...settings(), 'policies/before.hcl': rule, 'roles/people.yaml': roles('before') })
    await target.apply(dir, { maxDeletes: 9, dataLoss: true, empty: true }, env)
    await take(dir, 'policies/before.hcl')
    await put(dir, {
      ...settings('moved: [{ from: policy/before, to: policy/after }]\n'),
      'policies/after.hcl': rule,
      'roles/people.yaml': roles('after'),
    })
    const allowed = async (): Promise<number> => {
      const login = await target.client.send({ method: 'POST', path: 'auth/people/login/ann', body: { password: env.PASSWORD } })
      const token = (login.body as { readonly auth?: { readonly client_token?: string } }).auth?.client_token
      return (await target.client.with({ token }).send({ method: 'GET', path: 'sys/mounts' })).status
    }
    expect(await allowed()).toBe(200)
    expect((await target.apply(dir, {}, env)).outcome).toBe('done')
    expect(await allowed()).toBe(200)
    expect((await target.client.send({ method: 'GET', path: 'sys/policies/acl/before' })).status).toBe(404)
    expect(stepsOf(await target.plan(dir, env))).toEqual([])
  })
})
