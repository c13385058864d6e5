import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { commitAll, git } from '../reconciler/harness/git.ts'
import { folder, put } from '../reconciler/harness/run.ts'
import { endProcess, freePort, lockstep, startOurs, startPeer, type RunningServer } from './harness/server.ts'
import { targetAt, type TestTarget } from './reconciler-target.ts'

const WEBHOOK_SECRET = 'webhook-secret-that-nobody-prints'
const NOTICE_SECRET = 'notice-secret-that-nobody-prints'

/** Until it is so, however slow the machine is; the test's own time-out ends what never comes. */
async function until<T>(what: string, look: () => Promise<T | undefined> | T | undefined): Promise<T> {
  const deadline = performance.now() + 60_000
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    if (performance.now() > deadline) throw new Error(`it does not come: ${what}`)
    await delay(50)
  }
}

interface Status {
  readonly health: string
  readonly leads: boolean
  readonly leader?: string
  readonly current_commit: string | null
  readonly runs: readonly { readonly outcome: string; readonly commit: string; readonly message?: string }[]
}

describe.each([
  ['a real OpenBao', startPeer],
  ['our own server', startOurs],
] as const)('a watch of %s', (_name, start) => {
  let server: RunningServer
  let target: TestTarget
  let receiver: Server
  let received: { readonly headers: Readonly<Record<string, unknown>>; readonly body: string }[] = []
  let repository: string
  let home: string
  let env: Readonly<Record<string, string>>
  const running: ChildProcess[] = []
  let printed = ''
  let round = 0

  beforeAll(async () => {
    server = await start('dev')
    target = targetAt(server.address)
    receiver = createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        received.push({ headers: request.headers, body: Buffer.concat(chunks).toString() })
        response.end()
      })
    }).listen(0, '127.0.0.1')
    await once(receiver, 'listening')
  })
  afterAll(async () => {
    target.client.close()
    receiver.close()
    await server.stop()
  })

  beforeEach(async () => {
    round++
    received = []
    printed = ''
    repository = await folder({
      'lockstep.yaml': `ownership: { owner: watched-${round} }\n`,
      [`policies/watched-${round}/a.hcl`]: 'path "secret/data/a" {\n  capabilities = ["read"]\n}\n',
    })
    await git(repository, 'init', '-q', '-b', 'main')
    await commitAll(repository, 'the first one')
    home = await folder({})
    env = {
      PATH: process.env['PATH'] ?? '',
      HOME: home,
      NO_COLOR: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
      BAO_ADDR: server.address,
      BAO_TOKEN: 'root',
      HOOK: WEBHOOK_SECRET,
      SIGN: NOTICE_SECRET,
      NOTICES: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`,
    }
  })
  afterEach(async () => {
    for (const child of running.splice(0)) await endProcess(child, 'SIGTERM')
    expect(printed).not.toContain(WEBHOOK_SECRET)
    expect(printed).not.toContain(NOTICE_SECRET)
  })

  const policy = (name: string): Promise<string | undefined> =>
    target.writer.read(`sys/policies/acl/watched-${round}/${name}`).then(it => it?.data?.['policy'] as string | undefined)

  async function settings(name: string, more = ''): Promise<{ readonly file: string; readonly address: string }> {
    const port = await freePort()
    const file = `${name}.yaml`
    await put(home, {
      [file]: `repository: ${repository}\ncheckout: ${name}-clone\ninterval: 1h\ndrift_interval: 0\nlisten: 127.0.0.1:${port}\nwebhook_secret: { $env: HOOK }\nlock_term: 5s\n${more}`,
    })
    return { file: join(home, file), address: `http://127.0.0.1:${port}` }
  }

  function watch(file: string): ChildProcess {
    const child = spawn(lockstep, ['watch', `-config=${file}`], { cwd: home, env, stdio: ['ignore', 'pipe', 'pipe'] })
    child.stdout.on('data', chunk => (printed += String(chunk)))
    child.stderr.on('data', chunk => (printed += String(chunk)))
    running.push(child)
    return child
  }
  const status = (address: string): Promise<Status | undefined> =>
    fetch(`${address}/status`)
      .then(it => it.json() as Promise<Status>)
      .catch(() => undefined)
  const once1 = (file: string): Promise<{ readonly code: number; readonly text: string }> =>
    promisify(execFile)(lockstep, ['watch', `-config=${file}`, '-once'], { cwd: home, env }).then(
      ({ stdout, stderr }) => ({ code: 0, text: stdout + stderr }),
      (failure: { readonly code: number; readonly stdout: string; readonly stderr: string }) => ({
        code: failure.code,
        text: failure.stdout + failure.stderr,
      }),
    )

  it('applies what is there, looks when GitHub calls, and tells whom it should', async () => {
    const { file, address } = await settings(
      'one',
      'notify:\n  - { url: { $env: NOTICES }, secret: { $env: SIGN } }\n  - { url: { $env: NOTICES }, format: slack, on: [broken] }\n',
    )
    watch(file)
    await until('the first commit applied', async () => ((await status(address))?.runs[0]?.outcome === 'applied' ? true : undefined))
    expect(await policy('a')).toContain('secret/data/a')
    expect((await fetch(`${address}/health`)).status).toBe(200)
    expect(await (await fetch(`${address}/metrics`)).text()).toContain('lockstep_watch_runs_total{outcome="applied"} 1\n')

    await put(repository, { [`policies/watched-${round}/a.hcl`]: 'path "secret/data/b" {\n  capabilities = ["read"]\n}\n' })
    const second = await commitAll(repository, 'the second one')
    const body = JSON.stringify({ ref: 'refs/heads/main', after: second })
    const call = (signature: string): Promise<number> =>
      fetch(`${address}/webhook`, { method: 'POST', body, headers: { 'X-GitHub-Event': 'push', 'X-Hub-Signature-256': signature } }).then(
        it => it.status,
      )
    expect(await call('sha256=00')).toBe(401)
    expect(await call(`sha256=${createHmac('sha256', WEBHOOK_SECRET).update(body).digest('hex')}`)).toBe(202)
    await until('the second commit applied', async () => ((await status(address))?.runs[0]?.commit === second ? true : undefined))
    expect(await policy('a')).toContain('secret/data/b')

    await put(repository, { [`policies/watched-${round}/a.hcl`]: 'path "secret/data/b" {\n' })
    await commitAll(repository, 'a broken one')
    await call(`sha256=${createHmac('sha256', WEBHOOK_SECRET).update(body).digest('hex')}`)
    await until('three notices and one for Slack', () => (received.length >= 4 ? true : undefined))
    expect(await policy('a')).toContain('secret/data/b')
    const events = received.filter(it => it.headers['x-lockstep-signature-256'] !== undefined)
    for (const it of events)
      expect(it.headers['x-lockstep-signature-256']).toBe(`sha256=${createHmac('sha256', NOTICE_SECRET).update(it.body).digest('hex')}`)
    expect(events.map(it => (JSON.parse(it.body) as { readonly event: string }).event)).toEqual(['applied', 'applied', 'broken'])
    const [slack] = received.filter(it => it.headers['x-lockstep-signature-256'] === undefined)
    expect(JSON.parse(slack?.body ?? '')).toEqual({ text: expect.stringContaining('the files are not right') as string })
    for (const [path, method, expected] of [
      ['/webhook', 'GET', 405],
      ['/status', 'POST', 405],
      ['/nothing', 'GET', 404],
    ] as const)
      expect((await fetch(`${address}${path}`, { method })).status).toBe(expected)
  }, 120_000)

  it('is one of two: the other stands by, and takes over when it is killed', async () => {
    const [one, two] = [await settings('one'), await settings('two')]
    const first = watch(one.file)
    await until('the first leads', async () => ((await status(one.address))?.runs.length === 1 ? true : undefined))
    watch(two.file)
    await until('the second stands by', async () => ((await status(two.address))?.leader !== undefined ? true : undefined))
    expect(await status(two.address)).toMatchObject({ health: 'standby', leads: false, runs: [] })
    first.kill('SIGKILL')
    await until('the second works', async () => ((await status(two.address))?.runs[0]?.outcome === 'clean' ? true : undefined))
    expect((await status(two.address))?.leads).toBe(true)
  }, 120_000)

  it('looks once with -once, ends with what it came to, and leaves the lock to the next', async () => {
    const { file } = await settings('one')
    expect((await once1(file)).code).toBe(0)
    expect(await policy('a')).toContain('secret/data/a')
    expect(await once1(file)).toMatchObject({ code: 0, text: expect.stringContaining('in order') as string })
    const planning = await settings('planning', 'mode: plan\n')
    await target.writer.write(`sys/policies/acl/watched-${round}/a`, { policy: '# by hand' })
    expect(await once1(planning.file)).toMatchObject({ code: 2, text: expect.stringContaining('has drifted') as string })
    const verifying = await settings('verifying', 'verify: { allowed_signers: nobody }\n')
    await put(home, { nobody: '' })
    expect(await once1(verifying.file)).toMatchObject({ code: 1, text: expect.stringContaining('the commit is not signed') as string })
    expect(await policy('a')).toBe('# by hand')
    await git(repository, 'branch', '-q', '-m', 'main', 'trunk')
    expect(await once1(file)).toMatchObject({ code: 1, text: expect.stringContaining('the branch main cannot be fetched') as string })
  }, 120_000)
})

