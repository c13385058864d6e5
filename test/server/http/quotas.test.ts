import { afterEach, describe, expect, it } from 'vitest'
import { faults, type Gate } from '../../../src/server/logical/index.ts'
import { ask, serving, Wire, type Serving } from './serving.ts'

const refusing = (headers: Readonly<Record<string, string>> = {}): Gate => ({
  asksForRole: () => false,
  pass: path => ({ refused: true, headers, fault: faults.quotaExceeded({ path }), audited: false }),
})

describe('a gate before core', () => {
  let server: Serving
  afterEach(() => server.close())

  async function behind(gate: Gate): Promise<number> {
    server = await serving()
    Object.assign(server.core, { gate })
    return server.port
  }

  it('refuses a request before its body is read, let alone parsed', async () => {
    const wire = new Wire(await behind(refusing({ 'Retry-After': '9' })))
    // The body is announced and never sent: whoever waited for it would wait in vain.
    wire.write('POST /v1/secret/data/x HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n')
    const answer = await wire.next()
    wire.destroy()
    expect(answer?.status).toBe(429)
    expect(answer?.headers['retry-after']).toBe('9')
    expect(answer?.body).toBe('{"errors":["request path \\"secret/data/x\\": rate limit quota exceeded"]}\n')
    expect(server.core.asked).toEqual([])
  })

  it('keeps the connection for what comes behind a body that nobody read', async () => {
    const wire = new Wire(await behind(refusing()))
    const body = JSON.stringify({ a: 'x'.repeat(100_000) })
    wire.write(`POST /v1/a/b HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}`)
    expect((await wire.next())?.status).toBe(429)
    wire.write('GET /v1/a/c HTTP/1.1\r\nHost: a\r\n\r\n')
    expect((await wire.next())?.body).toContain('a/c')
    wire.destroy()
  })

  it('counts what is asked of a sealed server too, and listings as the folders that they are', async () => {
    const port = await behind(refusing())
    server.core.sealed = true
    expect((await ask(port, { path: '/v1/sys/health' })).status).toBe(429)
    expect((await ask(port, { path: '/v1/a/b?list=true' })).body).toContain('a/b/')
    expect((await ask(port, { path: '/other' })).status).toBe(404)
  })

  it('puts what it has to say on the answer of a request that passes, whatever becomes of it', async () => {
    const port = await behind({ asksForRole: () => false, pass: () => ({ refused: false, headers: { 'X-Ratelimit-Limit': '7' } }) })
    expect((await ask(port, { path: '/v1/a/b' })).headers['x-ratelimit-limit']).toBe('7')
    server.core.reply = () => {
      throw faults.permissionDenied()
    }
    const refused = await ask(port, { path: '/v1/a/b' })
    expect([refused.status, refused.headers['x-ratelimit-limit']]).toEqual([403, '7'])
  })

  it('is shown the body of a login that is counted by its role, which is then read once', async () => {
    const seen: unknown[] = []
    const port = await behind({
      asksForRole: path => path === 'auth/approle/login',
      pass: (_path, _address, data) => (seen.push(data), { refused: false, headers: {} }),
    })
    await ask(port, { method: 'POST', path: '/v1/auth/approle/login', body: '{"role_id":"r"}' })
    await ask(port, { method: 'POST', path: '/v1/secret/x', body: '{"role_id":"r"}' })
    expect(seen).toEqual([{ role_id: 'r' }, undefined])
    expect(server.core.asked.map(it => it.data)).toEqual([{ role_id: 'r' }, { role_id: 'r' }])
  })
})
