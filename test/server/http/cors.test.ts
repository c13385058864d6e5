import { afterEach, describe, expect, it } from 'vitest'
import type { CorsConfig } from '../../../src/server/logical/index.ts'
import { ask, serving, type Serving } from './serving.ts'

const cors: CorsConfig = { allowedOrigins: ['https://a.example'], allowedHeaders: ['X-Vault-Token', 'X-Foo'], allowCredentials: false }

describe('a web page', () => {
  let server: Serving
  afterEach(() => server.close())

  async function serve(config: CorsConfig | undefined): Promise<number> {
    server = await serving()
    Object.assign(server.core, { cors: config })
    return server.port
  }

  it('of an origin that is not let in reaches nothing, not even what is open to all', async () => {
    const port = await serve(cors)
    const evil = { Origin: 'https://evil.example' }
    expect((await ask(port, { path: '/v1/secret/x', headers: evil })).status).toBe(403)
    expect(await ask(port, { path: '/v1/sys/health', headers: evil })).toMatchObject({
      status: 403,
      body: '{"errors":["origin not allowed"]}\n',
    })
    expect(server.core.asked).toEqual([])
  })

  it('of an allowed origin is told so, whatever the answer is', async () => {
    const port = await serve(cors)
    const answer = await ask(port, { path: '/v1/secret/x', headers: { Origin: 'https://a.example' } })
    expect(answer.headers).toMatchObject({ 'access-control-allow-origin': 'https://a.example', vary: 'Origin' })
    expect(answer.headers['access-control-allow-credentials']).toBeUndefined()
  })

  it('is let ask beforehand, without a token and without core', async () => {
    const port = await serve(cors)
    const headers = { Origin: 'https://a.example', 'Access-Control-Request-Method': 'LIST' }
    const answer = await ask(port, { method: 'OPTIONS', path: '/v1/secret/x', headers })
    expect(answer.status).toBe(200)
    expect(answer.headers['access-control-allow-headers']).toBe('X-Vault-Token,X-Foo')
    expect(server.core.asked).toEqual([])
  })

  it('is nobody to a server that was told of no origins', async () => {
    const port = await serve(undefined)
    const answer = await ask(port, { path: '/v1/secret/x', headers: { Origin: 'https://a.example' } })
    expect([answer.status, answer.headers['access-control-allow-origin']]).toEqual([200, undefined])
  })
})
