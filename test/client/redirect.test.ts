import { describe, expect, it } from 'vitest'
import { ApiError } from '../../src/client/index.ts'
import { selfSigned } from './certificate.ts'
import { clientAt, standIn } from './stand-in.ts'

describe('a redirect', () => {
  it('is followed on the same server, with method, body and token', async () => {
    await using server = await standIn(({ url }) =>
      url === '/v1/old' ? { status: 307, headers: { location: '/v1/new?a=b' } } : { body: { ok: true } },
    )
    const answer = await clientAt(server.address).send({ method: 'POST', path: 'old', body: { a: 1 } })
    expect(answer).toMatchObject({ status: 200, url: `${server.address}/v1/new?a=b` })
    expect(server.asked[1]).toMatchObject({
      method: 'POST',
      url: '/v1/new?a=b',
      body: '{"a":1}',
      headers: { 'x-vault-token': 'the-token' },
    })
  })

  it('is followed to the host that the server names as its active node, and asked about once', async () => {
    await using active = await standIn(() => ({ body: { from: 'active' } }))
    await using standby = await standIn(({ url }) =>
      url === '/v1/sys/leader'
        ? { body: { ha_enabled: true, leader_address: active.address } }
        : { status: 307, headers: { location: `${active.address}${url}` } },
    )
    const client = clientAt(standby.address)
    for (const path of ['a', 'b']) expect((await client.send({ method: 'PUT', path, body: {} })).body).toEqual({ from: 'active' })
    expect(standby.asked.map(it => it.url)).toEqual(['/v1/a', '/v1/sys/leader', '/v1/b'])
    expect(standby.asked[1]?.headers['x-vault-token']).toBeUndefined()
    expect(active.asked.map(it => it.headers['x-vault-token'])).toEqual(['the-token', 'the-token'])
  })

  it('to any other host is refused, and the token does not go there', async () => {
    await using thief = await standIn(() => ({ body: { from: 'thief' } }))
    await using server = await standIn(({ url }) =>
      url === '/v1/sys/leader'
        ? { body: { leader_address: 'http://127.0.0.1:2' } }
        : { status: 307, headers: { location: `${thief.address}/v1/x` } },
    )
    const error = await clientAt(server.address)
      .send({ method: 'GET', path: 'x' })
      .catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(ApiError)
    expect(error).toMatchObject({
      status: 307,
      errors: [`redirect refused: it leads to ${thief.address}, which the server does not name as its active node`],
    })
    expect(thief.asked).toEqual([])
  })

  it('is refused when the server names no active node', async () => {
    await using thief = await standIn(() => ({ body: {} }))
    await using server = await standIn(({ url }) =>
      url === '/v1/sys/leader' ? { status: 503, body: { errors: [] } } : { status: 302, headers: { location: thief.address } },
    )
    await expect(clientAt(server.address).send({ method: 'GET', path: 'x' })).rejects.toBeInstanceOf(ApiError)
    expect(thief.asked).toEqual([])
  })

  it('is refused when it leads away from TLS', async () => {
    await using plain = await standIn(() => ({ body: {} }))
    await using server = await standIn(() => ({ status: 307, headers: { location: `${plain.address}/v1/x` } }), { tls: selfSigned() })
    const client = clientAt(server.address, { tls: { skipVerify: true } })
    await expect(client.send({ method: 'GET', path: 'x' })).rejects.toThrow('it leads away from TLS')
    client.close()
    expect(plain.asked).toEqual([])
  })

  it('is followed once', async () => {
    await using server = await standIn(({ url }) => ({ status: 307, headers: { location: `${url}+` }, body: {} }))
    expect(await clientAt(server.address).send({ method: 'GET', path: 'x' })).toMatchObject({ status: 307, url: `${server.address}/v1/x+` })
  })

  it('is left to the caller who wants none followed', async () => {
    await using server = await standIn(() => ({ status: 307, headers: { location: '/v1/y' }, body: {} }))
    expect((await clientAt(server.address, { followRedirects: false }).send({ method: 'GET', path: 'x' })).status).toBe(307)
    expect(server.asked.length).toBe(1)
  })
})
