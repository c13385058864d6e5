import { generateKeyPairSync } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { encodePlan } from '../../../src/reconciler/index.ts'
import { GitHubServer } from '../../reconciler/github/github-server.ts'
import { FakeTarget } from '../../reconciler/harness/fake-target.ts'
import { folder, planOf } from '../../reconciler/harness/run.ts'
import { sample } from '../../reconciler/harness/sample.ts'
import { runLine, type Ran } from '../context.ts'

const [SHA, OTHER] = ['c'.repeat(40), 'd'.repeat(40)]
const REPOSITORY = 'acme/vault-policies'

let server: GitHubServer
let dir: string
let env: Record<string, string>

beforeEach(async () => {
  server = new GitHubServer()
  const base = await server.open()
  dir = await folder()
  env = {
    GITHUB_TOKEN: GitHubServer.token,
    GITHUB_REPOSITORY: REPOSITORY,
    GITHUB_API_URL: base,
    GITHUB_EVENT_PATH: join(dir, 'event.json'),
    GITHUB_SHA: SHA,
    GITHUB_REF: 'refs/heads/main',
    GITHUB_ACTOR: 'ann',
    GITHUB_OUTPUT: join(dir, 'output'),
    LOCKSTEP_ENVIRONMENT: 'production',
  }
  await said('/lockstep plan')
  server.gaps.facts.permissions.set('ann', 'write')
  server.gaps.facts.pulls.set(7, { state: 'open', sha: SHA, repository: REPOSITORY })
  server.gaps.facts.pulls.set(8, { state: 'open', sha: OTHER, repository: REPOSITORY })
})
afterEach(() => server.close())

async function said(body: string, more: Readonly<Record<string, unknown>> = {}): Promise<void> {
  const comment = { id: 31, body, user: { login: 'ann' }, author_association: 'MEMBER' }
  await writeFile(join(dir, 'event.json'), JSON.stringify({ action: 'created', comment, issue: { number: 7, pull_request: {} }, ...more }))
}

const run = async (...argv: readonly string[]): Promise<Ran> => await runLine(['github', ...argv], { env, cwd: dir })

async function asked(): Promise<Record<string, string>> {
  await writeFile(join(dir, 'output'), '')
  const { code, stderr } = await run('request')
  expect([code, stderr.includes('rror')]).toEqual([0, false])
  const text = await readFile(join(dir, 'output'), 'utf8')
  return Object.fromEntries(
    text
      .trim()
      .split('\n')
      .map(it => it.split('=', 2) as [string, string]),
  )
}

const nothing = { request: '', pull_request: '', sha: '' }

describe('lockstep github request', () => {
  it.each(['plan', 'unlock'])('takes /lockstep %s of somebody who may write', async word => {
    await said(`/lockstep ${word}\r\n\r\nplease`)
    expect(await asked()).toEqual({ request: word, pull_request: '7', sha: SHA })
    expect(server.gaps.reactions).toEqual([{ comment: 31, content: 'eyes' }])
  })

  it.each(['read', 'triage', 'none'])('takes nothing of somebody who has the right to %s, and says nothing to others', async permission => {
    server.gaps.facts.permissions.set('ann', permission)
    expect(await asked()).toEqual(nothing)
    expect([server.gaps.reactions, server.comments]).toEqual([[{ comment: 31, content: '-1' }], []])
  })

  it.each([
    '> /lockstep apply',
    'I would /lockstep apply',
    '/lockstep destroy',
    '/lockstep apply now',
    '/LOCKSTEP apply',
    '\n/lockstep apply',
    '/lockstep apply\u202e',
    '/lockstep $(id)',
  ])('takes nothing from %j', async body => {
    await said(body)
    expect(await asked()).toEqual(nothing)
    expect(server.asked).toEqual([])
  })

  it('takes nothing from a comment that was edited', async () => {
    await said('/lockstep apply', { action: 'edited' })
    expect(await asked()).toEqual(nothing)
  })

  it('applies only what somebody approved, and that very commit', async () => {
    await said('/lockstep apply')
    expect(await asked()).toEqual(nothing)
    expect(server.comments.at(-1)?.body).toContain('nobody has approved the commit cccccccccc')
    const { reviews } = server.gaps.facts
    reviews.push({ pull: 7, login: 'bob', state: 'APPROVED', sha: OTHER })
    expect(await asked()).toEqual(nothing)
    reviews.push({ pull: 7, login: 'bob', state: 'APPROVED', sha: SHA })
    expect(await asked()).toMatchObject({ request: 'apply', sha: SHA })
    reviews.push({ pull: 7, login: 'eve', state: 'CHANGES_REQUESTED', sha: SHA })
    expect(await asked()).toEqual(nothing)
  })

  it.each([
    ['closed', { state: 'closed', sha: SHA, repository: REPOSITORY }, 'closed'],
    ['of a fork', { state: 'open', sha: SHA, repository: 'mallory/vault-policies' }, 'fork'],
  ])('takes nothing where the pull request is %s', async (_, pull, word) => {
    server.gaps.facts.pulls.set(7, pull)
    expect(await asked()).toEqual(nothing)
    expect(server.comments.at(-1)?.body).toContain(word)
  })
})

