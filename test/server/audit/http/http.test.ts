import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../../../src/kernel/index.ts'
import { http } from '../../../../src/server/audit/http/index.ts'
import type { AuditDevice } from '../../../../src/server/audit/index.ts'

const open = (options: Readonly<Record<string, string>>): Promise<AuditDevice> => http.open(options, { clock: systemClock })

describe('the HTTP device', () => {
  let server: Server
  let uri: string
  const heard: { readonly body: string; readonly request: IncomingMessage }[] = []
  beforeEach(async () => {
    heard.length = 0
    server = createServer((request, response) => {
      let body = ''
      request.on('data', (chunk: Buffer) => (body += chunk.toString()))
      request.on('end', () => {
        heard.push({ body, request })
        response.writeHead(request.url === '/no' ? 405 : request.url === '/away' ? 302 : 204, { location: '/' }).end()
      })
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    uri = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterEach(async () => {
    server.closeAllConnections()
    await new Promise(resolve => server.close(resolve))
  })

  it('posts each entry with the headers that were asked for', async () => {
    const device = await open({ uri: `${uri}/in`, headers: '{"x-key":["a","b"]}' })
    await device.write('{"one":1}\n')
    expect(heard[0]).toMatchObject({ body: '{"one":1}\n', request: { method: 'POST', url: '/in', headers: { 'x-key': 'a, b' } } })
  })

  it('takes no other answer than 2xx for a yes, and follows nobody elsewhere', async () => {
    await expect((await open({ uri: `${uri}/no` })).write('a\n')).rejects.toThrow('failed to perform request: status code not 2xx: 405')
    await expect((await open({ uri: `${uri}/away` })).write('a\n')).rejects.toThrow('failed to perform request')
  })

  it('says why nobody answers', async () => {
    const device = await open({ uri: 'http://127.0.0.1:1/' })
    await expect(device.write('a\n')).rejects.toThrow(
      'failed to perform request: Post "http://127.0.0.1:1/": dial tcp 127.0.0.1:1: connect: connection refused',
    )
  })

  it.each([
    [{}, 'uri is required'],
    [{ uri: '::' }, 'failed to resolve uri'],
    [{ uri: 'http://127.0.0.1:1/', headers: 'x' }, 'failed to parse headers'],
    [{ uri: 'http://127.0.0.1:1/', headers: '{"a":"b"}' }, 'failed to parse headers: a: expected a list of strings'],
  ])('refuses %j', async (options, why) => {
    await expect(open(options as Readonly<Record<string, string>>)).rejects.toThrow(why)
  })
})
