import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  connectGitHub,
  GitHubFailure,
  keepDriftIssue,
  markerOf,
  writeCheckRun,
  writeCommitStatus,
  writeStickyComment,
  type Annotation,
  type GitHub,
  type GitHubOptions,
} from '../../../src/reconciler/github/index.ts'
import { GitHubServer, type Interruption } from './github-server.ts'

let server: GitHubServer
let github: GitHub
let baseUrl: string
const slept: number[] = []
const NOW = new Date('2027-01-01T00:00:00Z')

const connected = (more: Partial<GitHubOptions> = {}): GitHub =>
  connectGitHub({
    repository: 'acme/vault-policies',
    token: GitHubServer.token,
    baseUrl,
    now: () => NOW,
    sleep: ms => {
      slept.push(ms)
      return Promise.resolve()
    },
    ...more,
  })

beforeEach(async () => {
  server = new GitHubServer()
  baseUrl = await server.open()
  slept.length = 0
  github = connected()
})
afterEach(() => server.close())

const bodiesOf = (issue: number): readonly string[] => server.comments.filter(it => it.issue === issue).map(it => it.body)
const written = (target: string, text: string, part = 1): string => `${markerOf('plan', target, part)}\n${text}`
const write = async (...bodies: readonly string[]): Promise<void> =>
  await writeStickyComment(github, { pullRequest: 7, target: 'production', bodies })
const changes = (): readonly string[] => server.asked.filter(it => it.method !== 'GET').map(it => `${it.method} ${it.path}`)

describe('the sticky comment', () => {
  it('is created, edited in place, and left alone where nothing changed', async () => {
    await write('one')
    await write('two')
    await write('two')
    expect(bodiesOf(7)).toEqual([written('production', 'two')])
    expect(changes()).toEqual(['POST /issues/7/comments', 'PATCH /issues/comments/1'])
  })

  it('is found behind many others', async () => {
    for (let i = 0; i < 250; i++) server.comment(7, `remark ${i}`, { login: 'ann' })
    const own = server.comment(7, written('production', 'old'))
    await write('new')
    expect(own.body).toBe(written('production', 'new'))
    expect(server.comments).toHaveLength(251)
  })

  it('is one for each target', async () => {
    await write('one')
    await writeStickyComment(github, { pullRequest: 7, target: 'staging --> x', bodies: ['other'] })
    expect(bodiesOf(7)).toEqual([written('production', 'one'), written('staging --> x', 'other')])
    expect(markerOf('plan', 'staging --> x').slice(4, -3)).not.toContain('--')
  })

  it('is made anew when somebody deleted it, even meanwhile', async () => {
    await write('one')
    server.comments.length = 0
    await write('two')
    expect(bodiesOf(7)).toEqual([written('production', 'two')])
    server.interrupt = ({ method }) => (method === 'PATCH' ? { status: 404 } : undefined)
    await write('three')
    expect(bodiesOf(7).at(-1)).toBe(written('production', 'three'))
  })

  it('is never one that somebody else wrote, whatever it carries', async () => {
    const forged = server.comment(7, written('production', 'all is well'), { login: 'mallory' })
    server.comment(7, `> ${written('production', 'quoted')}`)
    await write('the plan')
    expect(forged.body).toContain('all is well')
    expect(bodiesOf(7)).toHaveLength(3)
  })

  it('is written by whoever the token belongs to', async () => {
    server.login = 'policy-robot'
    const own = server.comment(7, written('production', 'old'), { login: 'policy-robot' })
    await write('new')
    expect(own.body).toBe(written('production', 'new'))
    const named = server.comment(8, written('production', 'old'), { login: 'acme-app[bot]' })
    await writeStickyComment(connected({ author: 'acme-app[bot]' }), { pullRequest: 8, target: 'production', bodies: ['new'] })
    expect(named.body).toBe(written('production', 'new'))
  })

  it('has further parts as they are needed, and loses them again', async () => {
    await write('a', 'b', 'c')
    expect(bodiesOf(7)).toEqual([written('production', 'a'), written('production', 'b', 2), written('production', 'c', 3)])
    await write('d')
    expect(bodiesOf(7)).toEqual([written('production', 'd')])
  })

  it('is one where two runs made two', async () => {
    server.comment(7, written('production', 'x'))
    server.comment(7, written('production', 'y'))
    await write('z')
    expect(bodiesOf(7)).toEqual([written('production', 'z')])
  })
})