describe('the lock', () => {
  it('is had by one pull request from its plan to its merge', async () => {
    expect(await run('lock', '-pull-request=7')).toMatchObject({ code: 0, stdout: 'production is locked by #7.\n' })
    expect(await run('lock', '-pull-request=7')).toMatchObject({ code: 0 })
    const other = await run('lock', '-pull-request=8')
    expect([other.code, other.stderr]).toEqual([3, expect.stringContaining('locked by #7 (ann, ')])
    expect(await readFile(join(dir, 'output'), 'utf8')).toBe('failure_reason=locked\n')
    expect(await run('lock', '-pull-request=8', '-environment=staging')).toMatchObject({ code: 0 })
    expect(await run('unlock', '-pull-request=8')).toMatchObject({ code: 0, stdout: 'There was nothing to unlock.\n' })
    expect(await run('unlock', '-pull-request=7')).toMatchObject({ code: 0, stdout: 'production is unlocked.\n' })
    expect(await run('lock', '-pull-request=8')).toMatchObject({ code: 0 })
    expect(await run('unlock', '-force')).toMatchObject({ code: 0, stdout: 'production is unlocked.\n' })
  })

  it('is had by one of two who ask at once', async () => {
    const ran = await Promise.all([run('lock', '-pull-request=7'), run('lock', '-pull-request=8')])
    expect(ran.map(it => it.code).toSorted((a, b) => a - b)).toEqual([0, 3])
  })

  it('stops the apply of what another pull request has merged', async () => {
    await run('lock', '-pull-request=7')
    server.gaps.facts.pulls.set(8, { state: 'closed', sha: OTHER, repository: REPOSITORY, merged: SHA })
    await writeFile(join(dir, 'event.json'), '{}')
    expect(await run('lock', '-check')).toMatchObject({ code: 3 })
    server.gaps.facts.pulls.delete(8)
    server.gaps.facts.pulls.set(7, { state: 'closed', sha: SHA, repository: REPOSITORY, merged: SHA })
    expect(await run('lock', '-check')).toMatchObject({ code: 0 })
  })

  it('takes any name of a target', async () => {
    for (const name of ['eu/west 1', '..', 'a.lock', '~^:?*[\\', 'ü', '-']) {
      expect(await run('lock', '-pull-request=7', `-environment=${name}`)).toMatchObject({ code: 0 })
      expect(await run('lock', '-pull-request=8', `-environment=${name}`)).toMatchObject({ code: 3 })
    }
  })
})

describe('the plan that was reviewed', () => {
  it('is the one in the comment of the pull request that brought a commit', async () => {
    const plan = await planOf(await folder(sample), new FakeTarget())
    await writeFile(join(dir, 'plan.json'), encodePlan(plan))
    await run('comment', '-plan=plan.json', '-pull-request=7', '-url=https://ci.example/1')
    server.comment(7, server.comments[0]?.body.replace(plan.digest, 'x'.repeat(plan.digest.length)) ?? '', { login: 'mallory' })
    expect(await run('reviewed')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('no pull request has brought this commit') as string,
    })
    server.gaps.facts.pulls.set(7, { state: 'closed', sha: OTHER, repository: REPOSITORY, merged: SHA })
    expect(await run('reviewed')).toMatchObject({ code: 0, stdout: `${plan.digest}\n` })
    expect(await run('reviewed', '-environment=staging')).toMatchObject({ code: 1, stderr: expect.stringContaining('#7') as string })
  })

  it('has one record of its apply', async () => {
    const plan = await planOf(await folder(sample), new FakeTarget())
    await writeFile(join(dir, 'plan.json'), encodePlan(plan))
    expect((await run('deployment', '-plan=plan.json', '-state=in_progress')).stderr).toBe('')
    expect((await run('deployment', '-plan=plan.json', '-state=success')).stderr).toBe('')
    expect(server.gaps.deployments).toMatchObject([
      { sha: SHA, environment: 'lockstep/production', payload: { plan_hash: plan.digest }, states: ['in_progress', 'success'] },
    ])
    expect(await run('deployment', '-plan=plan.json', '-state=done')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('in_progress') as string,
    })
  })
})

describe('code scanning', () => {
  it('is given a report', async () => {
    await writeFile(join(dir, 'a.sarif'), '{"version":"2.1.0","runs":[]}')
    await writeFile(join(dir, 'event.json'), '{}')
    expect(await run('code-scanning', '-sarif=a.sarif')).toMatchObject({ code: 0, stderr: '' })
    expect(server.gaps.sarifs).toEqual([{ ref: 'refs/heads/main', text: '{"version":"2.1.0","runs":[]}' }])
    await writeFile(join(dir, 'b.sarif'), '{}')
    expect(await run('code-scanning', '-sarif=b.sarif')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('no SARIF 2.1.0') as string,
    })
  })
})

describe('an app', () => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  })

  it('turns its key into a token for this repository, and writes under its own name', async () => {
    server.app.publicKey = publicKey
    await writeFile(join(dir, 'plan.json'), '')
    const { GITHUB_TOKEN: _, ...others } = env
    env = { ...others, GITHUB_APP_ID: server.app.id, GITHUB_APP_PRIVATE_KEY: privateKey.replaceAll('\n', '\\n') }
    const own = server.comment(7, '<!-- lockstep:plan target="production" part="1" -->\nold', { login: 'lockstep-bot[bot]' })
    expect(await run('comment', '-plan=plan.json', '-pull-request=7')).toMatchObject({ code: 0, stderr: '' })
    expect(own.body).toContain('Plan: failed')
  })

  it.each([
    ['a key that is none', { GITHUB_APP_PRIVATE_KEY: 'planted' }, 'expected an RSA key as PEM'],
    ['a key that is missing', {}, 'set GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY'],
    ['a key of another app', { GITHUB_APP_PRIVATE_KEY: privateKey }, '401'],
  ])('refuses %s', async (_, more, message) => {
    env = { ...env, GITHUB_APP_ID: server.app.id, ...more }
    const { code, stderr } = await run('unlock', '-force')
    expect([code, stderr]).toEqual([1, expect.stringContaining(message)])
    expect(stderr).not.toContain('planted')
  })
})
