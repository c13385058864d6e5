import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ManualClock } from '../../../src/kernel/index.ts'
import { faults } from '../../../src/server/logical/index.ts'
import { ask, envelope, requestText, serving, type Serving, Wire } from './serving.ts'

let server: Serving
beforeAll(async () => void (server = await serving()))
afterAll(() => server.close())
beforeEach(() => {
  server.core.asked.length = 0
  server.core.reply = request => envelope(request)
})

/** The operations and paths that core was asked, in order. */
const asked = (): readonly string[] => server.core.asked.map(it => `${it.op} ${it.path}`)

describe('a method that HTTP has not registered', () => {
  it('keeps its connection, in any order with others, with and without a body', async () => {
    const wire = new Wire(server.port)
    const chunked = 'Host: x\r\nTransfer-Encoding: chunked\r\n\r\n'
    for (const text of [
      requestText({ path: '/v1/0' }),
      requestText({ method: 'LIST', path: '/v1/1' }),
      requestText({ path: '/v1/2' }),
      `LIST /v1/3 HTTP/1.1\r\n${chunked}0\r\n\r\n`,
      requestText({ method: 'POST', path: '/v1/4', body: '{"LIST /v1/x":1}' }),
      requestText({ method: 'SCAN', path: '/v1/5', body: 'LIST /v1/x HTTP/1.1\r\n\r\n' }),
      requestText({ method: 'SCAN', path: '/v1/6' }),
      requestText({ method: 'HELP', path: '/v1/7' }),
      requestText({ path: '/v1/8' }),
    ]) {
      wire.write(text)
      expect(await wire.next()).toMatchObject({ status: 200 })
    }
    expect(asked()).toEqual(['read 0', 'list 1', 'read 2', 'list 3', 'write 4', 'scan 5', 'scan 6', 'help 7', 'read 8'])
    expect(server.core.asked[4]?.data).toEqual({ 'LIST /v1/x': 1 })
    wire.destroy()
  })

  it('is answered in its place among pipelined requests, however long those before it take', async () => {
    const slow = Promise.withResolvers<void>()
    server.core.reply = async request => {
      if (request.path === 'slow') await slow.promise
      return { is: 'bare', status: 200, body: { path: request.path, op: request.op } }
    }
    const wire = new Wire(server.port)
    wire.write(
      requestText({ method: 'POST', path: '/v1/slow', body: '{}' }) +
        requestText({ method: 'LIST', path: '/v1/b' }) +
        requestText({ path: '/v1/c' }) +
        requestText({ method: 'LIST', path: '/v1/d', body: 'x' }) +
        requestText({ method: 'LIST', path: '/v1/e' }),
    )
    // Sent while the first is still waited for.
    setImmediate(() => {
      wire.write(requestText({ path: '/v1/f' }))
      slow.resolve()
    })
    const answers: unknown[] = []
    for (let i = 0; i < 6; i++) answers.push(JSON.parse((await wire.next())?.body ?? 'null'))
    expect(answers).toEqual([
      { path: 'slow', op: 'write' },
      { path: 'b', op: 'list' },
      { path: 'c', op: 'read' },
      { path: 'd', op: 'list' },
      { path: 'e', op: 'list' },
      { path: 'f', op: 'read' },
    ])
    wire.destroy()
  })

  it('is known even when its letters come one by one', async () => {
    const wire = new Wire(server.port)
    wire.socket.setNoDelay(true)
    for (const text of [requestText({ path: '/v1/a' }), requestText({ path: '/v1/b' })]) {
      wire.write(text)
      await wire.next()
    }
    wire.write('LI')
    await new Promise(resolve => setImmediate(resolve))
    wire.write('ST /v1/c HTTP/1.1\r\nHost: x\r\n\r\n')
    expect(await wire.next()).toMatchObject({ status: 200 })
    expect(asked()).toEqual(['read a', 'read b', 'list c'])
    wire.destroy()
  })

  it('is refused without a hearing when it is none of the API', async () => {
    for (const method of ['BREW', 'LISTS', 'list', 'ROLLBACK', 'RENEW', 'REVOKE', 'ALIAS-LOOKAHEAD', 'RESOLVE-ROLE']) {
      expect(await ask(server.port, { method, path: '/v1/a', headers: { 'X-Vault-Token': 'root' } })).toMatchObject({
        status: 405,
        body: '{"errors":[]}\n',
      })
    }
    expect(asked()).toEqual([])
  })

  it('cannot be passed off as another: LINK stays LINK', async () => {
    expect(await ask(server.port, { method: 'LINK', path: '/v1/a' })).toMatchObject({ status: 405 })
    const wire = new Wire(server.port)
    wire.write(requestText({ method: 'LIST', path: '/v1/a' }) + requestText({ method: 'LINK', path: '/v1/b' }))
    expect([(await wire.next())?.status, (await wire.next())?.status]).toEqual([200, 405])
    expect(asked()).toEqual(['list a'])
    wire.destroy()
  })

  it('ends with a client that goes away', async () => {
    const waiting = Promise.withResolvers<AbortSignal>()
    server.core.reply = async request => {
      waiting.resolve(request.signal)
      return await new Promise(() => undefined)
    }
    const wire = new Wire(server.port)
    wire.write(requestText({ method: 'LIST', path: '/v1/a' }))
    const signal = await waiting.promise
    const gone = new Promise<void>(resolve => signal.addEventListener('abort', () => resolve()))
    wire.destroy()
    await gone
  })
})

