import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { faults } from '../../../src/server/logical/index.ts'
import { ask, type Answer, envelope, requestText, serving, type Serving, Wire } from './serving.ts'

/** Mistakes that others have made, and published, at this edge: each must fail here too. */
let server: Serving
beforeAll(async () => void (server = await serving()))
afterAll(() => server.close())
beforeEach(() => {
  server.core.asked.length = 0
  server.core.reply = request => envelope(request)
})
const headers = { 'X-Vault-Token': 'root' }

describe('operations that are internal (GHSA-rh46-vc3j-w2w3)', () => {
  const internal = [
    'alias-lookahead',
    'resolve-role',
    'renew',
    'revoke',
    'rollback',
    'header',
    'help',
    'create',
    'update',
    'write',
    'patch',
  ]

  it('cannot be asked for by a method', async () => {
    for (const name of internal.filter(it => it !== 'help' && it !== 'patch'))
      for (const method of [name, name.toUpperCase()]) expect((await ask(server.port, { method, path: '/v1/a', headers })).status).toBe(405)
    expect(server.core.asked).toEqual([])
  })

  it('cannot be asked for by a header, a query or a body', async () => {
    for (const name of internal) {
      for (const header of ['X-Vault-Operation', 'X-HTTP-Method-Override', 'X-Method-Override'])
        await ask(server.port, { path: '/v1/a', headers: { ...headers, [header]: name } })
      await ask(server.port, { path: `/v1/a?op=${name}&operation=${name}`, headers })
      await ask(server.port, {
        method: 'POST',
        path: '/v1/a',
        headers,
        body: JSON.stringify({ op: name, operation: name, Operation: name }),
      })
    }
    expect(new Set(server.core.asked.map(it => it.op))).toEqual(new Set(['read', 'write']))
  })
})

describe('steps in a path (CVE-2026-3605)', () => {
  const spellings = [
    '/v1/a/../sys/raw',
    '/v1/a/%2e%2e/sys/raw',
    '/v1/a/.%2e/sys/raw',
    '/v1/a/%2e./sys/raw',
    '/v1/a%2f..%2fsys/raw',
    '/v1/a%2f%2e%2e%2fsys%2fraw',
    '/v1/a/%2e/sys/raw',
    '/v1/a/./sys/raw',
    '/v1/a//sys/raw',
    '/v1/%2e%2e/v1/sys/raw',
    '/v1/a/..',
    '/v1/a/%2E%2E',
    '/v1/../../etc/passwd',
  ]
  it('reach core in no spelling', async () => {
    for (const method of ['GET', 'LIST', 'POST', 'DELETE'])
      for (const path of spellings) {
        const answer = await ask(server.port, { method, path, headers })
        expect([307, 400, 404], `${method} ${path}`).toContain(answer.status)
      }
    expect(server.core.asked).toEqual([])
  })

  it('are steps only as dots: what was encoded twice, backslashes and semicolons are names', async () => {
    const names = ['a/%252e%252e/b', 'a/..;/b', 'a\\..\\b', 'a%5c..%5cb', 'a/...', 'a/..%20']
    for (const name of names) await ask(server.port, { path: `/v1/${name}`, headers })
    expect(server.core.asked.map(it => it.path)).toEqual(['a/%2e%2e/b', 'a/..;/b', 'a\\..\\b', 'a\\..\\b', 'a/...', 'a/.. '])
  })

  it('never send a client to another host', async () => {
    for (const path of ['//evil.example/v1/x', '/v1/..//evil.example', '/v1//evil.example/..//', '/v1/%2f%2fevil.example//x']) {
      const { headers: answered } = await ask(server.port, { path, headers })
      expect(answered['location'] ?? '/v1/').toMatch(/^\/(?!\/)/)
    }
  })
})

