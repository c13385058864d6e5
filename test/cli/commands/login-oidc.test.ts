import { createServer, type Server } from 'node:http'
import { createServer as createProbe, type AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { dispatch } from '../../../src/cli/index.ts'
import { stage, type Stage } from '../context.ts'

const AUTH = {
  client_token: 'hvs.token',
  accessor: 'a',
  policies: ['default'],
  token_policies: ['default'],
  lease_duration: 60,
  renewable: true,
}
interface Asked {
  readonly method: string
  readonly url: URL
  readonly body: Readonly<Record<string, unknown>>
}
let server: Server
let asked: Asked[]
let direct: boolean
let pending: number
beforeEach(async () => {
  asked = []
  direct = false
  pending = 0
  server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const url = new URL(request.url ?? '/', 'http://server')
      const text = Buffer.concat(chunks).toString()
      asked.push({ method: request.method ?? '', url, body: text === '' ? {} : (JSON.parse(text) as Asked['body']) })
      const say = (status: number, body: unknown): void =>
        void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
      if (url.pathname.endsWith('/oidc/auth_url')) {
        say(200, { data: { auth_url: 'https://provider.example/authorize', ...(direct && { state: 'st', poll_interval: '1' }) } })
      } else if (url.pathname.endsWith('/oidc/poll') && pending-- > 0) say(400, { errors: ['authorization_pending'] })
      else if (url.searchParams.get('code') === 'wrong') say(400, { errors: ['OpenBao login failed. Expired or missing OAuth state.'] })
      else say(200, { auth: AUTH })
    })
  })
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
})
afterEach(() => new Promise(done => server.close(done)))

const address = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`
async function freePort(): Promise<number> {
  const probe = createProbe()
  await new Promise<void>(done => probe.listen(0, 'localhost', done))
  const { port } = probe.address() as AddressInfo
  await new Promise(done => probe.close(done))
  return port
}
const login = (at: Stage, ...config: readonly string[]): Promise<number> =>
  dispatch(at.ctx, ['login', '-method=oidc', '-no-store', `-address=${address()}`, 'skip_browser=true', ...config])

/** What the browser asks for, as soon as somebody listens. */
async function browser(port: number, query: string, init: RequestInit = {}): Promise<Response> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await fetch(`http://localhost:${port}/oidc/callback${query}`, init)
    } catch (cause) {
      if (attempt === 200) throw cause
      await delay(10)
    }
  }
}

describe('login -method=oidc', () => {
  it('listens for the browser, and shows the token', async () => {
    const [at, port] = [stage(), await freePort()]
    const done = login(at, `port=${port}`, 'role=dev')
    const shown = await browser(port, '?state=st&code=c')
    expect(await shown.text()).toContain('You are logged in')
    expect(await done).toBe(0)
    expect(at.stdout()).toContain('hvs.token')
    expect(at.stderr()).toContain('https://provider.example/authorize')
    const [begun, ended] = asked
    expect(begun?.body).toMatchObject({ role: 'dev', redirect_uri: `http://localhost:${port}/oidc/callback` })
    expect(Object.fromEntries(ended?.url.searchParams ?? [])).toEqual({ state: 'st', code: 'c', client_nonce: begun?.body['client_nonce'] })
  })

  it('says why a login fails, and writes nothing of a request into its page', async () => {
    const [at, port] = [stage(), await freePort()]
    const done = login(at, `port=${port}`, 'callbackhost=workstation.example', 'callbackport=9000')
    const shown = await browser(port, '?state=%3Cscript%3E&code=wrong')
    expect(shown.status).toBe(400)
    expect(await shown.text()).not.toContain('<script>')
    expect(await done).toBe(2)
    expect(at.stderr()).toContain('Expired or missing OAuth state')
    expect(asked[0]?.body['redirect_uri']).toBe('http://workstation.example:9000/oidc/callback')
  })

  it('asks until a direct login is done', async () => {
    direct = true
    pending = 1
    const at = stage()
    expect(await login(at, 'callbackmode=direct')).toBe(0)
    expect(asked.filter(it => it.url.pathname.endsWith('/oidc/poll'))).toHaveLength(2)
    expect(asked[0]?.body['redirect_uri']).toBe(`${address()}/v1/auth/oidc/oidc/callback`)
  })

  it('refuses a mode that is none, and one that the role does not have', async () => {
    const at = stage()
    expect(await login(at, 'callbackmode=bogus')).toBe(2)
    expect(at.stderr()).toContain('callbackmode')
    direct = true
    const other = stage()
    expect(await login(other)).toBe(2)
    expect(other.stderr()).toContain('another callback mode')
  })
})
