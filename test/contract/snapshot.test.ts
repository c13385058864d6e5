import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { put } from '../reconciler/harness/run.ts'
import { lockstep, startOurs, startPeer, type RunningServer } from './harness/server.ts'
import { targetAt, type TestTarget } from './reconciler-target.ts'

const PLANTED = ['planted-in-kv', 'planted-client-secret', 'planted-in-an-api-file', 'planted-password'] as const

const files: Readonly<Record<string, string>> = {
  'lockstep.yaml': 'ownership: { owner: snapped, ledger_key: { $env: LEDGER_KEY } }\nlimits: { deletes: { count: 50, percent: 100 } }\n',
  'policies/app.hcl': 'path "secret/data/app" {\n  capabilities = ["read"]\n}\n',
  'policies/old.hcl': 'path "secret/data/old" {\n  capabilities = ["read"]\n}\n',
  'roles/approle.yaml': 'type: approle\nroles: { app: { token_policies: [app], token_ttl: 1h }, old: { token_policies: [old] } }\n',
  'roles/userpass.yaml': 'type: userpass\nusers: { ada: { password: { $env: PASSWORD }, token_policies: [app] } }\n',
  'engines/team.yaml': 'type: kv-v2\nconfig: { max_versions: 5 }\n',
  'api/kv1/note.yaml': 'value: { text: planted-in-an-api-file }\n',
}

interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

