import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { faults } from '../../../src/server/logical/index.ts'
import { ask, type Asked, envelope, serving, type Serving } from './serving.ts'

let server: Serving
beforeAll(async () => void (server = await serving()))
afterAll(() => server.close())
beforeEach(() => {
  server.core.asked.length = 0
  server.logged.length = 0
  server.core.reply = request => envelope(request)
})

const last = (): Serving['core']['asked'][number] | undefined => server.core.asked.at(-1)

describe('what core is asked', () => {
  const cases: readonly (readonly [asked: Asked, op: string, path: string, data: Readonly<Record<string, unknown>>])[] = [
    [{ path: '/v1/a/b' }, 'read', 'a/b', {}],
    [{ path: '/v1/a/b?version=2' }, 'read', 'a/b', { version: '2' }],
    [{ path: '/v1/a?x=1&x=2&y=&z' }, 'read', 'a', { x: ['1', '2'], y: '', z: '' }],
    [{ path: '/v1/a?x=a+b%2Bc&%78=2&bad=%zz&semi=1;2' }, 'read', 'a', { x: ['a b+c', '2'] }],
    [{ path: '/v1/a?list=true&after=x' }, 'list', 'a', { after: 'x' }],
    [{ path: '/v1/a?list=1' }, 'list', 'a', {}],
    [{ path: '/v1/a?list=false' }, 'read', 'a', { list: 'false' }],
    [{ path: '/v1/a?list=' }, 'read', 'a', { list: '' }],
    [{ path: '/v1/a?scan=true' }, 'scan', 'a', {}],
    [{ path: '/v1/a?scan=true&list=false' }, 'scan', 'a', { list: 'false' }],
    [{ method: 'LIST', path: '/v1/a/' }, 'list', 'a/', {}],
    [{ method: 'LIST', path: '/v1/a?list=false' }, 'list', 'a', { list: 'false' }],
    [{ method: 'SCAN', path: '/v1/a?limit=2' }, 'scan', 'a', { limit: '2' }],
    [{ method: 'POST', path: '/v1/a', body: '{"x":1}' }, 'write', 'a', { x: 1 }],
    [{ method: 'PUT', path: '/v1/a?y=1', body: '{"x":1}' }, 'write', 'a', { x: 1 }],
    [{ method: 'PUT', path: '/v1/a' }, 'write', 'a', {}],
    [{ method: 'PUT', path: '/v1/a/', body: 'null' }, 'write', 'a/', {}],
    [{ method: 'DELETE', path: '/v1/a?versions=1', body: 'no json' }, 'delete', 'a', { versions: '1' }],
    [{ path: '/v1/a', body: '{"x":1}' }, 'read', 'a', {}],
    [{ path: '/v1/a?help=1&x=2' }, 'help', 'a', { x: '2' }],
    [{ method: 'DELETE', path: '/v1/a?help=0' }, 'help', 'a', {}],
    [{ method: 'HELP', path: '/v1/a' }, 'help', 'a', {}],
    [{ path: '/v1/a?help=' }, 'read', 'a', {}],
    [{ path: '/v1/a%2Fb' }, 'read', 'a/b', {}],
    [{ path: '/v1/%61%20b/c+d;e' }, 'read', 'a b/c+d;e', {}],
    [{ path: '/v1/%C3%A9%F0%9F%98%80' }, 'read', 'é😀', {}],
    [{ path: '/v1/a#b' }, 'read', 'a#b', {}],
    [{ path: '/v1/%252e%252e/a' }, 'read', '%2e%2e/a', {}],
    [{ path: '/v1/a..b/.../..c' }, 'read', 'a..b/.../..c', {}],
    [{ path: '/v1/a%2F%2Fb' }, 'read', 'a//b', {}],
    [{ path: '/v1/' }, 'read', '', {}],
    [{ path: 'http://elsewhere:1/v1/a?b=c' }, 'read', 'a', { b: 'c' }],
    [{ path: '/v1/sys/health/' }, 'read', 'sys/health/', {}],
  ]
  for (const [asked, op, path, data] of cases)
    it(`${asked.method ?? 'GET'} ${asked.path} ${asked.body ?? ''} is a ${op} of "${path}"`, async () => {
      await ask(server.port, asked)
      expect(last()).toMatchObject({ op, path, data, namespace: '', remoteAddress: '127.0.0.1' })
    })

  it('has an id of its own, which is the request_id of the answer', async () => {
    const first = JSON.parse((await ask(server.port, { path: '/v1/a' })).body) as { request_id: string }
    const second = JSON.parse((await ask(server.port, { path: '/v1/a' })).body) as { request_id: string }
    expect(server.core.asked.map(it => it.id)).toEqual([first.request_id, second.request_id])
    expect(first.request_id).not.toBe(second.request_id)
  })

  it('is nothing for a path whose bytes are no text: it is absent, and cannot be written', async () => {
    const headers = { 'X-Vault-Token': 't' }
    expect(await ask(server.port, { path: '/v1/a/%ff', headers })).toMatchObject({ status: 404, body: '{"errors":[]}\n' })
    const write = await ask(server.port, { method: 'POST', path: '/v1/a/%ff', headers, body: '{}' })
    expect(write).toMatchObject({ status: 500 })
    expect(JSON.parse(write.body)).toEqual({
      errors: ['1 error occurred:\n\t* failed to write: key contains invalid UTF-8 characters\n\n'],
    })
    expect(await ask(server.port, { path: '/v1/a/%ff' })).toMatchObject({ status: 403 })
    expect(server.core.asked).toEqual([])
  })

  it('never has the members of an object prototype', async () => {
    await ask(server.port, { path: '/v1/a?__proto__=x&constructor=y' })
    expect(Object.entries(last()?.data ?? {})).toEqual([
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ])
  })
})

