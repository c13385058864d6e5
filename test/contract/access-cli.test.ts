import { execFile } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { folder } from '../reconciler/harness/run.ts'
import { sample } from '../reconciler/harness/sample.ts'
import { lockstep, startOurs, startPeer, type RunningServer } from './harness/server.ts'
import { targetAt, type TestTarget } from './reconciler-target.ts'

interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

const tests = `tests:
  - name: ci reads payments
    role: ci
    allow: [read secret/data/payments/db]
    deny: [update secret/data/payments/db]
  - name: nobody but these
    nobody_but: [approle/ci, token/deploy]
    can: [read secret/data/payments/db]
`

describe.each([
  ['the peer', startPeer],
  ['our server', startOurs],
])('explain, whocan and test of what stands on %s', (name, start) => {
  let server: RunningServer
  let target: TestTarget
  let dir: string

  const run = (args: readonly string[], input = ''): Promise<Ended> =>
    new Promise(resolve => {
      const env = { PATH: process.env['PATH'], HOME: server.home, NO_COLOR: '1', VAULT_ADDR: server.address, VAULT_TOKEN: 'root' }
      const child = execFile(lockstep, args, { cwd: dir, env }, (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : -1, stdout, stderr })
      })
      child.stdin?.end(input)
    })

  beforeAll(async () => {
    server = await start('dev')
    target = targetAt(server.address)
    dir = await folder({ ...sample, 'tests/access.yaml': tests })
    // The dev server has a mount of its own at secret/.
    await target.writer.delete('sys/mounts/secret')
    await target.apply(dir)
  })
  afterAll(async () => {
    target.client.close()
    await server.stop()
  })

  it('names who can, with the rule of the live policy', async () => {
    dir = await folder({ ...sample, 'tests/access.yaml': tests })
    const { code, stdout } = await run(['whocan', '-live', '-format=json', 'read', 'secret/data/payments/db'])
    expect(code).toBe(0)
    const { holders } = JSON.parse(stdout) as { holders: readonly Readonly<Record<string, unknown>>[] }
    expect(holders.map(it => [it['holder'], it['places']])).toEqual([
      ['auth/approle/role/ci', ['policy/payments/read:2:1']],
      ['auth/token/roles/deploy', ['policy/payments/read:2:1']],
    ])
  })

  it('explains by a token, and by its accessor', async () => {
    dir = await folder(sample)
    const made = await target.writer.write('auth/token/create', { policies: ['payments/read'] })
    const { client_token: token, accessor } = (made?.auth ?? {}) as { readonly client_token: string; readonly accessor: string }
    for (const who of ['-token=-', `-accessor=${accessor}`]) {
      const { code, stdout, stderr } = await run(['explain', who, '-format=json', 'read', 'secret/data/payments/db'], token)
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      expect(JSON.parse(stdout)).toMatchObject({
        allowed: true,
        granted_by: ['payments/read'],
        rule: { sources: [{ policy: 'payments/read', line: 2 }] },
        policies: ['default', 'payments/read'],
      })
    }
    expect(await run(['explain', '-token=self', 'delete', 'secret/data/x'])).toMatchObject({ code: 0 })
    dir = await folder()
    const wrapped = await run(['explain', '-token=self', '-wrap-ttl=60s', '-format=json', 'read', 'a'])
    expect(JSON.parse(wrapped.stdout)).toMatchObject({ allowed: true, root: true, policies: ['root'] })
    expect(await run(['explain', '-accessor=none', 'read', 'a'])).toMatchObject({ code: 1 })
  })

  it('runs the access tests a second time against it, and fails where it differs', async () => {
    dir = await folder({ ...sample, 'tests/access.yaml': tests })
    expect(await run(['test', '-live'])).toMatchObject({ code: 0, stderr: '' })
    const before = (await target.writer.read('sys/policies/acl/payments/read'))?.data?.['policy']
    await target.writer.write('sys/policies/acl/payments/read', { policy: 'path "secret/data/*" { capabilities = ["update"] }' })
    const { code, stdout } = await run(['test', '-live'])
    expect(code).toBe(2)
    expect(stdout).toContain('on the server: read secret/data/payments/db is to be allowed, and is denied')
    expect(stdout).toContain('on the server: update secret/data/payments/db is to be denied, and is allowed')
    expect((await run(['test'])).code).toBe(0)
    await target.writer.write('sys/policies/acl/payments/read', { policy: before })
    await target.writer.delete('auth/approle/role/ci')
    expect((await run(['test', '-live'])).stdout).toContain('on the server: there is no role ci')
  })

  // Our server keeps no identities yet.
  if (name === 'the peer')
    it('knows entities, and the groups that they are in', async () => {
      dir = await folder(sample)
      const entity = await target.writer.write('identity/entity', { name: 'ann', metadata: { team: 'payments' } })
      await target.writer.write('identity/group', {
        name: 'readers',
        policies: ['payments/read'],
        member_entity_ids: [entity?.data?.['id']],
      })
      const { stdout } = await run(['whocan', '-live', '-format=json', 'read', 'secret/data/payments/db'])
      const { holders } = JSON.parse(stdout) as { holders: readonly Readonly<Record<string, unknown>>[] }
      expect(holders.map(it => it['holder'])).toEqual(expect.arrayContaining(['identity/entity/name/ann', 'identity/group/name/readers']))
    })
})