describe('a check', () => {
  const annotation = (line: number): Annotation => ({
    path: 'policies/a.hcl',
    startLine: line,
    endLine: line,
    startColumn: 1,
    endColumn: 4,
    level: 'warning',
    title: 'RULE0001',
    message: 'm',
  })

  it('gets its annotations in batches of 50', async () => {
    const annotations = Array.from({ length: 120 }, (_, i) => annotation(i + 1))
    await writeCheckRun(github, {
      name: 'lockstep plan (production)',
      sha: 'a'.repeat(40),
      conclusion: 'failure',
      title: 't',
      summary: 's',
      externalId: 'hash',
      annotations,
    })
    const outputs = server.checks.map(it => it['output'] as { readonly annotations: readonly { readonly start_line: number }[] })
    expect(outputs.map(it => it.annotations.length)).toEqual([50, 50, 20])
    expect(outputs.flatMap(it => it.annotations.map(one => one.start_line))).toEqual(annotations.map(it => it.startLine))
    expect(changes()).toEqual(['POST /check-runs', 'PATCH /check-runs/1', 'PATCH /check-runs/1'])
    expect(server.checks[0]).toMatchObject({ status: 'completed', conclusion: 'failure', head_sha: 'a'.repeat(40), external_id: 'hash' })
  })

  it('gives columns only where a range has one line', async () => {
    const annotations = [{ ...annotation(3), endLine: 5 }]
    await writeCheckRun(github, { name: 'n', sha: 'a', conclusion: 'success', title: 't', summary: 's', externalId: 'h', annotations })
    expect(server.checks[0]).toMatchObject({
      output: {
        annotations: [{ path: 'policies/a.hcl', start_line: 3, end_line: 5, annotation_level: 'warning', title: 'RULE0001', message: 'm' }],
      },
    })
    expect(JSON.stringify(server.checks)).not.toContain('column')
  })
})

describe('a commit status', () => {
  it('is cut to the length that GitHub takes', async () => {
    await writeCommitStatus(github, { sha: 'b'.repeat(40), state: 'success', context: 'lockstep/plan', description: 'd'.repeat(200) })
    expect(server.gaps.statuses).toEqual([{ state: 'success', context: 'lockstep/plan', description: `${'d'.repeat(139)}…` }])
  })
})

describe('the issue of a drift', () => {
  const labels = ['lockstep-drift', 'security'] as const
  const keep = async (body?: string): Promise<object> =>
    await keepDriftIssue(github, {
      target: 'production',
      labels,
      resolved: 'gone',
      ...(body === undefined ? {} : { drift: { title: 'Drift', body } }),
    })

  it('is opened, updated in place, closed when the drift is gone, and opened anew', async () => {
    expect(await keep()).toEqual({ is: 'nothing' })
    expect(await keep('one')).toEqual({ is: 'opened', number: 1 })
    expect(server.labels).toEqual(['lockstep-drift', 'security'])
    expect(await keep('one')).toEqual({ is: 'unchanged', number: 1 })
    expect(await keep('two')).toEqual({ is: 'updated', number: 1 })
    expect(server.issues[0]).toMatchObject({ body: `${markerOf('drift', 'production')}\ntwo`, labels })
    expect(await keep()).toEqual({ is: 'closed', number: 1 })
    expect(server.issues[0]).toMatchObject({ state: 'closed', state_reason: 'completed' })
    expect(bodiesOf(1)).toEqual(['gone'])
    expect(await keep('three')).toMatchObject({ is: 'opened' })
    expect(server.issues.filter(it => it.state === 'open')).toHaveLength(1)
  })

  it('stands alone: doubles are closed, and what is none of ours is left', async () => {
    const body = `${markerOf('drift', 'production')}\nold`
    server.issue('pull request', body, labels, { pull_request: {} })
    server.issue('forged', body, labels, { user: { login: 'mallory' } })
    server.issue('another target', `${markerOf('drift', 'staging')}\nold`, labels)
    for (let i = 0; i < 120; i++) server.issue(`by hand ${i}`, 'text', labels)
    const first = server.issue('Drift', body, labels)
    const second = server.issue('Drift', body, labels)
    expect(await keep('new')).toEqual({ is: 'updated', number: first.number })
    expect(second).toMatchObject({ state: 'closed', state_reason: 'not_planned' })
    expect(server.issues.filter(it => it.state === 'closed')).toEqual([second])
  })
})

