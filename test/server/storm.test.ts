/**
 * A storm of bad requests over HTTP, against every route that the server describes: odd names where names stand, odd values where fields
 * are, bodies that are none. Whatever comes, each is answered, nothing is an internal error, nothing leaks, and memory stays flat.
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { silentLog, systemClock } from '../../src/kernel/index.ts'
import { createHttpHandler, listen, type Listener } from '../../src/server/http/index.ts'
import { random, running, type Running } from './core/running.ts'

/** Mulberry32: the same storm at every run, and another with another seed. */
function dice(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

const NAMES = [
  'a',
  'A.b-c',
  '__proto__',
  'constructor',
  'toString',
  'null',
  '0',
  '-1',
  '*',
  '+',
  'a%2fb',
  'a%00b',
  '%',
  '%zz',
  '..',
  '.',
  'é',
  '%f0%9f%98%80',
  'x'.repeat(300),
  'a b',
  'a;b',
  'a//b',
  '{{x}}',
  'root',
  'default',
]
const VALUES: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  1e308,
  2 ** 53,
  '',
  'a',
  '-1',
  '1h',
  '1fortnight',
  '9999999999999999999999h',
  'x'.repeat(5000),
  '\u0000',
  '\ud800',
  'ünï',
  '{{identity.entity.id}}',
  'aGk=',
  '@@',
  '[',
  '{"a":1}',
  'path "a" { capabilities = ["read"] }',
  '-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----',
  [],
  [null],
  ['a', 'a'],
  [[1]],
  {},
  { a: { b: { c: [] } } },
  JSON.parse('{"__proto__":{"x":1}}'),
  { toString: 'x', hasOwnProperty: 1 },
]
const BODIES = ['', '{', '[]', '"x"', 'null', '7', '{"a":1}}', '{"a":1,"a":2}', '\u0000', '[[[[[[[[[[', '{"a":1e999}', 'a=b&c=d']
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'LIST', 'SCAN', 'HEAD', 'OPTIONS']
/** What would end the storm by itself: the seal, the token that is used, and quotas that refuse the rest. */
const SPARED =
  /^\/sys\/(?:seal|step-down|quotas|rotate\/root|remount|namespaces\/api-lock)|revoke-self|^\/sys\/leases\/revoke-(?:prefix|force)/

interface Described {
  readonly paths: Readonly<Record<string, unknown>>
}

