import { describe, expect, it } from 'vitest'
import { ApiError, ClientUnreachable, readerOf, writerOf } from '../../src/client/index.ts'
import { type Asked, clientAt, type Reply, standIn } from './stand-in.ts'

const html = { text: '<html>404</html>', headers: { 'content-type': 'text/html' } }

describe('a reader', () => {
  it('has no way to write', () => {
    const reader = readerOf(clientAt('http://127.0.0.1:1'))
    expect(Object.keys(reader)).toEqual(['address', 'read', 'list'])
    expect(Object.isFrozen(reader)).toBe(true)
  })
})

describe('read', () => {
  it('gives the envelope', async () => {
    await using server = await standIn(() => ({ body: { request_id: 'r', data: { a: 1 } } }))
    expect(await readerOf(clientAt(server.address)).read('x', { version: '1' })).toEqual({ request_id: 'r', data: { a: 1 } })
    expect(server.asked[0]).toMatchObject({ method: 'GET', url: '/v1/x?version=1' })
  })

  it('is undefined for a clean 404', async () => {
    await using server = await standIn(() => ({ status: 404, body: { errors: [] } }))
    expect(await readerOf(clientAt(server.address)).read('x')).toBeUndefined()
  })

  it.each<[string, Reply]>([
    ['the metadata of a deleted version', { status: 404, body: { data: { data: null, metadata: { version: 3 } } } }],
    ['warnings', { status: 404, body: { data: null, warnings: ['the path is misspelt'] } }],
  ])('gives what a 404 brings along: %s', async (_what, reply) => {
    await using server = await standIn(() => reply)
    expect(await readerOf(clientAt(server.address)).read('x')).toEqual(reply.body)
  })

  it.each<[string, Reply, number]>([
    ['a 404 that says more than "not here"', { status: 404, body: { errors: ['no handler for route "x"'] } }, 404],
    ['a 404 of something else than the API', { status: 404, ...html }, 404],
    ['a 404 without a body', { status: 404, text: '' }, 404],
    ['a 404 whose body is no object', { status: 404, body: [] }, 404],
    ['a page of a proxy that says 200', { status: 200, ...html }, 200],
    ['half a body', { status: 200, text: '{"data":' }, 200],
    ['a denial', { status: 403, body: { errors: ['permission denied'] } }, 403],
    ['a bad request', { status: 400, body: { errors: ['bad'] } }, 400],
    ['a rate limit', { status: 429, body: { errors: ['slow down'] } }, 429],
    ['a sealed server', { status: 503, body: { errors: ['Vault is sealed'] } }, 503],
    ['a failing server', { status: 500, body: { errors: ['internal error'] } }, 500],
  ])('rejects %s', async (_what, reply, status) => {
    await using server = await standIn(() => reply)
    const error = await readerOf(clientAt(server.address))
      .read('some/path')
      .catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(ApiError)
    expect(error).toMatchObject({ status, method: 'GET', path: 'some/path' })
  })

  it('rejects an answer that breaks off', async () => {
    await using server = await standIn(() => ({ status: 404, body: { errors: [] }, cutAfter: 3 }))
    await expect(readerOf(clientAt(server.address, { retries: 0 })).read('x')).rejects.toBeInstanceOf(ClientUnreachable)
  })
})

/** A list as OpenBao gives it, with a policy's pagination_limit or without. */
function listing(keys: readonly string[], rule: { readonly most?: number; readonly pages?: boolean } = {}): (asked: Asked) => Reply {
  return ({ url }) => {
    const query = new URL(url, 'http://x').searchParams
    const { most, pages = true } = rule
    const limit = query.get('limit')
    if (most !== undefined && limit !== null && Number(limit) > most) return { status: 403, body: { errors: ['permission denied'] } }
    const rest = pages ? keys.filter(key => key > (query.get('after') ?? '')) : keys
    const page = rest.slice(0, most ?? (limit === null ? rest.length : Number(limit)))
    return page.length === 0 ? { status: 404, body: { errors: [] } } : { body: { data: { keys: page } } }
  }
}

const many = Array.from({ length: 25 }, (_, i) => `k${String(i).padStart(2, '0')}`)

