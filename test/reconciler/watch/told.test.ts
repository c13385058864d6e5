import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import {
  healthOf,
  hear,
  Journal,
  metricsText,
  News,
  noticeJson,
  slackJson,
  statusJson,
  type RunRecord,
  type Watched,
  type WatchState,
} from '../../../src/reconciler/watch/index.ts'

const start = new Date('2026-11-28T12:00:00Z')
const facts = { repository: 'https://git.example.org/x', target: 'https://vault.example.org', owner: 'team' }
const counts = { create: 1, update: 2, move: 0, replace: 0, adopt: 0, delete: 3, forget: 0 }
const record = (outcome: RunRecord['outcome'], more: Partial<RunRecord> = {}): RunRecord => ({
  kind: 'apply',
  cause: 'commit',
  outcome,
  commit: { id: 'a'.repeat(40), subject: 'give <@U1> & "friends" access' },
  begunAt: start,
  took: 1500,
  ...more,
})

describe('what is told', () => {
  it('is what is new: a state when it begins and when it ends, and each apply', () => {
    const news = new News()
    const told = [
      record('clean'),
      record('drift', { digest: 'd1' }),
      record('drift', { digest: 'd1' }),
      record('drift', { digest: 'd2' }),
      record('clean'),
      record('clean'),
      record('applied'),
      record('applied'),
      record('clean'),
      record('failed', { message: 'no answer' }),
      record('failed', { message: 'no answer' }),
      record('applied'),
    ].map(it => news.of(it))
    expect(told).toEqual([
      undefined,
      'drift',
      undefined,
      'drift',
      'clean',
      undefined,
      'applied',
      'applied',
      undefined,
      'failed',
      undefined,
      'applied',
    ])
  })

  it('is JSON of a form of its own, or what Slack takes with nothing in it that Slack would act on', () => {
    const it = record('drift', { counts, digest: 'd' })
    expect(JSON.parse(noticeJson(it, facts))).toMatchObject({
      format_version: '1.0',
      event: 'drift',
      text: 'https://vault.example.org: has drifted (1 to add, 2 to change, 3 to delete), commit aaaaaaaaaaaa',
      owner: 'team',
      run: { commit: 'a'.repeat(40), counts, plan: 'd', took_ms: 1500, started_at: '2026-11-28T12:00:00.000Z' },
    })
    expect(JSON.parse(slackJson(it, facts))).toEqual({
      text: 'Lockstep: https://vault.example.org: has drifted (1 to add, 2 to change, 3 to delete), commit aaaaaaaaaaaa\ngive &lt;@U1&gt; &amp; "friends" access',
    })
  })
})

describe('a webhook', () => {
  const secret = "It's a Secret to Everybody"
  const sign = (body: string): string => `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`
  const push = JSON.stringify({ ref: 'refs/heads/main' })
  const heard = (body: string, signature: string | undefined, event = 'push', branch: string | undefined = 'main'): string =>
    hear({ event, signature, body: Buffer.from(body) }, secret, branch)

  it('is checked as GitHub documents it', () => {
    // The example of "Validating webhook deliveries".
    expect(heard('Hello, World!', 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17')).toBe('malformed')
  })

  it('is refused without a signature, with another, and with that of another body', () => {
    expect(heard(push, undefined)).toBe('refused')
    expect(heard(push, '')).toBe('refused')
    expect(heard(push, sign(`${push} `))).toBe('refused')
    expect(heard(push, sign(push).replace('sha256=', 'sha1='))).toBe('refused')
    expect(heard(push, sign(push).toUpperCase())).toBe('refused')
  })

  it('rings for a push to the branch, and for nothing else', () => {
    expect(heard(push, sign(push))).toBe('look')
    expect(hear({ event: 'push', signature: sign(push), body: Buffer.from(push) }, secret, undefined)).toBe('look')
    expect(heard(push, sign(push), 'push', 'release')).toBe('ignored')
    expect(heard(push, sign(push), 'ping')).toBe('ignored')
    for (const body of ['null', '[]', '7', '{"ref":{}}']) expect(heard(body, sign(body))).toBe('ignored')
  })
})

describe('what a watch says of itself', () => {
  const state: WatchState = {
    leads: true,
    leader: undefined,
    seen: { id: 'b', subject: 's' },
    trusted: { id: 'b', subject: 's' },
    current: { id: 'b', subject: 's' },
    waitsFor: undefined,
    retryAt: undefined,
    lookFailures: 0,
    lookProblem: undefined,
    lockProblem: undefined,
    lastCycle: start,
  }
  const watched = (more: Partial<WatchState> = {}, ...records: readonly RunRecord[]): Watched => {
    const journal = new Journal(2)
    for (const it of records) journal.add(it)
    const rhythm = { look: 60_000, drift: 0, retry: { first: 1, most: 1 } }
    return { facts, mode: 'apply', rhythm, state: { ...state, ...more }, journal, version: '1', startedAt: start }
  }

  it.each([
    ['ok', {}, undefined],
    ['ok', {}, 'refused'],
    ['degraded', {}, 'failed'],
    ['degraded', { lookFailures: 3 }, undefined],
    ['ok', { lookFailures: 2 }, undefined],
    ['degraded', { lockProblem: 'x' }, undefined],
    ['standby', { leads: false }, undefined],
    ['starting', { lastCycle: undefined }, undefined],
    ['stuck', { lastCycle: new Date(start.getTime() - 3_600_000) }, undefined],
  ] as const)('is %s: %j %s', (health, more, outcome) => {
    expect(healthOf(watched(more, ...(outcome === undefined ? [] : [record(outcome)])), start)).toBe(health)
  })

  it('remembers the last runs whole, and all as numbers', () => {
    const it = watched({ waitsFor: 'frozen' }, record('applied'), record('drift', { counts }), record('drift', { counts }))
    const status = JSON.parse(statusJson(it, start)) as { readonly runs: readonly unknown[] }
    expect(status).toMatchObject({ health: 'ok', leads: true, waits_for: 'frozen', last_good_at: '2026-11-28T12:00:01.500Z' })
    expect(status.runs).toHaveLength(2)
    const metrics = metricsText(it, start)
    expect(metrics).toContain('lockstep_watch_runs_total{outcome="drift"} 2\n')
    expect(metrics).toContain('lockstep_watch_runs_total{outcome="applied"} 1\n')
    expect(metrics).toContain('lockstep_watch_drifted_objects 6\n')
    expect(metrics).toContain('lockstep_watch_run_seconds_sum 4.5\n')
    expect(metrics).toContain('lockstep_watch_pending 1\n')
    for (const line of metrics.trim().split('\n'))
      expect(line).toMatch(/^(# (HELP|TYPE) lockstep_\w+ .+|lockstep_\w+(\{\w+="[^"]*"\})? -?[\d.e+]+)$/)
  })
})
