import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/kernel/index.ts'
import { folder } from '../reconciler/harness/run.ts'
import { startIssuer, type Issuer } from '../stand-in/issuer/issuer.ts'
import { startOurs, startPeer, type RunningServer } from './harness/server.ts'
import { targetAt, type TestTarget } from './reconciler-target.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const REQUEST_TOKEN = 'planted-request-token'

/** As GitHub issues it for a job of the workflow apply.yml on main, behind the environment production. */
const claims = {
  sub: 'repo:acme/vault-policies:environment:production',
  repository: 'acme/vault-policies',
  repository_owner: 'acme',
  ref: 'refs/heads/main',
  environment: 'production',
  job_workflow_ref: 'acme/vault-policies/.github/workflows/apply.yml@refs/heads/main',
  event_name: 'push',
}
type Claims = Readonly<Record<string, string>>

/** The way of a token from GitHub's issuer through the action to the server, with nothing but its claims to decide by. */
describe.each([
  ['a real OpenBao', startPeer],
  ['our own server', startOurs],
] as const)('a login by a token of GitHub Actions, with %s', (_name, start) => {
  let server: RunningServer
  let target: TestTarget
  let issuer: Issuer
  let runner: Server
  let issued: Claims

  beforeAll(async () => {
    server = await start('dev')
    target = targetAt(server.address)
    issuer = await startIssuer()
    // What ACTIONS_ID_TOKEN_REQUEST_URL answers within a job.
    runner = createServer((request, response) => {
      const audience = new URL(request.url ?? '/', 'http://runner').searchParams.get('audience') ?? ''
      if (request.headers.authorization?.toLowerCase() !== `bearer ${REQUEST_TOKEN}`) return void response.writeHead(401).end()
      const now = Math.floor(systemClock.now().getTime() / 1000)
      void issuer
        .sign({ ...issued, iss: issuer.address, aud: audience, iat: now, nbf: now - 5, exp: now + 300 })
        .then(value => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ count: value.length, value })))
    })
    await new Promise<void>(done => runner.listen(0, '127.0.0.1', done))
    await target.writer.write('sys/auth/jwt', { type: 'jwt' })
    await target.writer.write('auth/jwt/config', { oidc_discovery_url: issuer.address, bound_issuer: issuer.address })
    const { repository, ref, environment, job_workflow_ref: workflow } = claims
    await target.writer.write('auth/jwt/role/lockstep-apply', {
      role_type: 'jwt',
      user_claim: 'repository',
      bound_audiences: ['lockstep'],
      bound_claims: { repository, ref, environment, job_workflow_ref: workflow },
      token_policies: ['root-like'],
      token_ttl: '5m',
    })
    await target.writer.write('sys/policies/acl/root-like', { policy: 'path "*" {\n  capabilities = ["read", "list", "sudo"]\n}\n' })
  })
  afterAll(async () => {
    await new Promise(done => runner.close(done))
    await issuer.close()
    target.client.close()
    await server.stop()
  })

  async function planned(as: Claims, audience = 'lockstep'): Promise<{ readonly code: number; readonly log: string }> {
    issued = as
    const dir = await folder({ 'policies/a.hcl': 'path "secret/data/a" {\n  capabilities = ["read"]\n}\n' })
    for (const name of ['output', 'summary']) writeFileSync(join(server.home, name), '')
    const env = {
      PATH: process.env['PATH'] ?? '',
      HOME: server.home,
      ACTION: root,
      COMMAND: 'plan',
      LOCKSTEP_DIR: dir,
      TARGET: '',
      ADDRESS: server.address,
      AUTH_MOUNT: 'jwt',
      ROLE: 'lockstep-apply',
      AUDIENCE: audience,
      PLAN_HASH: '',
      COMMENT: 'false',
      CHECK: 'false',
      ISSUE: 'false',
      SNAPSHOT: '',
      SNAPSHOT_KEY: '',
      SNAPSHOT_SIGNING_KEY: '',
      GITHUB_OUTPUT: join(server.home, 'output'),
      GITHUB_STEP_SUMMARY: join(server.home, 'summary'),
      ACTIONS_ID_TOKEN_REQUEST_URL: `http://127.0.0.1:${(runner.address() as AddressInfo).port}/token?api-version=2.0`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: REQUEST_TOKEN,
    }
    return await promisify(execFile)(join(root, 'scripts/action.sh'), { cwd: dir, env }).then(
      it => ({ code: 0, log: it.stdout + it.stderr }),
      (cause: { code: number; stdout: string; stderr: string }) => ({ code: cause.code, log: cause.stdout + cause.stderr }),
    )
  }

  it('lets in the job that the role is bound to', async () => {
    const { code, log } = await planned(claims)
    expect([code, log]).toEqual([0, expect.stringContaining('::add-mask::')])
    expect(log).not.toContain(REQUEST_TOKEN)
    expect(log).not.toContain('eyJ')
  })

  it.each<readonly [string, Claims]>([
    ['a fork', { ...claims, repository: 'mallory/vault-policies', job_workflow_ref: claims.job_workflow_ref.replace('acme', 'mallory') }],
    ['another branch', { ...claims, ref: 'refs/heads/feature' }],
    ['a pull request', { ...claims, ref: 'refs/pull/7/merge', event_name: 'pull_request' }],
    ['another environment', { ...claims, environment: 'staging' }],
    ['a workflow of a branch', { ...claims, job_workflow_ref: claims.job_workflow_ref.replace('main', 'feature') }],
    ['another workflow', { ...claims, job_workflow_ref: claims.job_workflow_ref.replace('apply', 'evil') }],
  ])('refuses %s', async (_, as) => {
    const { code, log } = await planned(as)
    expect([code === 0, log]).toEqual([false, expect.stringContaining('does not match any associated bound claim values')])
  })

  it('refuses a job without an environment, and a token for somebody else', async () => {
    const { environment: __, ...without } = claims
    expect((await planned(without)).code).not.toBe(0)
    expect((await planned(claims, 'other')).code).not.toBe(0)
  })
})