describe('list', () => {
  it('is one request where nothing limits it', async () => {
    await using server = await standIn(listing(many))
    expect(await readerOf(clientAt(server.address)).list('x')).toEqual(many)
    expect(server.asked.map(it => it.url)).toEqual(['/v1/x?limit=1000000&list=true'])
  })

  it('is empty for a folder that is not there', async () => {
    await using server = await standIn(listing([]))
    expect(await readerOf(clientAt(server.address)).list('x')).toEqual([])
  })

  it.each([{}, { keys: null }, { keys: [] }])('is empty for a reply whose data is %j', async data => {
    await using server = await standIn(() => ({ body: { request_id: 'r', data } }))
    expect(await readerOf(clientAt(server.address)).list('x')).toEqual([])
  })

  it.each([1, 7, 24, 25, 26])('is whole where a policy allows %i keys at a time', async most => {
    await using server = await standIn(listing(many, { most }))
    expect(await readerOf(clientAt(server.address)).list('x')).toEqual(many)
  })

  it('is whole where a policy limits it and the server knows no pages', async () => {
    await using server = await standIn(listing(many, { most: 30, pages: false }))
    expect(await readerOf(clientAt(server.address)).list('x')).toEqual(many)
  })

  it.each<[string, (asked: Asked, count: number) => Reply]>([
    ['denied altogether', () => ({ status: 403, body: { errors: ['permission denied'] } })],
    [
      'denied on the second page',
      (asked, count) => (count < 3 ? listing(many, { most: 10 })(asked) : { status: 403, body: { errors: ['permission denied'] } }),
    ],
    [
      'failing on the second page',
      (asked, count) => (count < 3 ? listing(many, { most: 10 })(asked) : { status: 500, body: { errors: ['no'] } }),
    ],
    ['answered without an envelope', () => ({ body: { data: {} } })],
    ['answered without data', () => ({ body: { request_id: 'r', data: null } })],
    ['answered by something else', () => ({ body: { request_id: 'r', data: { value: 1 } } })],
    ['answered with other things than keys', () => ({ body: { data: { keys: [1] } } })],
    ['answered by a proxy', () => html],
    ['of a mount that is not there', () => ({ status: 404, body: { errors: ['no handler for route "x"'] } })],
  ])('rejects a list %s, so that nothing looks absent', async (_what, answer) => {
    await using server = await standIn(answer)
    await expect(readerOf(clientAt(server.address, { retries: 0 })).list('x')).rejects.toBeInstanceOf(ApiError)
  })

  it('rejects a list that breaks off', async () => {
    await using server = await standIn(() => ({ body: { data: { keys: many } }, cutAfter: 40 }))
    await expect(readerOf(clientAt(server.address, { retries: 0 })).list('x')).rejects.toBeInstanceOf(ClientUnreachable)
  })
})

describe('a writer', () => {
  it('writes and gives what comes back', async () => {
    await using server = await standIn(({ url }) => (url === '/v1/quiet' ? { status: 204 } : { body: { data: { version: 2 } } }))
    const writer = writerOf(clientAt(server.address))
    expect(await writer.write('loud', { a: 1 })).toEqual({ data: { version: 2 } })
    expect(await writer.write('quiet', { a: 1 })).toBeUndefined()
    expect(server.asked.map(it => [it.method, it.body])).toEqual([
      ['POST', '{"a":1}'],
      ['POST', '{"a":1}'],
    ])
  })

  it.each([
    ['no such thing', { status: 404, body: { errors: [] } }],
    ['a refusal', { status: 400, body: { errors: ['field "x": expected a number'] } }],
    ['a proxy', { status: 200, ...html }],
  ])('rejects a write answered by %s', async (_what, reply) => {
    await using server = await standIn(() => reply)
    await expect(writerOf(clientAt(server.address)).write('x', {})).rejects.toBeInstanceOf(ApiError)
  })

  it('keeps what was written out of the error', async () => {
    await using server = await standIn(() => ({ status: 400, body: { errors: ['bad'] } }))
    const error = await writerOf(clientAt(server.address, { token: 'hvs.secret' }))
      .write('x', { password: 'hunter2' })
      .catch((thrown: unknown) => thrown)
    expect(String(error) + JSON.stringify(error)).not.toMatch(/hvs\.secret|hunter2/)
  })

  it.each([
    ['it is gone now', { status: 204 }],
    ['it warns', { status: 200, body: { warnings: ['w'] } }],
    ['it was gone before', { status: 404, body: { errors: [] } }],
  ])('deletes: %s', async (_what, reply) => {
    await using server = await standIn(() => reply)
    await expect(writerOf(clientAt(server.address)).delete('x')).resolves.toBeUndefined()
  })

  it.each([
    ['denied', { status: 403, body: { errors: ['permission denied'] } }],
    ['of a mount that is not there', { status: 404, body: { errors: ['no handler for route "x"'] } }],
  ])('rejects a delete that is %s', async (_what, reply) => {
    await using server = await standIn(() => reply)
    await expect(writerOf(clientAt(server.address)).delete('x')).rejects.toBeInstanceOf(ApiError)
  })
})