describe('an answer', () => {
  it('is the envelope in its own order, on a line, with the escapes of the peer', async () => {
    server.core.reply = request => envelope({ ...request, id: 'r' }, { html: '<a>&', big: JSON.parse('1e3') as number })
    const answer = await ask(server.port, { path: '/v1/a' })
    expect(answer.body).toBe(
      '{"request_id":"r","lease_id":"","renewable":false,"lease_duration":0,"data":{"html":"\\u003ca\\u003e\\u0026","big":1000},"wrap_info":null,"warnings":null,"auth":null}\n',
    )
    expect(answer.headers).toMatchObject({
      'content-type': 'application/json',
      'cache-control': 'no-store',
      'strict-transport-security': 'max-age=31536000; includeSubDomains',
      'content-length': String(Buffer.byteLength(answer.body)),
    })
  })

  it('puts what also stands at the top in front', async () => {
    server.core.reply = request => ({ ...envelope({ ...request, id: 'r' }, { keys: ['a'] }), topLevel: { keys: ['a'] } }) as never
    const answer = await ask(server.port, { path: '/v1/a' })
    expect(Object.keys(JSON.parse(answer.body) as object).slice(0, 2)).toEqual(['keys', 'request_id'])
  })

  it('of nothing is 204 without a body', async () => {
    server.core.reply = () => ({ is: 'empty', status: 204 })
    expect(await ask(server.port, { method: 'POST', path: '/v1/a' })).toMatchObject({ status: 204, body: '' })
  })

  it('may be bytes of another type', async () => {
    server.core.reply = () => ({ is: 'raw', status: 200, contentType: 'application/x-pem-file', body: Buffer.from('pem') })
    const answer = await ask(server.port, { path: '/v1/a' })
    expect(answer).toMatchObject({ status: 200, body: 'pem' })
    expect(answer.headers['content-type']).toBe('application/x-pem-file')
  })

  it('to a HEAD has no body', async () => {
    expect(await ask(server.port, { method: 'HEAD', path: '/v1/sys/health' })).toMatchObject({ status: 200, body: '' })
  })

  it('to a fault has the words of the fault', async () => {
    server.core.reply = () => {
      throw faults.refused({ why: 'no "<x>"' })
    }
    expect(await ask(server.port, { path: '/v1/a' })).toMatchObject({ status: 400, body: '{"errors":["no \\"\\u003cx\\u003e\\""]}\n' })
    expect(server.logged).toEqual([])
  })

  it('to what is no fault is an internal error, whose cause is in the log alone', async () => {
    server.core.reply = () => {
      throw new TypeError('secret of the house')
    }
    const answer = await ask(server.port, { path: '/v1/a?token=hidden' })
    expect(answer).toMatchObject({ status: 500, body: '{"errors":["internal error"]}\n' })
    expect(server.logged).toHaveLength(1)
    expect(server.logged[0]).toMatchObject({ level: 'error', facts: { method: 'GET', path: '/v1/a' } })
    expect(JSON.stringify(server.logged)).toContain('secret of the house')
    expect(JSON.stringify(server.logged)).not.toContain('hidden')
  })

  it('to a fault of the server is logged with its cause', async () => {
    server.core.reply = () => {
      throw faults.storageFailed({ cause: new Error('disk on fire') })
    }
    expect(await ask(server.port, { path: '/v1/a' })).toMatchObject({ status: 500, body: '{"errors":["internal error"]}\n' })
    expect(JSON.stringify(server.logged)).toContain('disk on fire')
  })
})
