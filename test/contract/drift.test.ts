import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runLine } from '../cli/context.ts'
import { folder } from '../reconciler/harness/run.ts'
import { sample } from '../reconciler/harness/sample.ts'
import { startOurs, startPeer, type RunningServer } from './harness/server.ts'
import { targetAt, type TestTarget } from './reconciler-target.ts'

interface Difference {
  readonly address: string
  readonly moved: string
  readonly changed_by?: Readonly<Record<string, string>>
}

describe.each([
  ['a real OpenBao', startPeer],
  ['our own server', startOurs],
] as const)('drift, with the audit log of %s', (_name, start) => {
  let server: RunningServer
  let target: TestTarget

  beforeAll(async () => {
    server = await start('dev', { file: 'unsafe_allow_api_audit_creation = true\n' })
    target = targetAt(server.address)
    await target.writer.write('sys/audit/file', { type: 'file', options: { file_path: join(server.home, 'audit.log') } })
  })
  afterAll(async () => {
    target.client.close()
    await server.stop()
  })

  it('tells who changed each object behind our back, and when', async () => {
    const dir = await folder(sample)
    await target.apply(dir)
    await target.writer.write('sys/policies/acl/everything', {
      policy: 'path "*" { capabilities = ["create", "read", "update", "delete", "sudo"] }',
    })
    const made = await target.client.send({
      method: 'POST',
      path: 'auth/token/create',
      body: { policies: ['everything'], display_name: 'mallory' },
    })
    const other = targetAt(server.address, (made.body as { auth: { client_token: string } }).auth.client_token)
    await other.writer.write('sys/policies/acl/ci', { policy: '# mine\n' })
    await other.writer.write('auth/approle/role/ops/token-ttl', { token_ttl: '5m' })
    await other.writer.write('auth/approle/role/ops/secret-id', {})
    await other.writer.write('sys/mounts/team/notes/tune', { description: 'mine' })
    await other.writer.write('secret/config', { max_versions: 9 })
    await other.writer.delete('auth/token/roles/deploy')
    other.client.close()
    const { code, stdout, stderr } = await runLine(['drift', '-format=json', `-audit-log=${join(server.home, 'audit.log')}`], {
      cwd: dir,
      env: { BAO_ADDR: server.address, BAO_TOKEN: 'root' },
    })
    expect({ code, stderr }).toEqual({ code: 2, stderr: '' })
    const { differences } = (JSON.parse(stdout) as { drift: { differences: readonly Difference[] } }).drift
    const told = differences.map(({ address, moved, changed_by: by }) => [
      address,
      moved,
      by?.['operation'],
      by?.['display_name'],
      by?.['path'],
    ])
    expect(told.toSorted(([x], [y]) => (String(x) < String(y) ? -1 : 1))).toEqual([
      ['auth/approle/role/ops', 'changed-on-server', 'update', 'token-mallory', 'auth/approle/role/ops/token-ttl'],
      ['auth/token/roles/deploy', 'changed-on-server', 'delete', 'token-mallory', 'auth/token/roles/deploy'],
      ['engine/secret/config', 'changed-on-server', 'update', 'token-mallory', 'secret/config'],
      ['engine/team/notes/', 'changed-on-server', 'update', 'token-mallory', 'sys/mounts/team/notes/tune'],
      ['policy/ci', 'changed-on-server', 'update', 'token-mallory', 'sys/policies/acl/ci'],
    ])
    for (const { changed_by: by } of differences) expect(Date.parse(by?.['time'] ?? '')).toBeGreaterThan(0)
  })
})