describe('a server that reconciles', () => {
  it('keeps itself in lockstep from within its own process', async () => {
    const repository = await folder({ 'lockstep.yaml': 'ownership: { owner: within }\n', 'policies/within.hcl': '# the first one\n' })
    await git(repository, 'init', '-q', '-b', 'main')
    await commitAll(repository, 'the first one')
    const home = await folder({})
    const port = await freePort()
    const address = `http://127.0.0.1:${port}`
    const args = [
      'server',
      '-dev',
      '-dev-root-token-id=root',
      '-dev-no-store-token',
      `-dev-listen-address=127.0.0.1:${port}`,
      `-reconcile=${repository}`,
    ]
    const env = { PATH: process.env['PATH'], HOME: home, GIT_CONFIG_GLOBAL: '/dev/null' }
    const child = spawn(lockstep, args, { cwd: home, env, stdio: ['ignore', 'ignore', 'pipe'] })
    let log = ''
    child.stderr.on('data', chunk => (log += String(chunk)))
    const target = targetAt(address)
    const text = (): Promise<unknown> =>
      target.writer.read('sys/policies/acl/within').then(
        it => it?.data?.['policy'],
        () => undefined,
      )
    try {
      await until('the first commit applied', async () => ((await text()) === '# the first one\n' ? true : undefined))
      await put(repository, { 'policies/within.hcl': '# the second one\n' })
      await commitAll(repository, 'the second one')
      await until('the second commit applied', async () => ((await text()) === '# the second one\n' ? true : undefined))
    } finally {
      target.client.close()
      await endProcess(child, 'SIGTERM')
    }
    expect(child.exitCode).toBe(0)
    expect(log).not.toContain('[ERROR]')
    expect(log).not.toContain('[WARN]')
  }, 120_000)

  it('does not start with a repository that is none', async () => {
    const home = await folder({})
    const args = ['server', '-dev', '-dev-no-store-token', `-dev-listen-address=127.0.0.1:${await freePort()}`, '-reconcile=nowhere']
    const ended = await promisify(execFile)(lockstep, args, { cwd: home, env: { PATH: process.env['PATH'], HOME: home } }).catch(
      (failure: { readonly code: number; readonly stderr: string }) => failure,
    )
    expect(ended).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('nowhere is neither a folder nor the address of a repository') as string,
    })
  }, 60_000)
})