/** Names of the fields that a part of the document describes. */
const fieldsIn = (part: unknown): readonly string[] => [
  ...new Set([...JSON.stringify(part).matchAll(/"([a-z][a-z0-9_]*)":\{"(?:description|type|anyOf|format)/g)].map(it => it[1] ?? '')),
]

describe('a storm of bad requests', () => {
  let server: Running
  let listener: Listener
  let address = ''
  const failures: string[] = []
  let routes: readonly string[] = []
  let fields: readonly string[] = []
  let own: ReadonlyMap<string, readonly string[]> = new Map()

  beforeAll(async () => {
    server = await running()
    for (const type of ['approle', 'userpass', 'jwt', 'kubernetes']) await server.ask('write', `sys/auth/${type}`, { type })
    for (const [path, options] of [
      ['kv1', { version: '1' }],
      ['kv2', { version: '2' }],
    ] as const)
      await server.ask('write', `sys/mounts/${path}`, { type: 'kv', options })
    for (const type of ['transit', 'totp', 'database', 'ssh']) await server.ask('write', `sys/mounts/${type}`, { type })
    const handler = createHttpHandler({
      core: server.server.core,
      clock: systemClock,
      log: silentLog,
      random,
      product: { version: '2.7.2', lockstepVersion: '0.0.0' },
    })
    listener = await listen({ address: { host: '127.0.0.1', port: 0 }, handler, clock: systemClock, log: silentLog })
    address = `http://127.0.0.1:${listener.address.split(':').at(-1) ?? ''}`
    const described = await fetch(`${address}/v1/sys/internal/specs/openapi`, { headers: { 'X-Vault-Token': server.root } })
    const { paths } = (await described.json()) as Described
    routes = Object.keys(paths).filter(it => !SPARED.test(it))
    fields = fieldsIn(paths)
    own = new Map(Object.entries(paths).map(([path, it]) => [path, fieldsIn(it)]))
  })
  afterAll(() => listener.close(0))

  interface Shot {
    readonly method: string
    readonly path: string
    readonly headers: Readonly<Record<string, string>>
    readonly body: string | undefined
  }

  function shot(roll: () => number): Shot {
    const pick = <T>(from: readonly T[]): T => from[Math.floor(roll() * from.length)] as T
    const method = pick(METHODS)
    const route = pick(routes)
    const ofRoute = own.get(route) ?? []
    const field = (): string => pick(ofRoute.length > 0 && roll() < 0.9 ? ofRoute : fields)
    const path = route.replaceAll(/\{\w+\}/g, () => pick(NAMES))
    const query =
      roll() < 0.2 ? `?${pick(['list', 'scan', 'help', 'after', 'limit', 'version', '__proto__', pick(fields)])}=${pick(NAMES)}` : ''
    const bodiless = method === 'GET' || method === 'HEAD'
    const object = (): string =>
      JSON.stringify(Object.fromEntries(Array.from({ length: Math.floor(roll() * 6) }, () => [field(), pick(VALUES)])))
    const body = bodiless ? undefined : roll() < 0.15 ? pick(BODIES) : object()
    return {
      method,
      path: `${path}${query}`,
      headers: {
        ...(roll() < 0.9 && { 'X-Vault-Token': roll() < 0.95 ? server.root : pick(['', 'x', 'hvs.x', 'hvb.x', 'x'.repeat(3000)]) }),
        ...(roll() < 0.05 && { 'X-Vault-Wrap-TTL': pick(['60', 'x', '-1', '1e9', '']) }),
        ...(roll() < 0.03 && { 'X-Vault-Namespace': pick(['a', '../x', '/', 'root', '%']) }),
        ...(method === 'PATCH' && roll() < 0.8 && { 'Content-Type': 'application/merge-patch+json' }),
        ...(roll() < 0.05 && {
          'Content-Type': pick(['application/x-www-form-urlencoded', 'x', 'multipart/form-data', 'application/json; charset=x']),
        }),
      },
      body,
    }
  }

  async function fire({ method, path, headers, body }: Shot): Promise<void> {
    // What goes up in a path has gone up before it is sent.
    if (SPARED.test(new URL(`${address}${path}`).pathname)) return
    const wishes = { method, headers, redirect: 'manual' as const, signal: AbortSignal.timeout(30_000) }
    const answer = await fetch(`${address}/v1${path}`, body === undefined ? wishes : { ...wishes, body })
    const text = await answer.text()
    const shown = `${method} ${path} ${body?.slice(0, 300) ?? ''} → ${answer.status} ${text.slice(0, 200)}`
    // The peer answers some wishes with 500 and its reason; without one, it is an error of ours.
    if (text.includes('internal error')) failures.push(shown)
    if (text.includes(server.root) && !path.includes('lookup')) failures.push(`the token of the request comes back: ${shown}`)
  }

  async function storm(seed: number, count: number): Promise<void> {
    const roll = dice(seed)
    for (let done = 0; done < count; done += 16) await Promise.all(Array.from({ length: 16 }, () => fire(shot(roll))))
  }

  it('is answered whole, with no internal error and no secret', async () => {
    expect(routes.length).toBeGreaterThan(200)
    await storm(1, 2500)
    expect(failures.slice(0, 10)).toEqual([])
    const health = await fetch(`${address}/v1/sys/health`)
    expect(health.status).toBe(200)
  }, 120_000)

  it('leaves nothing behind in memory', async () => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const used = async (seed: number): Promise<number> => {
      await storm(seed, 500)
      collect()
      return process.memoryUsage().heapUsed
    }
    await used(2)
    const before = await used(2)
    const after = await used(2)
    expect(after - before).toBeLessThan(16 * 1024 * 1024)
  }, 120_000)
})
