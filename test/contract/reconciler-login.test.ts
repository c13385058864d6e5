import { execFile } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { folder, put } from '../reconciler/harness/run.ts'
import { faultyProxy, type FaultyProxy } from './harness/faulty-proxy.ts'
import { lockstep, startOurs, startPeer, type RunningServer } from './harness/server.ts'
import { targetAt, type TestTarget } from './reconciler-target.ts'

interface Ended {
  readonly code: number
  readonly text: string
}

const files = { 'policies/a.hcl': '# a\n', 'roles/apps.yaml': 'type: approle\nroles: { a: { token_policies: [a] } }\n' }
const ADMIN = 'path "*" {\n  capabilities = ["create", "read", "update", "delete", "list", "sudo"]\n}\n'

describe.each([
  ['a real OpenBao', startPeer],
  ['our own server', startOurs],
] as const)('a run that logs in to %s', (_name, start) => {
  let server: RunningServer
  let proxy: FaultyProxy
  let target: TestTarget
  let dir: string
  let secrets: Readonly<Record<string, string>>

  const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}, signal?: AbortSignal): Promise<Ended> =>
    new Promise(resolve => {
      const surroundings = { PATH: process.env['PATH'], HOME: server.home, NO_COLOR: '1', ...secrets, ...env }
      execFile(lockstep, [...args, `-dir=${dir}`], { cwd: dir, env: surroundings, signal, killSignal: 'SIGINT' }, (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : Number(error.code), text: stdout + stderr }),
      )
    })
  const accessors = async (): Promise<number> => (await target.writer.list('auth/token/accessors')).length
  const logins = (): readonly string[] => proxy.seen.filter(it => /login/.test(it))
  const ends = (): readonly string[] => proxy.seen.filter(it => it.includes('revoke-self'))

  beforeAll(async () => {
    server = await start('dev')
    proxy = await faultyProxy(server.address)
    target = targetAt(server.address)
    const { writer } = target
    await writer.write('sys/policies/acl/admin', { policy: ADMIN })
    await writer.write('sys/auth/robots', { type: 'approle' })
    await writer.write('auth/robots/role/lockstep', { token_policies: ['admin'], token_ttl: '10m' })
    const roleId = (await writer.read('auth/robots/role/lockstep/role-id'))?.data?.['role_id']
    const secretId = (await writer.write('auth/robots/role/lockstep/secret-id', {}))?.data?.['secret_id']
    secrets = { ROLE_ID: roleId as string, SECRET_ID: secretId as string }
    dir = await folder()
  })
  afterAll(async () => {
    target.client.close()
    await proxy.close()
    await server.stop()
  })

  const settings = (login = '{ mount: robots, role_id: { $env: ROLE_ID }, secret_id: { $env: SECRET_ID } }'): string =>
    `ownership: { owner: logs-in }\ntargets:\n  one: { address: "${proxy.address}", login: ${login} }\n`

  it('does so once, and revokes its token at the end, whatever the command and however it ends', async () => {
    dir = await folder({ 'lockstep.yaml': settings(), ...files })
    const before = await accessors()
    const runs: readonly (readonly [readonly string[], number])[] = [
      [['plan', '-detailed-exitcode'], 2],
      [['apply', '-auto-approve'], 0],
      [['drift'], 0],
      [['adopt', '-dry-run'], 0],
      [['whocan', 'read', 'sys/mounts', '-live'], 0],
      [['apply'], 0],
    ]
    for (const [args, code] of runs) {
      proxy.seen.length = 0
      const ended = await run(args)
      expect([args, ended.code, ended.text]).toEqual([args, code, expect.any(String) as string])
      expect([args, logins().length, ends().length, proxy.seen.at(-1)]).toEqual([args, 1, 1, expect.stringContaining('revoke-self')])
      expect(await accessors()).toBe(before)
    }
    // What fails on the way ends as well.
    proxy.fault = (_index, line) => (line.endsWith('sys/mounts') ? 500 : undefined)
    proxy.seen.length = 0
    expect((await run(['plan'])).code).toBe(1)
    proxy.fault = () => undefined
    expect([logins().length, ends().length, await accessors()]).toEqual([1, 1, before])
    expect(await target.writer.list('sys/leases/lookup/auth/robots/login')).toEqual([])
  })

  it('revokes its token when somebody stops it', async () => {
    dir = await folder({ 'lockstep.yaml': settings(), 'policies/b.hcl': '# b\n' })
    const before = await accessors()
    const controller = new AbortController()
    proxy.seen.length = 0
    proxy.fault = (_index, line) => {
      if (line.endsWith('sys/mounts') && !controller.signal.aborted) {
        controller.abort()
        return 503
      }
      return undefined
    }
    await run(['plan'], {}, controller.signal)
    await expect.poll(() => ends().length, { timeout: 20_000 }).toBe(1)
    proxy.fault = () => undefined
    await expect.poll(accessors, { timeout: 20_000 }).toBe(before)
  })

  it('leaves a token alone that it was given', async () => {
    dir = await folder({ 'lockstep.yaml': settings(), ...files })
    proxy.seen.length = 0
    expect((await run(['plan'], { VAULT_TOKEN: 'root' })).code).toBe(0)
    expect([logins(), ends()]).toEqual([[], []])
  })

  it('says what is missing, or refused, and shows no secret', async () => {
    await put(dir, { 'lockstep.yaml': settings('{ mount: robots, role_id: { $env: ROLE_ID }, secret_id: { $env: NONE } }') })
    expect(await run(['plan'])).toMatchObject({
      code: 1,
      text: expect.stringContaining('secret_id: { $env: NONE }: the variable is not set') as string,
    })
    await put(dir, { 'lockstep.yaml': settings() })
    const refused = await run(['plan'], { SECRET_ID: 'planted-marker' })
    expect(refused.code).toBe(1)
    expect(refused.text).toContain('auth/robots/login')
    expect(refused.text).not.toContain('planted-marker')
  })
})