describe('a request that fails', () => {
  const once = (interruption: Interruption): void => {
    let isFirst = true
    server.interrupt = ({ method }) => {
      if (method === 'GET' || !isFirst) return undefined
      isFirst = false
      return interruption
    }
  }

  it.each<readonly [string, Interruption, readonly number[]]>([
    ['what Retry-After asks for', { status: 403, headers: { 'retry-after': '7' } }, [7000]],
    ['what Retry-After asks for, with 429', { status: 429, headers: { 'retry-after': '3' } }, [3000]],
    [
      'the end of the window of a primary limit',
      { status: 403, headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(NOW.getTime() / 1000 + 30) } },
      [31_000],
    ],
    [
      'a minute after a secondary limit that says nothing',
      {
        status: 403,
        body: { documentation_url: 'https://docs.github.com/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits' },
      },
      [60_000],
    ],
  ])('waits for %s', async (_, interruption, waits) => {
    once(interruption)
    await write('text')
    expect(slept).toEqual(waits)
    expect(bodiesOf(7)).toHaveLength(1)
  })

  it('is not sent twice where it may have been carried out', async () => {
    once({ status: 502, isDone: true })
    await expect(write('text')).rejects.toThrow('GitHub: POST ')
    expect(bodiesOf(7)).toHaveLength(1)
    expect(slept).toEqual([])
  })

  it('is sent again where that cannot do anything twice', async () => {
    await write('text')
    once({ status: 502 })
    await write('other')
    expect(slept).toEqual([1000])
    expect(bodiesOf(7)).toEqual([written('production', 'other')])
  })

  it('ends the run in the end, in words without the token', async () => {
    server.interrupt = ({ method }) =>
      method === 'POST' ? { status: 429, headers: { 'retry-after': '1' }, body: { message: 'slow\ndown' } } : undefined
    const failure = await write('text').then(
      () => undefined,
      (cause: unknown) => cause,
    )
    expect(failure).toBeInstanceOf(GitHubFailure)
    expect((failure as Error).message).toMatch(/^GitHub: POST .*\/comments: 429 slow down$/)
    expect(JSON.stringify(failure, Object.getOwnPropertyNames(failure))).not.toContain(GitHubServer.token)
    expect(slept).toHaveLength(5)
  })

  it('is not waited for longer than a job may sleep', async () => {
    once({ status: 403, headers: { 'retry-after': '3600' } })
    await expect(write('text')).rejects.toThrow('403')
    expect(slept).toEqual([])
  })
})

describe('options', () => {
  it.each(['acme', 'acme/a/b', '../x', 'acme/', 'a b/c'])('refuse the repository %s', repository => {
    expect(() => connected({ repository })).toThrow('expected OWNER/NAME')
  })

  it.each(['http://github.example.com/api/v3', 'ftp://x', 'not a url', 'https://user@host/'])('refuse the address %s', address => {
    expect(() => connected({ baseUrl: address })).toThrow('GITHUB_API_URL')
  })
})
