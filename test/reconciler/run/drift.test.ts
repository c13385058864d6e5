import { describe, expect, it } from 'vitest'
import { coveredPercent, drifted, type Plan } from '../../../src/reconciler/model/index.ts'
import { plain, renderDrift } from '../../../src/reconciler/report/index.ts'
import { lastChanges } from '../../../src/reconciler/run/audit-trail.ts'
import { driftJson, driftJunit, driftMarkdown, driftSarif } from '../../../src/reconciler/report/index.ts'
import { FakeTarget } from '../harness/fake-target.ts'
import { applied, folder, planOf, put } from '../harness/run.ts'
import { sample } from '../harness/sample.ts'

async function settled(): Promise<{ dir: string; target: FakeTarget }> {
  const [dir, target] = [await folder(sample), new FakeTarget()]
  await applied(dir, target)
  target.requests.length = 0
  return { dir, target }
}

const movedOf = (plan: Plan): Readonly<Record<string, string>> => Object.fromEntries(drifted(plan).map(it => [it.address, it.moved]))

async function* linesOf(entries: readonly unknown[]): AsyncGenerator<string> {
  for (const it of entries) yield await Promise.resolve(typeof it === 'string' ? it : JSON.stringify(it))
}

const wrote = (path: string, time: string, more: object = {}): object => ({
  time,
  type: 'response',
  auth: { display_name: 'ann', accessor: 'hmac-sha256:1', entity_id: 'e1' },
  request: { operation: 'update', path, remote_address: '10.0.0.7', namespace: { id: 'root' } },
  ...more,
})

describe('drift', () => {
  it('says of each difference who moved', async () => {
    const { dir, target } = await settled()
    await put(dir, { 'policies/payments/read.hcl': 'path "a" {\n  capabilities = ["read"]\n}\n', 'policies/ci.hcl': '# both\n' })
    target.policies.set('ci', { text: '# by hand\n', version: 7 })
    await target.write('auth/approle/role/ops', { token_ttl: 60 })
    const plan = await planOf(dir, target)
    expect(movedOf(plan)).toEqual({
      'policy/payments/read': 'repository',
      'policy/ci': 'both',
      'auth/approle/role/ops': 'target',
    })
    expect(JSON.parse(driftJson(plan, new Map()))).toMatchObject({
      format_version: '1.0',
      drift: { differences: [{ moved: 'both' }, { moved: 'not-applied' }, { moved: 'changed-on-server' }] },
    })
  })

  it('counts what is managed, what is not, and what is ignored', async () => {
    const { dir, target } = await settled()
    await target.write('sys/policies/acl/theirs', { policy: '# theirs' })
    await target.write('sys/policies/acl/legacy-1', { policy: '# old' })
    await target.write('auth/approle/role/stranger', {})
    await put(dir, { 'lockstep.yaml': 'ignore:\n  - address: policy/legacy-*\n    reason: moves in March\n    until: 2027-03-31\n' })
    const plan = await planOf(dir, target)
    expect(plan.coverage).toMatchObject({ policies: { managed: 2, unmanaged: 1, ignored: 1 }, auth_objects: { unmanaged: 1 } })
    expect(Math.floor(coveredPercent(plan.coverage))).toBe(81)
    const text = renderDrift(plan, { paint: plain })
    expect(text).toContain('Managed: 81.8 %: policies 2 of 3 (1 ignored)')
    expect(text).toContain('Ignored: policy/legacy-* until 2027-03-31: moves in March')
  })

  it('leaves out of one run what it is told to', async () => {
    const { dir, target } = await settled()
    target.policies.set('ci', { text: '# by hand\n', version: 7 })
    await target.write('auth/approle/role/ops', { token_ttl: 60, token_max_ttl: 90 })
    expect(movedOf(await planOf(dir, target, { ignore: ['policy/*', 'auth/approle/role/ops#token_ttl'] }))).toEqual({
      'auth/approle/role/ops': 'target',
    })
    const attributes = ['auth/approle/role/ops#token_ttl', 'auth/approle/role/ops#token_max_ttl']
    expect(movedOf(await planOf(dir, target, { ignore: ['policy/*', ...attributes] }))).toEqual({})
  })

  it('reads only what the files changed, if the ledger is to be trusted', async () => {
    const { dir, target } = await settled()
    const roles = (): readonly string[] => target.requests.filter(it => it.startsWith('GET auth/approle/role/'))
    await planOf(dir, target, { refresh: 'changed' })
    expect(roles()).toEqual([])
    await put(dir, { 'roles/approle/roles/ops.yaml': 'token_policies: [ci]\ntoken_ttl: 5m\n' })
    await target.write('auth/approle/role/ops', { token_max_ttl: 90 })
    target.requests.length = 0
    const plan = await planOf(dir, target, { refresh: 'changed' })
    expect(roles()).toEqual(['GET auth/approle/role/ops'])
    expect(movedOf(plan)).toEqual({ 'auth/approle/role/ops': 'both' })
    expect(plan.unchanged).toBe((await planOf(dir, target)).unchanged)
    expect(plan.findings.map(it => it.code)).toContain('PLAN0011')
    expect((await applied(dir, target, {}, { refresh: 'changed' })).outcome).toBe('done')
    expect(movedOf(await planOf(dir, target))).toEqual({})
  })

  it('has the formats of code scanning, test reports and issues', async () => {
    const { dir, target } = await settled()
    await target.write('auth/approle/role/ops', { token_ttl: 60 })
    const plan = await planOf(dir, target)
    const changes = await lastChanges(
      linesOf([wrote('auth/approle/role/ops', '2026-11-28T10:00:00Z')]),
      ['auth/approle/role/ops' as never],
      undefined,
    )
    const sarif = JSON.parse(driftSarif(plan, changes)) as { runs: [{ results: object[] }] }
    expect(sarif.runs[0].results).toMatchObject([
      {
        ruleId: 'drift/changed-on-server',
        level: 'error',
        message: { text: expect.stringContaining('last update by ann from 10.0.0.7 at 2026-11-28T10:00:00Z') as string },
        locations: [{ physicalLocation: { artifactLocation: { uri: 'roles/approle/roles/ops.yaml' } } }],
      },
    ])
    const junit = driftJunit(plan, changes)
    expect(junit).toContain('<testsuite name="lockstep drift" tests="9" failures="1" errors="0">')
    expect(junit).toContain(
      '<failure type="changed-on-server" message="changed on the server">update: it was changed on the server\nattributes: token_ttl',
    )
    expect(driftMarkdown(plan, changes)).toContain('| auth/approle/role/ops | changed on the server | token\\_ttl |')
    expect(renderDrift(plan, { paint: plain, changes })).toContain('last update by ann')
  })
})