describe('bodies made to cost (CVE-2025-6203, CVE-2025-59043, CVE-2025-12044)', () => {
  const bombs: readonly (readonly [name: string, body: string])[] = [
    ['nested lists', '['.repeat(1_000_000)],
    ['nested objects', '{"a":'.repeat(200_000)],
    ['many names', `{${Array.from({ length: 100_000 }, (_, n) => `"k${n}":0`).join(',')}}`],
    ['many strings', `{"a":[${'"",'.repeat(100_000)}""]}`],
    ['many objects', `{"a":[${'{},'.repeat(1_000_000)}{}]}`],
    ['a long number', `{"a":1${'0'.repeat(100_000)}}`],
    ['a huge exponent', '{"a":1e1000000000}'],
    ['a value behind the value', `{"a":1}${'['.repeat(100_000)}`],
  ]
  for (const [name, body] of bombs)
    it(`are refused: ${name}`, async () => {
      const answer = await ask(server.port, { method: 'POST', path: '/v1/sys/unseal', body })
      expect(answer.status).toBe(400)
      expect(answer.body).toMatch(/refused JSON input|failed to decode JSON input/)
    })
})

describe('bodies without end (CVE-2023-6337)', () => {
  it('are refused while they come, by anybody, and the connection ends', async () => {
    const wire = new Wire(server.port)
    wire.write('POST /v1/sys/unseal HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n')
    const chunk = Buffer.concat([Buffer.from('100000\r\n'), Buffer.alloc(0x100000, ' '), Buffer.from('\r\n')])
    const more = (): void => void (wire.socket.writable && wire.socket.write(chunk, () => setImmediate(more)))
    more()
    expect((await wire.next())?.status).toBe(413)
    await wire.closed()
  })
})

describe('strangers (CVE-2020-25594, CVE-2021-3024)', () => {
  it('learn no more from HTTP about a mount that is there than about one that is not', async () => {
    server.core.reply = ({ token, path }) => {
      if (token === undefined) throw faults.tokenRefused()
      throw faults.noRoute({ path })
    }
    const shape = ({ status, headers, body }: Answer): unknown => ({ status, body, headers: Object.keys(headers) })
    const answers: unknown[] = []
    for (const path of ['/v1/secret/a', '/v1/nowhere/a', '/v1/sys/mounts', '/v1/auth/nowhere/login', '/v1/secret/%ff'])
      answers.push(shape(await ask(server.port, { path })))
    expect(new Set(answers.map(it => JSON.stringify(it))).size).toBe(1)
  })

  it('learn no address of the machine from an answer', async () => {
    for (const path of ['/', '/v1', '/v1/a//b', '/nowhere', '/v1/sys/leader', '/v1/sys/health']) {
      const answer = await ask(server.port, { path, headers: { Host: 'public.example' } })
      expect(JSON.stringify(answer)).not.toMatch(/127\.0\.0\.1|localhost|\d+\.\d+\.\d+\.\d+/)
    }
  })
})

describe('two requests read as one, or one as two', () => {
  it('are refused: length and chunks, twice a length, a bare line feed in chunks', async () => {
    for (const text of [
      'POST /v1/a HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /v1/smuggled HTTP/1.1\r\nHost: x\r\n\r\n',
      'POST /v1/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\nGET /v1/smuggled HTTP/1.1\r\nHost: x\r\n\r\n',
      'POST /v1/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\nGET /v1/smuggled HTTP/1.1\r\nHost: x\r\n\r\n',
      'POST /v1/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1;\nx\r\n0\r\n\r\nGET /v1/smuggled HTTP/1.1\r\nHost: x\r\n\r\n',
    ]) {
      const wire = new Wire(server.port)
      wire.write(text)
      await wire.closed()
    }
    expect(server.core.asked.filter(it => it.path === 'smuggled')).toEqual([])
  })

  it('are two when they are two', async () => {
    const wire = new Wire(server.port)
    wire.write(requestText({ method: 'POST', path: '/v1/a', body: '{}' }) + requestText({ path: '/v1/b' }))
    expect([(await wire.next())?.status, (await wire.next())?.status]).toEqual([200, 200])
    wire.destroy()
  })
})
