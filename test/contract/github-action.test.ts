import { execFile, execFileSync } from 'node:child_process'
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { runLine } from '../cli/context.ts'
import { GitHubServer } from '../reconciler/github/github-server.ts'
import { folder } from '../reconciler/harness/run.ts'
import { startOurs, startPeer, type RunningServer } from './harness/server.ts'
import { targetAt, type TestTarget } from './reconciler-target.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const SHA = 'e'.repeat(40)

interface Ran {
  readonly code: number
  readonly log: string
  readonly outputs: Readonly<Record<string, string>>
}

/** What action.yml runs, on a runner of our own: GitHub's API stands beside it, the server is a real one. */
describe.each([
  ['a real OpenBao', startPeer],
  ['our own server', startOurs],
] as const)('the action, with %s', (_name, start) => {
  let server: RunningServer
  let target: TestTarget
  let github: GitHubServer
  let api: string
  let dir: string

  beforeAll(async () => {
    server = await start('dev')
    target = targetAt(server.address)
    await target.writer.delete('sys/mounts/secret')
    github = new GitHubServer()
    api = await github.open()
  })
  afterAll(async () => {
    await github.close()
    target.client.close()
    await server.stop()
  })
  beforeEach(async () => {
    dir = await folder()
  })

  const commit = (message: string): void => {
    const git = (...args: readonly string[]): unknown =>
      execFileSync('git', ['-c', 'user.name=ann', '-c', 'user.email=ann@example.com', ...args], { cwd: dir, stdio: 'pipe' })
    git('init', '--quiet')
    git('add', '--all')
    git('commit', '--quiet', '--message', message)
  }

  async function action(command: string, more: Readonly<Record<string, string>> = {}, event: object = {}): Promise<Ran> {
    const output = join(server.home, 'output')
    for (const name of ['output', 'summary', 'event']) writeFileSync(join(server.home, name), '')
    writeFileSync(join(server.home, 'event'), JSON.stringify({ pull_request: { number: 7, head: { sha: SHA } }, ...event }))
    const env = {
      PATH: process.env['PATH'] ?? '',
      HOME: server.home,
      VAULT_TOKEN: 'root',
      ACTION: root,
      COMMAND: command,
      LOCKSTEP_DIR: dir,
      TARGET: 'production',
      ADDRESS: server.address,
      AUTH_MOUNT: 'jwt',
      ROLE: '',
      AUDIENCE: 'lockstep',
      PLAN_HASH: '',
      SNAPSHOT: '',
      SNAPSHOT_KEY: '',
      SNAPSHOT_SIGNING_KEY: '',
      COMMENT: 'true',
      CHECK: 'true',
      ISSUE: 'true',
      GITHUB_TOKEN: GitHubServer.token,
      GITHUB_API_URL: api,
      GITHUB_REPOSITORY: 'acme/vault-policies',
      GITHUB_EVENT_PATH: join(server.home, 'event'),
      GITHUB_REF: 'refs/heads/main',
      GITHUB_SHA: SHA,
      GITHUB_OUTPUT: output,
      GITHUB_STEP_SUMMARY: join(server.home, 'summary'),
      ...more,
    }
    const ran = await promisify(execFile)(join(root, 'scripts/action.sh'), { cwd: dir, env }).then(
      it => ({ code: 0, log: it.stdout + it.stderr }),
      (cause: { code: number; stdout: string; stderr: string }) => ({ code: cause.code, log: cause.stdout + cause.stderr }),
    )
    const outputs = Object.fromEntries(
      readFileSync(output, 'utf8')
        .split('\n')
        .map(line => line.split('=', 2) as [string, string]),
    )
    return { ...ran, outputs }
  }

  it('goes from a pull request to an apply, from a drift to its end, and fails where a file is wrong', async () => {
    expect(await runLine(['init', '.'], { cwd: dir })).toMatchObject({ code: 0 })
    commit('first')
    expect(await action('lint')).toMatchObject({ code: 0 })

    const planned = await action('plan')
    expect(planned).toMatchObject({ code: 0, outputs: { changes: 'true', to_add: '5', failure_reason: '' } })
    expect(github.comments).toHaveLength(1)
    expect(github.checks[0]).toMatchObject({ head_sha: SHA, conclusion: 'success' })

    appendFileSync(join(dir, 'policies/app-read.hcl'), 'path "secret/metadata/app/*" {\n  capabilities = ["list"]\n}\n')
    commit('second')
    const again = await action('plan')
    expect(github.comments).toHaveLength(1)
    const { plan_hash: hash = '' } = again.outputs
    expect(hash).not.toBe(planned.outputs['plan_hash'])
    expect(github.comments[0]?.body).toContain(hash)

    expect(await action('apply', { PLAN_HASH: planned.outputs['plan_hash'] ?? '' })).toMatchObject({
      code: 3,
      outputs: { failure_reason: 'hash-changed' },
    })
    expect(await action('apply', { PLAN_HASH: hash })).toMatchObject({ code: 0 })
    expect(await action('drift')).toMatchObject({ code: 0, outputs: { drift: 'false' } })
    expect(github.issues).toEqual([])

    await target.writer.write('sys/policies/acl/app-read', { policy: 'path "*" {\n  capabilities = ["sudo", "read"]\n}\n' })
    expect(await action('drift')).toMatchObject({ code: 0, outputs: { drift: 'true' } })
    expect(github.issues).toMatchObject([{ state: 'open', title: 'Drift: production: 1 object differs' }])
    expect(await action('apply')).toMatchObject({ code: 0 })
    expect(await action('drift')).toMatchObject({ code: 0 })
    expect(github.issues).toMatchObject([{ state: 'closed', state_reason: 'completed' }])

    writeFileSync(join(dir, 'roles/approle.yaml'), 'type: approle\nroles:\n  app: { token_polices: [] }\n')
    expect(await action('plan')).toMatchObject({ code: 1, outputs: { failure_reason: 'LOAD0003' } })
    // The other one is on the issue, which was closed.
    expect(github.comments.map(it => it.issue)).toEqual([7, github.issues[0]?.number])
    expect(github.comments[0]?.body).toContain('LOAD0003')
    expect((await action('lint')).code).not.toBe(0)
  })

  it('plans a fork by a signed snapshot, without a token and without the server', async () => {
    expect(await runLine(['init', '.'], { cwd: dir })).toMatchObject({ code: 0 })
    commit('first')
    expect(await runLine(['snapshot', 'keygen', '-out=snapshot'], { cwd: dir })).toMatchObject({ code: 0 })
    const snapshot = join(server.home, 'snapshot.json')
    const signingKey = readFileSync(join(dir, 'snapshot.key'), 'utf8')
    const taken = await action('snapshot', { SNAPSHOT: snapshot, SNAPSHOT_SIGNING_KEY: signingKey })
    expect(taken).toMatchObject({ code: 0 })
    expect(taken.log).not.toContain('PRIVATE KEY')
    const nothing = { VAULT_TOKEN: '', ADDRESS: 'http://127.0.0.1:1', COMMENT: 'false', CHECK: 'false' }
    const planned = await action('plan', { ...nothing, SNAPSHOT: snapshot, SNAPSHOT_KEY: join(dir, 'snapshot.pub') })
    const { to_add: online } = (await action('plan', { COMMENT: 'false', CHECK: 'false' })).outputs
    expect(planned).toMatchObject({ code: 0, outputs: { failure_reason: '', to_add: online } })
    expect(readFileSync(join(server.home, 'summary'), 'utf8')).not.toBe('')
  })

  it('plans and applies what is asked for in comments, under a lock, and records it', async () => {
    expect(await runLine(['init', '.'], { cwd: dir })).toMatchObject({ code: 0 })
    commit('first')
    const { facts } = github.gaps
    facts.permissions.set('ann', 'write')
    facts.pulls.set(7, { state: 'open', sha: SHA, repository: 'acme/vault-policies' })
    facts.reviews.push({ pull: 7, login: 'bob', state: 'APPROVED', sha: SHA })
    github.comments.length = 0
    const asks = async (word: string): Promise<Ran> =>
      await action('request', {}, { action: 'created', comment: { id: 1, body: `/lockstep ${word}`, user: { login: 'ann' } } })
    expect((await asks('plan')).outputs).toMatchObject({ request: 'plan', pull_request: '7', sha: SHA })
    const here = { PULL_REQUEST: '7', SHA, LOCK: 'true' }
    const planned = await action('plan', here)
    expect(planned).toMatchObject({ code: 0 })
    expect(await action('plan', { ...here, PULL_REQUEST: '8' })).toMatchObject({ code: 3, outputs: { failure_reason: 'locked' } })
    expect((await asks('apply')).outputs).toMatchObject({ request: 'apply' })
    expect(await action('apply', { ...here, REVIEWED: 'true', DEPLOYMENT: 'true' })).toMatchObject({ code: 0 })
    const { plan_hash: hash } = planned.outputs
    expect(github.gaps.deployments).toMatchObject([{ payload: { plan_hash: hash }, states: ['in_progress', 'success'] }])
    expect(await action('drift', { SARIF: 'true' })).toMatchObject({ code: 0 })
    expect(github.gaps.sarifs).toHaveLength(1)
    expect(await action('unlock', here)).toMatchObject({ code: 0 })
    expect([...github.gaps.refs]).toEqual([])
  })

  it('asks for the right to log in', async () => {
    const { code, log } = await action('plan', { ROLE: 'lockstep-plan', VAULT_TOKEN: '' })
    expect([code, log]).toEqual([1, expect.stringContaining('id-token: write')])
  })
})