describe.each([
  ['a real OpenBao', startPeer],
  ['our own server', startOurs],
] as const)('a snapshot of %s', (_name, start) => {
  let server: RunningServer
  let target: TestTarget
  let dir: string
  let home: string

  const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> =>
    new Promise(resolve => {
      const surroundings = { PATH: process.env['PATH'], HOME: home, NO_COLOR: '1', ...env }
      execFile(lockstep, [...args], { cwd: dir, env: surroundings, maxBuffer: 2 ** 26 }, (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
      )
    })
  const online = (): Readonly<Record<string, string>> => ({
    BAO_ADDR: server.address,
    BAO_TOKEN: 'root',
    PASSWORD: 'planted-password',
    LEDGER_KEY: 'a key that nobody would guess',
  })
  const stepsOf = ({ stdout }: Ended): readonly unknown[] =>
    (
      JSON.parse(stdout) as {
        readonly resource_changes: readonly { readonly address: string; readonly change: { readonly actions: unknown } }[]
      }
    ).resource_changes.map(it => [it.address, it.change.actions])
  const offline = (...more: readonly string[]): Promise<Ended> =>
    run(['plan', '-json', `-snapshot=${join(home, 'snapshot.json')}`, `-snapshot-key=${join(home, 'keys.pub')}`, ...more])

  beforeAll(async () => {
    server = await start('dev')
    target = targetAt(server.address)
    const { writer } = target
    await writer.write('sys/mounts/kv1', { type: 'kv' })
    await writer.write('secret/data/app', { data: { password: 'planted-in-kv' } })
    await writer.write('sys/auth/sso', { type: 'oidc' })
    await writer.write('identity/oidc/client/site', { redirect_uris: ['https://example.org/'] }).catch(() => undefined)
    dir = await mkdtemp(join(tmpdir(), 'lockstep-snapshot-'))
    home = await mkdtemp(join(tmpdir(), 'lockstep-snapshot-'))
    await put(dir, files)
    expect(await run(['apply', '-auto-approve'], online())).toMatchObject({ code: 0 })
    expect(await run(['snapshot', 'keygen', `-out=${join(home, 'keys')}`])).toMatchObject({ code: 0 })
    const taken = await run(['snapshot', 'take', `-out=${join(home, 'snapshot.json')}`, `-key=${join(home, 'keys.key')}`], online())
    expect(taken).toMatchObject({ code: 0, stderr: '' })
  })
  afterAll(async () => {
    target.client.close()
    await server.stop()
    for (const it of [dir, home]) await rm(it, { recursive: true, force: true })
  })

  it('plans what a plan with the server does, change by change', async () => {
    expect(stepsOf(await offline())).toEqual([])
    const changes: readonly Readonly<Record<string, string>>[] = [
      { 'policies/app.hcl': 'path "secret/data/app" {\n  capabilities = ["read", "list"]\n}\n' },
      { 'policies/new.hcl': 'path "secret/data/new" {\n  capabilities = ["read"]\n}\n' },
      { 'roles/approle.yaml': 'type: approle\nroles: { app: { token_policies: [app], token_ttl: 2h }, fresh: {} }\n' },
      { 'engines/team.yaml': 'type: kv-v2\nconfig: { max_versions: 7 }\n' },
      { 'engines/fresh.yaml': 'type: transit\nkeys: { app: { type: aes256-gcm96 } }\n' },
      // What stands there and nobody managed.
      { 'roles/sso.yaml': 'type: oidc\n' },
    ]
    for (const change of changes) {
      await put(dir, change)
      const [without, withServer] = [await offline(), await run(['plan', '-json'], online())]
      expect(without.stderr).toBe('')
      expect(stepsOf(without)).toEqual(stepsOf(withServer))
      expect(without.stdout).toContain('planned with a snapshot of')
    }
    await put(dir, { ...files, 'policies/new.hcl': '# later\n' })
  })

  it('holds no secret, no token, and no name of a request', async () => {
    const text = await readFile(join(home, 'snapshot.json'), 'utf8')
    for (const it of [...PLANTED, 'request_id', '"root"', 'hvs.', 'client_secret']) expect(text.includes(it) ? it : '').toBe('')
    expect((await stat(join(home, 'keys.key'))).mode & 0o777).toBe(0o600)
    expect(text).toContain('sys/auth')
  })

  it('counts for nothing when it was changed, signed by another, or is too old', async () => {
    const whole = await readFile(join(home, 'snapshot.json'), 'utf8')
    const changed = join(home, 'changed.json')
    const plan = (file: string, key = 'keys.pub'): Promise<Ended> => run(['plan', `-snapshot=${file}`, `-snapshot-key=${join(home, key)}`])
    await writeFile(changed, whole.replace('secret/data/app', 'secret/data/abb'))
    expect(await plan(changed)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('the signature of the snapshot is wrong') as string,
    })
    await writeFile(changed, whole.slice(0, -200))
    expect(await plan(changed)).toMatchObject({ code: 1, stderr: expect.stringContaining('this is no snapshot') as string })
    await run(['snapshot', 'keygen', `-out=${join(home, 'others')}`])
    expect(await plan(join(home, 'snapshot.json'), 'others.pub')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('the snapshot is signed by another key') as string,
    })
    expect(await plan(join(home, 'snapshot.json'), 'keys.key')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('the public key is a private one') as string,
    })
    expect(await run(['plan', `-snapshot=${changed}`])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('-snapshot needs -snapshot-key') as string,
    })
    expect(await run(['snapshot', 'keygen', `-out=${join(home, 'keys')}`])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('EEXIST') as string,
    })
    const brief = ['snapshot', 'take', `-out=${changed}`, `-key=${join(home, 'keys.key')}`, '-lifetime=1ms']
    await run(brief, online())
    expect(await plan(changed)).toMatchObject({ code: 1, stderr: expect.stringContaining('the snapshot has run out') as string })
  })

  it('asks no server while planning', async () => {
    const before = target.requests.length
    const ended = await run(['plan', `-snapshot=${join(home, 'snapshot.json')}`, `-snapshot-key=${join(home, 'keys.pub')}`], {
      BAO_ADDR: 'http://127.0.0.1:1',
      BAO_TOKEN: 'root',
    })
    expect(ended.code).toBe(0)
    expect(target.requests.length).toBe(before)
  })
})