describe('bytes that are no request', () => {
  const junk: readonly (readonly [name: string, text: string, status: number])[] = [
    ['no HTTP at all', 'hello\r\n\r\n', 400],
    ['a target with a blank', 'GET /v1/a b HTTP/1.1\r\nHost: x\r\n\r\n', 400],
    ['a header without a name', 'GET /v1/a HTTP/1.1\r\nHost: x\r\n: y\r\n\r\n', 400],
    ['no Host', 'GET /v1/a HTTP/1.1\r\n\r\n', 400],
    ['two lengths', 'POST /v1/a HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}', 400],
    ['a length and chunks', 'POST /v1/a HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', 400],
    ['a length that is none', 'POST /v1/a HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n', 400],
    ['a line end in a header', 'GET /v1/a HTTP/1.1\r\nHost: x\r\nX-Vault-Token: a\rb\r\n\r\n', 400],
    ['a head of a megabyte', `GET /v1/a HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(1_000_000)}\r\n\r\n`, 431],
    ['a target of a megabyte', `GET /v1/${'x'.repeat(1_000_000)} HTTP/1.1\r\nHost: x\r\n\r\n`, 431],
    ['a greeting of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400],
  ]
  for (const [name, text, status] of junk)
    it(`${name}: ${status}, and the connection ends`, async () => {
      const wire = new Wire(server.port)
      wire.write(text)
      expect((await wire.next())?.status).toBe(status)
      await wire.closed()
      expect(asked()).toEqual([])
    })

  it('in a body end the request', async () => {
    const wire = new Wire(server.port)
    wire.write('POST /v1/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n')
    await wire.closed()
    expect(asked()).toEqual([])
  })
})

describe('a tunnel', () => {
  it('is a method that this API has not', async () => {
    const wire = new Wire(server.port)
    wire.write('CONNECT elsewhere:443 HTTP/1.1\r\nHost: x\r\n\r\n')
    expect(await wire.next()).toMatchObject({ status: 405, body: '{"errors":[]}\n' })
    await wire.closed()
  })
})

describe('a request that takes too long', () => {
  it('is answered, told to stop, and its late answer dropped', async () => {
    const clock = new ManualClock(new Date(0))
    const other = await serving({ clock, handler: { limits: { maxRequestDuration: 5000 } } })
    const started = Promise.withResolvers<AbortSignal>()
    const late = Promise.withResolvers<void>()
    other.core.reply = async request => {
      if (request.path === 'quick') return envelope(request)
      started.resolve(request.signal)
      await late.promise
      throw faults.internal({ cause: new Error('late') })
    }
    const wire = new Wire(other.port)
    wire.write(requestText({ path: '/v1/quick' }))
    expect(await wire.next()).toMatchObject({ status: 200 })
    clock.advance(4000)
    wire.write(requestText({ path: '/v1/slow' }))
    const signal = await started.promise
    clock.advance(4999)
    expect(signal.aborted).toBe(false)
    clock.advance(1)
    expect(await wire.next()).toMatchObject({ status: 500, body: '{"errors":["context deadline exceeded"]}\n' })
    expect(signal.aborted).toBe(true)
    late.resolve()
    wire.write(requestText({ path: '/v1/quick' }))
    expect(await wire.next()).toMatchObject({ status: 200 })
    wire.destroy()
    await other.close()
  })

  it('is told to stop when its client has gone', async () => {
    const started = Promise.withResolvers<AbortSignal>()
    server.core.reply = async request => {
      started.resolve(request.signal)
      return await new Promise(() => undefined)
    }
    const wire = new Wire(server.port)
    wire.write(requestText({ path: '/v1/slow' }))
    const signal = await started.promise
    const stopped = new Promise<void>(resolve => signal.addEventListener('abort', () => resolve()))
    wire.destroy()
    await stopped
  })
})

describe('a client that dribbles', () => {
  it('is cut off while it sends its head', async () => {
    const other = await serving({ listen: { timeouts: { readHeader: 50 } } })
    const wire = new Wire(other.port)
    wire.write('GET /v1/a HTTP/1.1\r\nHost: x\r\n')
    expect((await wire.next())?.status).toBe(408)
    await wire.closed()
    await other.close()
  })

  it('is cut off while it sends its body', async () => {
    const other = await serving({ listen: { timeouts: { readHeader: 50, read: 100 } } })
    const wire = new Wire(other.port)
    wire.write('POST /v1/a HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{')
    await wire.closed()
    expect(other.core.asked).toEqual([])
    await other.close()
  })

  it('is cut off when it says nothing between two requests', async () => {
    const other = await serving({ listen: { timeouts: { idle: 10 } } })
    const wire = new Wire(other.port)
    wire.write(requestText({ path: '/v1/a' }))
    expect((await wire.next())?.status).toBe(200)
    await wire.closed()
    await other.close()
  })
})

describe('a body over the limit', () => {
  const limits = { maxRequestSize: 1000 }

  it('is refused when it is announced, before any of it has come', async () => {
    const other = await serving({ handler: { limits } })
    const wire = new Wire(other.port)
    wire.write('POST /v1/a HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n')
    const answer = await wire.next()
    expect(answer).toMatchObject({ status: 413, body: '{"errors":["http: request body too large"]}\n' })
    expect(answer?.headers['connection']).toBe('close')
    wire.destroy()
    await other.close()
  })

  it('is refused in the middle when it comes in chunks, without a token too, and for reads too', async () => {
    const other = await serving({ handler: { limits } })
    for (const method of ['POST', 'GET', 'LIST']) {
      const wire = new Wire(other.port)
      wire.write(`${method} /v1/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n`)
      for (let i = 0; i < 11; i++) wire.write(`64\r\n${'x'.repeat(100)}\r\n`)
      expect((await wire.next())?.status).toBe(413)
      wire.destroy()
    }
    expect(other.core.asked).toEqual([])
    await other.close()
  })

  it('is read to its end for a moment, so that the client sees the answer', async () => {
    const other = await serving({ handler: { limits } })
    const wire = new Wire(other.port)
    wire.write(requestText({ method: 'POST', path: '/v1/a', body: 'x'.repeat(3_000_000) }))
    expect((await wire.next())?.status).toBe(413)
    await wire.closed()
    await other.close()
  })

  it('is not there at the limit itself', async () => {
    const other = await serving({ handler: { limits } })
    const body = JSON.stringify({ a: 'x'.repeat(992) })
    expect(Buffer.byteLength(body)).toBe(1000)
    expect((await ask(other.port, { method: 'POST', path: '/v1/a', body })).status).toBe(200)
    await other.close()
  })

  it('is not asked for by "100 Continue" unless it is within', async () => {
    const other = await serving({ handler: { limits }, listen: limits })
    const wire = new Wire(other.port)
    wire.write('POST /v1/a HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n')
    expect((await wire.next())?.status).toBe(100)
    wire.write('{}')
    expect((await wire.next())?.status).toBe(200)
    wire.write('POST /v1/a HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\nExpect: 100-continue\r\n\r\n')
    expect((await wire.next())?.status).toBe(413)
    wire.destroy()
    await other.close()
  })
})