describe('an audit log', () => {
  const addresses = ['policy/ci', 'auth/approle/role/ops', 'auth/approle/', 'engine/secret/config'] as never[]
  const last = async (...entries: readonly unknown[]): Promise<object> =>
    Object.fromEntries([...(await lastChanges(linesOf(entries), addresses, undefined))].map(([address, it]) => [address, it.time]))

  it('passes on no accessor that the log has in clear: it is a handle on a live token', async () => {
    const clear = { ...wrote('secret/config', '2026-11-06T00:00:00Z'), auth: { accessor: 'L5gcit5PhL6ETyR9RZs7TQ5z' } }
    const [change] = [...(await lastChanges(linesOf([clear]), ['engine/secret/config' as never], undefined)).values()]
    expect(change).toMatchObject({ time: '2026-11-06T00:00:00Z' })
    expect(change).not.toHaveProperty('accessor')
  })

  it('tells the last write of each object, by every path that means it', async () => {
    expect(
      await last(
        wrote('sys/policies/acl/ci', '2026-11-01T00:00:00Z'),
        wrote('sys/policy/CI', '2026-11-03T00:00:00Z'),
        wrote('sys/policies/acl/ci', '2026-11-02T00:00:00Z'),
        wrote('auth/approle/role/ops/token-ttl', '2026-11-04T00:00:00Z'),
        wrote('sys/auth/approle/tune', '2026-11-05T00:00:00Z'),
        wrote('secret/config', '2026-11-06T00:00:00Z'),
      ),
    ).toEqual({
      'policy/ci': '2026-11-03T00:00:00Z',
      'auth/approle/role/ops': '2026-11-04T00:00:00Z',
      'auth/approle/': '2026-11-05T00:00:00Z',
      'engine/secret/config': '2026-11-06T00:00:00Z',
    })
  })

  it('passes over requests, refusals, reads, logins, other namespaces and broken lines', async () => {
    const path = 'auth/approle/role/ops'
    expect(
      await last(
        '{"broken": "update',
        wrote(path, '2026-11-01T00:00:00Z', { type: 'request' }),
        wrote(path, '2026-11-01T00:00:00Z', { error: 'permission denied' }),
        wrote(`${path}/secret-id`, '2026-11-01T00:00:00Z'),
        wrote(path, '2026-11-01T00:00:00Z', { request: { operation: 'read', path } }),
        wrote(path, '2026-11-01T00:00:00Z', { request: { operation: 'update', path, namespace: { path: 'ns1/' } } }),
      ),
    ).toEqual({})
  })
})
