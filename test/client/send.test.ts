import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ClientMisconfigured, ClientUnreachable, createClient } from '../../src/client/index.ts'
import { stringifyJson } from '../../src/kernel/index.ts'
import { selfSigned } from './certificate.ts'
import { clientAt, eagerClock, standIn, steadyRandom } from './stand-in.ts'

describe('send', () => {
  it('puts the path below /v1/, escaped, with the query in order', async () => {
    await using server = await standIn(() => ({ body: {} }))
    const answer = await clientAt(server.address).send({ method: 'GET', path: 'secret/data/ä b', query: { version: '2', after: 'x' } })
    expect(server.asked[0]).toMatchObject({ method: 'GET', url: '/v1/secret/data/%C3%A4%20b?after=x&version=2' })
    expect(answer).toMatchObject({ status: 200, method: 'GET', url: `${server.address}/v1/secret/data/%C3%A4%20b?after=x&version=2` })
  })

  it('keeps a base path that the address has', async () => {
    await using server = await standIn(() => ({ body: {} }))
    await clientAt(`${server.address}/behind/proxy/`).send({ method: 'GET', path: 'sys/health' })
    expect(server.asked[0]?.url).toBe('/behind/proxy/v1/sys/health')
  })

  it('sends what was asked for, dots and all', async () => {
    await using server = await standIn(() => ({ body: {} }))
    await clientAt(server.address).send({ method: 'GET', path: 'secret/../sys/./mounts' })
    expect(server.asked[0]?.url).toBe('/v1/secret/../sys/./mounts')
  })

  it.each([
    ['LIST', 'list'],
    ['SCAN', 'scan'],
  ] as const)('sends %s as a GET', async (method, parameter) => {
    await using server = await standIn(() => ({ body: {} }))
    await clientAt(server.address).send({ method, path: 'secret', query: { limit: '5' } })
    expect(server.asked[0]).toMatchObject({
      method: 'GET',
      url: `/v1/secret?limit=5&${parameter}=true`.replace('limit=5&list=true', 'limit=5&list=true'),
    })
  })

  it('carries token, namespace, wrapping and own headers', async () => {
    await using server = await standIn(() => ({ body: {} }))
    const client = clientAt(server.address, { namespace: 'team/', headers: { 'X-Own': ['a', 'b'] } })
    await client.send({ method: 'GET', path: 'x', wrapTtl: '60s', headers: { 'X-More': 'c' } })
    expect(server.asked[0]?.headers).toMatchObject({
      'x-vault-token': 'the-token',
      'x-vault-namespace': 'team/',
      'x-vault-wrap-ttl': '60s',
      'x-vault-request': 'true',
      'x-own': 'a, b',
      'x-more': 'c',
    })
  })

  it('carries a JSON body with its length', async () => {
    await using server = await standIn(() => ({ status: 204 }))
    await clientAt(server.address).send({ method: 'POST', path: 'x', body: { a: 'ü<' } })
    expect(server.asked[0]?.body).toBe('{"a":"ü\\u003c"}')
    expect(server.asked[0]?.headers).toMatchObject({ 'content-type': 'application/json', 'content-length': '16' })
  })

  it('calls a PATCH a merge patch', async () => {
    await using server = await standIn(() => ({ status: 204 }))
    await clientAt(server.address).send({ method: 'PATCH', path: 'x', body: {} })
    expect(server.asked[0]?.headers['content-type']).toBe('application/merge-patch+json')
  })

  it('keeps the literals of numbers', async () => {
    await using server = await standIn(() => ({ text: '{"a":1.50,"b":9007199254740993}' }))
    const { body } = await clientAt(server.address).send({ method: 'GET', path: 'x' })
    expect(stringifyJson(body)).toBe('{"a":1.50,"b":9007199254740993}')
  })

  it.each([
    ['an empty body', { text: '' }],
    ['a page of HTML', { text: '<html>', headers: { 'content-type': 'text/html' } }],
    ['JSON that is cut off', { text: '{"a":' }],
  ])('has no parsed body for %s', async (_what, reply) => {
    await using server = await standIn(() => reply)
    const answer = await clientAt(server.address).send({ method: 'GET', path: 'x' })
    expect(answer.body).toBeUndefined()
    expect(answer.text).toBe(reply.text)
  })

  it('gives refusals as answers', async () => {
    await using server = await standIn(() => ({ status: 403, body: { errors: ['permission denied'] } }))
    expect(await clientAt(server.address).send({ method: 'GET', path: 'x' })).toMatchObject({
      status: 403,
      body: { errors: ['permission denied'] },
    })
  })

  it('uses one connection for requests that follow one another', async () => {
    await using server = await standIn(() => ({ body: {} }))
    const client = clientAt(server.address)
    for (let i = 0; i < 5; i++) await client.send({ method: 'GET', path: String(i) })
    client.close()
    expect([server.connections, server.asked.length]).toEqual([1, 5])
  })

  it('opens no more connections than it may', async () => {
    await using server = await standIn(() => ({ body: {} }))
    const client = clientAt(server.address, { connections: 3 })
    await Promise.all(Array.from({ length: 20 }, (_, i) => client.send({ method: 'GET', path: String(i) })))
    client.close()
    expect([server.connections, server.asked.length]).toEqual([3, 20])
  })

  it('speaks through a Unix socket', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lockstep-client-'))
    try {
      await using server = await standIn(() => ({ body: { ok: true } }), { socket: join(folder, 'api.sock') })
      expect((await clientAt(server.address).send({ method: 'GET', path: 'sys/health' })).body).toEqual({ ok: true })
      expect(server.asked[0]?.headers.host).toBe('localhost')
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it.each([
    ['goes through', { http_proxy: 'PROXY' }],
    ['goes past, where NO_PROXY names the host,', { HTTP_PROXY: 'PROXY', NO_PROXY: 'vault.invalid' }],
  ])('%s the proxy of the environment', async (how, env) => {
    await using proxy = await standIn(() => ({ body: { ok: true } }))
    const proxyEnv = Object.fromEntries(Object.entries(env).map(([name, value]) => [name, value.replace('PROXY', proxy.address)]))
    const client = clientAt('http://vault.invalid:8200', { proxyEnv, retries: 0 })
    const asked = client.send({ method: 'GET', path: 'sys/health' })
    if (how === 'goes through') {
      expect((await asked).body).toEqual({ ok: true })
      expect(proxy.asked[0]).toMatchObject({
        url: 'http://vault.invalid:8200/v1/sys/health',
        headers: { host: 'vault.invalid:8200', 'x-vault-token': 'the-token' },
      })
    } else {
      await expect(asked).rejects.toBeInstanceOf(ClientUnreachable)
      expect(proxy.asked).toEqual([])
    }
    client.close()
  })

  it('reaches a loopback address without a proxy', async () => {
    await using proxy = await standIn(() => ({ body: { from: 'proxy' } }))
    await using server = await standIn(() => ({ body: { from: 'server' } }))
    const client = clientAt(server.address, { proxyEnv: { HTTP_PROXY: proxy.address } })
    expect((await client.send({ method: 'GET', path: 'x' })).body).toEqual({ from: 'server' })
    client.close()
  })

  it('refuses an answer that is too large', async () => {
    await using server = await standIn(() => ({ text: JSON.stringify('x'.repeat(5000)) }))
    await expect(clientAt(server.address, { largestAnswer: 1000, retries: 0 }).send({ method: 'GET', path: 'x' })).rejects.toThrow(
      /larger than 1000 bytes/,
    )
  })

  it('rejects an answer that breaks off', async () => {
    await using server = await standIn(() => ({ body: { data: { keys: ['a', 'b'] } }, cutAfter: 10 }))
    await expect(clientAt(server.address, { retries: 0 }).send({ method: 'GET', path: 'x' })).rejects.toBeInstanceOf(ClientUnreachable)
  })

  it('says where nobody answers, without the token and the body', async () => {
    const client = clientAt('http://127.0.0.1:1', { retries: 0, token: 'hvs.secret' })
    const error = await client.send({ method: 'POST', path: 'x', body: { password: 'hunter2' } }).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(ClientUnreachable)
    expect(String(error)).toMatch(/http:\/\/127\.0\.0\.1:1: .*ECONNREFUSED/)
    expect(JSON.stringify(error) + String(error)).not.toMatch(/hvs\.secret|hunter2/)
  })

  it('ends with the reason of a signal that ends it', async () => {
    await using server = await standIn(() => ({ silent: true }))
    const controller = new AbortController()
    const waiting = clientAt(server.address).send({ method: 'GET', path: 'x', signal: controller.signal })
    controller.abort()
    await expect(waiting).rejects.toThrow(/abort/)
  })
})

describe('with', () => {
  it('is the same server over the same connection with another token or namespace', async () => {
    await using server = await standIn(() => ({ body: {} }))
    const client = clientAt(server.address, { namespace: 'a/' })
    await client.send({ method: 'GET', path: '1' })
    await client.with({ token: 'other' }).send({ method: 'GET', path: '2' })
    await client.with({ token: undefined }).send({ method: 'GET', path: '3' })
    await client.with({ namespace: 'b/' }).send({ method: 'GET', path: '4' })
    client.close()
    expect(server.asked.map(({ headers }) => [headers['x-vault-token'], headers['x-vault-namespace']])).toEqual([
      ['the-token', 'a/'],
      ['other', 'a/'],
      [undefined, 'a/'],
      ['the-token', 'b/'],
    ])
    expect(server.connections).toBe(1)
  })
})

describe('createClient', () => {
  it.each([['nonsense'], ['ftp://host'], ['http://user:password@host']])('refuses the address %s', address => {
    expect(() => clientAt(address)).toThrow(ClientMisconfigured)
  })

  it('refuses a token that no header can carry, and does not show it', () => {
    const make = (): unknown =>
      createClient({ address: 'http://127.0.0.1:1', token: 'hvs.secret\n', clock: eagerClock(), random: steadyRandom() })
    expect(make).toThrow(ClientMisconfigured)
    expect(make).not.toThrow(/hvs/)
  })
})

describe('TLS', () => {
  const own = selfSigned()
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-tls-'))
  writeFileSync(join(folder, 'ca.pem'), own.cert)

  it.each([
    ['a CA file', { caCert: join(folder, 'ca.pem') }],
    ['a folder of CA files', { caPath: folder }],
    ['a CA given as text', { caCertPem: own.cert }],
    ['no verification', { skipVerify: true }],
  ])('trusts by %s', async (_how, tls) => {
    await using server = await standIn(() => ({ body: { ok: true } }), { tls: own })
    const client = clientAt(server.address, { tls })
    expect((await client.send({ method: 'GET', path: 'x' })).body).toEqual({ ok: true })
    client.close()
  })

  it('trusts no other certificate, says why, and does not ask again', async () => {
    await using server = await standIn(() => ({ body: {} }), { tls: own })
    const clock = eagerClock()
    await expect(
      clientAt(server.address, { tls: { caCertPem: selfSigned().cert }, clock }).send({ method: 'GET', path: 'x' }),
    ).rejects.toThrow(/self-signed certificate|unable to verify/)
    expect([server.asked.length, clock.waits]).toEqual([0, []])
  })

  it('expects the server name that it is told', async () => {
    await using server = await standIn(() => ({ body: {} }), { tls: own })
    const client = clientAt(server.address, { tls: { caCertPem: own.cert, serverName: 'elsewhere.example' } })
    await expect(client.send({ method: 'GET', path: 'x' })).rejects.toThrow(/elsewhere\.example/)
  })

  it.each([
    ['a CA file that is not there', { caCert: join(folder, 'none.pem') }, /none\.pem/],
    ['a certificate without its key', { clientCertPem: own.cert }, /go together/],
  ])('refuses %s', async (_what, tls, message) => {
    await using server = await standIn(() => ({ body: {} }), { tls: own })
    const error = await clientAt(server.address, { tls })
      .send({ method: 'GET', path: 'x' })
      .catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(ClientMisconfigured)
    expect(String(error)).toMatch(message)
  })
})
