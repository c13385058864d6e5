import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { send } from './harness/http.ts'
import { startOurs, startPeer, type RunningServer } from './harness/server.ts'

/**
 * Random policies and paths, asked of both servers by sys/capabilities: no difference. Many paths go in one request, so that the
 * policies are what costs. LOCKSTEP_CAPABILITIES says how many pairs of a token and a path are asked about.
 */
const PATHS = 10
const PAIRS = Number(process.env['LOCKSTEP_CAPABILITIES'] ?? '5000')
const ROUNDS = Math.ceil(PAIRS / PATHS)

/** Few letters, so that rules meet. */
const word = fc.string({ unit: fc.constantFrom('a', 'b', 'é'), minLength: 1, maxLength: 2 })
const segment = fc.oneof({ weight: 6, arbitrary: word }, { weight: 1, arbitrary: fc.constantFrom('', '+', '+a', 'a+', '*', 'a*') })
const askedPath = fc
  .tuple(fc.constantFrom('', '', '', '/'), fc.array(segment, { minLength: 1, maxLength: 4 }), fc.constantFrom('', '', '/'))
  .map(([head, parts, end]) => head + parts.join('/') + end)
  .filter(it => it !== '')
const ruleSegment = fc.oneof(
  { weight: 4, arbitrary: word },
  { weight: 3, arbitrary: fc.constant('+') },
  { weight: 1, arbitrary: fc.constantFrom('', '+a', 'a+', '*', 'a*b') },
)
const rulePath = fc
  .tuple(
    fc.constantFrom('', '', '', '/', '//'),
    fc.array(ruleSegment, { minLength: 1, maxLength: 4 }),
    fc.constantFrom('', '', '*', '/*', '/'),
  )
  .map(([head, parts, end]) => head + parts.join('/') + end)
  .filter(it => !it.includes('+*'))
const capability = fc.constantFrom('create', 'read', 'update', 'delete', 'list', 'scan', 'patch', 'sudo', 'deny')
const limits = fc.constantFrom(
  '',
  '',
  '',
  'expiration = "2020-01-01T00:00:00Z"',
  'expiration = "2100-01-01T00:00:00Z"',
  'min_wrapping_ttl = "5s"',
)
const rule = fc
  .record({ path: rulePath, capabilities: fc.uniqueArray(capability, { maxLength: 3 }), limits })
  .map(it => `path ${JSON.stringify(it.path)} {\n  capabilities = ${JSON.stringify(it.capabilities)}\n  ${it.limits}\n}\n`)
const policy = fc.array(rule, { minLength: 1, maxLength: 10 }).map(it => it.join(''))
const round = fc.record({
  policies: fc.array(policy, { minLength: 1, maxLength: 3 }),
  paths: fc.uniqueArray(askedPath, { minLength: PATHS, maxLength: PATHS }),
})

const isDenied = (capabilities: unknown): boolean => Array.isArray(capabilities) && capabilities[0] === 'deny'

type Body = Readonly<Record<string, unknown>>

async function ask(
  server: RunningServer,
  method: string,
  path: string,
  body: unknown,
): Promise<{ readonly status: number; readonly body: Body }> {
  const answer = await send(server.address, {
    method,
    path: `/v1/${path}`,
    headers: { 'X-Vault-Token': 'root' },
    body: JSON.stringify(body),
  })
  return { status: answer.status, body: answer.text === '' ? {} : (JSON.parse(answer.text) as Body) }
}

/** What one server says of a token with these policies; a refused policy is part of the answer. */
async function answers(
  server: RunningServer,
  { policies, paths }: { readonly policies: readonly string[]; readonly paths: readonly string[] },
): Promise<Body> {
  const written: unknown[] = []
  const names = policies.map((_, i) => `random-${i}`)
  for (const [i, text] of policies.entries()) {
    const { status, body } = await ask(server, 'PUT', `sys/policies/acl/random-${i}`, { policy: text })
    written.push(status === 204 || status === 200 ? 'written' : { status, errors: body['errors'] })
  }
  const made = await ask(server, 'POST', 'auth/token/create', { policies: names, no_default_policy: true, ttl: '10m' })
  const token = (made.body['auth'] as Body)['client_token']
  const { status, body } = await ask(server, 'POST', 'sys/capabilities', { token, paths })
  const data = (body['data'] ?? {}) as Body
  return { written, status, errors: body['errors'], capabilities: Object.fromEntries(paths.map(it => [it, data[it]])) }
}

describe('sys/capabilities of random policies and paths', () => {
  let servers: readonly RunningServer[] = []
  beforeAll(async () => {
    servers = await Promise.all([startPeer('dev'), startOurs('dev')])
  })
  afterAll(async () => {
    await Promise.all(servers.map(it => it.stop()))
  })

  it(
    `is the peer's, in ${ROUNDS * PATHS} pairs`,
    async () => {
      const [peer, ours] = servers as readonly [RunningServer, RunningServer]
      let granted = 0
      await fc.assert(
        fc.asyncProperty(round, async asked => {
          const [theirs, own] = await Promise.all([answers(peer, asked), answers(ours, asked)])
          expect(own).toEqual(theirs)
          granted += Object.values(own['capabilities'] as Body).filter(it => !isDenied(it)).length
        }),
        { numRuns: ROUNDS },
      )
      expect(granted, 'rules meet the paths').toBeGreaterThan(PAIRS / 20)
    },
    9 * 60_000,
  )
})
