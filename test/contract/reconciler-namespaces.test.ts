import { execFile } from 'node:child_process'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { folder, take } from '../reconciler/harness/run.ts'
import { send } from './harness/http.ts'
import { lockstep, startOurs, startPeer, type RunningServer } from './harness/server.ts'
import { targetAt, type TestTarget } from './reconciler-target.ts'

interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

const files = {
  'lockstep.yaml': 'version: 1\nownership: { owner: team }\n',
  'policies/app.hcl': 'path "kv/data/app/*" {\n  capabilities = ["read"]\n}\n',
  'policies/ops/all.hcl': 'path "kv/*" {\n  capabilities = ["read", "list"]\n}\n',
  'engines/kv.yaml': 'type: kv\noptions: { version: "2" }\ntune: { default_lease_ttl: 1h }\n',
  'roles/approle.yaml': 'type: approle\nroles:\n  app: { token_policies: [app], token_ttl: 20m }\n',
  'namespaces/app.yaml': 'custom_metadata: { owner: ada }\n',
}

describe.each([
  ['a real OpenBao', startPeer],
  ['our own server', startOurs],
] as const)('the reconciler in a namespace of %s', (_, start) => {
  let server: RunningServer
  let target: TestTarget
  let at: string
  const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> =>
    new Promise(resolve => {
      const inherited = { PATH: process.env['PATH'], HOME: server.home, NO_COLOR: '1', VAULT_ADDR: server.address, VAULT_TOKEN: 'root' }
      execFile(lockstep, args, { cwd: at, env: { ...inherited, ...env } }, (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : -1, stdout, stderr })
      })
    })

  /** The status of a read, with the path form of a namespace. */
  const status = async (path: string): Promise<number> =>
    (await send(server.address, { method: 'GET', path: `/v1/${path}`, headers: { 'x-vault-token': 'root' } })).status

  beforeEach(async () => {
    at = await folder(files)
  })
  beforeAll(async () => {
    server = await start('dev')
    target = targetAt(server.address)
    for (const name of ['team', 'other']) await target.writer.write(`sys/namespaces/${name}`, {})
  })
  afterAll(async () => {
    target.client.close()
    await server.stop()
  })

  it('plans, applies and comes to rest there, and nowhere else', async () => {
    const plan = await run(['plan', '-namespace=team', '-detailed-exitcode'])
    expect(plan, plan.stderr).toMatchObject({ code: 2 })
    const apply = await run(['apply', '-auto-approve', '-namespace=team'])
    expect(apply, apply.stderr).toMatchObject({ code: 0 })
    expect(await run(['plan', '-detailed-exitcode'], { VAULT_NAMESPACE: 'team' })).toMatchObject({ code: 0 })
    expect(await run(['drift', '-namespace=team'])).toMatchObject({ code: 0 })
    expect(await run(['plan', '-detailed-exitcode', '-namespace=other'])).toMatchObject({ code: 2 })
    expect(await status('team/sys/namespaces/app')).toBe(200)
    expect(await status('sys/policies/acl/app')).toBe(404)
  })

  it('sees what others change there, and puts it right', async () => {
    await target.writer.write('team/sys/policies/acl/app', { policy: 'path "kv/*" { capabilities = ["sudo"] }' })
    expect(await run(['drift', '-namespace=team/'])).toMatchObject({ code: 2 })
    expect(await run(['apply', '-auto-approve', '-namespace=team'])).toMatchObject({ code: 0 })
    expect(await run(['drift', '-namespace=team'])).toMatchObject({ code: 0 })
  })

  it('has a ledger in each, so that one deletes nothing of another', async () => {
    expect(await run(['apply', '-auto-approve', '-namespace=other'])).toMatchObject({ code: 0 })
    await take(at, 'policies/ops/all.hcl')
    expect(await run(['apply', '-auto-approve', '-namespace=other'])).toMatchObject({ code: 0 })
    expect(await status('other/sys/policies/acl/ops/all')).toBe(404)
    expect(await status('team/sys/policies/acl/ops/all')).toBe(200)
  })

  it('says when there is no such namespace', async () => {
    const plan = await run(['plan', '-namespace=none'])
    expect(plan.code).toBe(1)
    expect(plan.stderr).toContain('namespace not found')
  })
})
