/** People log in through a browser, by a provider that others wrote: oidc-provider, which is certified by the OpenID Foundation. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Provider } from 'oidc-provider'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { MountedJwt, type Told } from './mounted.ts'

const CALLBACK = 'http://localhost:8250/oidc/callback'
let server: Server
let issuer: string
beforeAll(async () => {
  server = createServer()
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: 'lockstep',
        client_secret: 'a secret: with + and /',
        redirect_uris: [CALLBACK, 'http://127.0.0.1:8200/v1/auth/jwt/oidc/callback'],
        application_type: 'native',
        grant_types: ['authorization_code', 'urn:ietf:params:oauth:grant-type:device_code'],
      },
    ],
    claims: { openid: ['sub'], profile: ['name', 'groups'] },
    features: { deviceFlow: { enabled: true } },
    findAccount: (_context, id) => ({ accountId: id, claims: () => ({ sub: id, name: `${id} of payments`, groups: ['ops', 'dev'] }) }),
    pkce: { required: () => true },
  })
  server.on('request', provider.callback())
})
afterAll(() => new Promise(done => server.close(done)))

/** Follows a login as a browser does: cookies, redirects and the provider's own forms, until it is sent back to us. */
async function browse(start: string, user = 'ann'): Promise<URL> {
  const jar = new Map<string, string>()
  let [url, body]: [string, string | undefined] = [start, undefined]
  for (let i = 0; i < 20; i++) {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    const answer = await fetch(url, {
      redirect: 'manual',
      headers: { cookie, ...(body !== undefined && form) },
      ...(body !== undefined && { method: 'POST', body }),
    })
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      jar.set(name, value)
    }
    body = undefined
    const location = answer.headers.get('location')
    const page = await answer.text()
    if (location !== null) {
      url = new URL(location, url).href
      if (!url.startsWith(issuer)) return new URL(url)
      continue
    }
    const [, action = ''] = /action="([^"]+)"/.exec(page) ?? []
    const [, prompt = ''] = /name="prompt" value="([^"]+)"/.exec(page) ?? []
    if (action === '' || prompt === '') throw new Error(`the provider shows no form: ${answer.status} ${page.slice(0, 400)}`)
    url = new URL(action, url).href
    body = new URLSearchParams({ prompt, ...(prompt === 'login' && { login: user, password: 'x' }) }).toString()
  }
  throw new Error('the provider sends in circles')
}

const role = {
  user_claim: 'sub',
  allowed_redirect_uris: [CALLBACK],
  oidc_scopes: 'profile',
  token_policies: 'people',
  groups_claim: 'groups',
}
async function mounted(more: object = {}): Promise<MountedJwt> {
  const at = new MountedJwt()
  const client = { oidc_client_id: 'lockstep', oidc_client_secret: 'a secret: with + and /' }
  expect(await at.ask('write', 'config', { oidc_discovery_url: issuer, ...client, default_role: 'r' })).toEqual({ status: 204 })
  expect((await at.ask('write', 'role/r', { ...role, ...more })).status).toBeLessThan(300)
  return at
}
async function begin(at: MountedJwt, more: object = {}): Promise<Readonly<Record<string, string>>> {
  const told = await at.ask('write', 'oidc/auth_url', { redirect_uri: CALLBACK, client_nonce: 'n', ...more })
  return told.data as Readonly<Record<string, string>>
}
const end = (at: MountedJwt, back: URL, more: object = {}): Promise<Told> =>
  at.ask('read', 'oidc/callback', { ...Object.fromEntries(back.searchParams), client_nonce: 'n', ...more })

describe('a login through the browser', () => {
  it('ends with a token on the terms of the role', async () => {
    const at = await mounted({ claim_mappings: { name: 'name' }, bound_claims: { groups: 'ops' } })
    const { auth_url: url = '' } = await begin(at)
    expect(new URL(url).searchParams.get('code_challenge_method')).toBe('S256')
    const { grant } = await end(at, await browse(url))
    expect(grant).toMatchObject({ policies: ['people'], displayName: 'ann', groupAliases: ['ops', 'dev'] })
    expect(grant?.metadata).toEqual({ role: 'r', name: 'ann of payments' })
    expect(at.logged.join()).not.toContain('secret')
  })

  it('ends once', async () => {
    const at = await mounted()
    const back = await browse((await begin(at))['auth_url'] ?? '')
    expect((await end(at, back)).status).toBe(200)
    expect(await end(at, back)).toEqual({ status: 400, errors: ['OpenBao login failed. Expired or missing OAuth state.'] })
  })

  it('is forgotten after ten minutes', async () => {
    const at = await mounted()
    const back = await browse((await begin(at))['auth_url'] ?? '')
    at.clock.advance(10 * 60_000)
    expect((await end(at, back)).errors).toEqual(['OpenBao login failed. Expired or missing OAuth state.'])
  })

  it('is not ended by whoever does not know the nonce of the client', async () => {
    const at = await mounted()
    const back = await browse((await begin(at))['auth_url'] ?? '')
    expect((await end(at, back, { client_nonce: 'm' })).errors).toEqual(['invalid client_nonce'])
    expect((await end(at, back)).status).toBe(400)
  })

  it('is not ended by the code of another login', async () => {
    const at = await mounted()
    const mine = await browse((await begin(at))['auth_url'] ?? '')
    const other = await browse((await begin(at))['auth_url'] ?? '', 'mallory')
    const mixed = new URL(mine)
    mixed.searchParams.set('code', other.searchParams.get('code') ?? '')
    const told = await end(at, mixed)
    expect(told.grant).toBeUndefined()
    expect(told.errors?.[0]).toContain('Error exchanging oidc code')
  })

  it('tells why the provider refuses, in known words only', async () => {
    const at = await mounted()
    const known = { state: '', error: 'access_denied', error_description: '<script>alert(1)</script>' }
    const first = new URL((await begin(at))['auth_url'] ?? '').searchParams.get('state') ?? ''
    expect((await at.ask('read', 'oidc/callback', { ...known, state: first })).errors).toEqual(['OpenBao login failed. access_denied'])
    const second = new URL((await begin(at))['auth_url'] ?? '').searchParams.get('state') ?? ''
    const odd = await at.ask('read', 'oidc/callback', { state: second, error: '<script>alert(1)</script>' })
    expect(odd.errors?.[0]).toContain('An unknown error occurred')
    expect(JSON.stringify([odd, at.logged])).not.toContain('<script>')
  })

  it('demands what the role binds', async () => {
    for (const more of [
      { bound_subject: 'bob' },
      { bound_claims: { groups: 'admins' } },
      { bound_audiences: 'other' },
      { token_bound_cidrs: '192.0.2.0/24' },
    ]) {
      const at = await mounted(more)
      const told = await end(at, await browse((await begin(at))['auth_url'] ?? ''))
      expect(told.grant).toBeUndefined()
      expect(told.status).toBeGreaterThanOrEqual(400)
    }
  })

  it('goes nowhere for a redirect URI that is not allowed', async () => {
    const at = await mounted()
    for (const uri of [
      'https://evil.example/',
      'http://localhost:8250/oidc/callback/',
      'http://localhost@evil.example/oidc/callback',
      'http://localhost:8250@evil.example/oidc/callback',
      'http://LOCALHOST/oidc/callback',
      '//localhost/oidc/callback',
      'javascript:alert(1)',
    ]) {
      expect((await begin(at, { redirect_uri: uri }))['auth_url']).toBe('')
    }
    expect((await begin(at, { redirect_uri: 'http://localhost:9999/oidc/callback' }))['auth_url']).not.toBe('')
  })
})

describe('a login that this server takes back itself (CVE-2026-33757, CVE-2026-33758)', () => {
  const DIRECT = 'http://127.0.0.1:8200/v1/auth/jwt/oidc/callback'
  const direct = { callback_mode: 'direct', allowed_redirect_uris: [DIRECT] }

  it('asks to be confirmed, and gives the token to whoever began it, once', async () => {
    const at = await mounted(direct)
    const { auth_url: url = '', state = '', poll_interval: interval } = await begin(at, { redirect_uri: DIRECT })
    expect(interval).toBe('5')
    const poll = (nonce: string): Promise<Told> => at.ask('write', 'oidc/poll', { state, client_nonce: nonce })
    expect((await poll('n')).errors).toEqual(['authorization_pending'])
    const back = await browse(url)
    const asked = await end(at, back)
    expect(asked.page).toContain('Somebody at the address')
    expect(asked.page).not.toContain(back.searchParams.get('code'))
    expect((await poll('n')).errors).toEqual(['authorization_pending'])
    const done = await at.ask('read', 'oidc/callback', { state, confirmation: 'yes' })
    expect(done).toMatchObject({ status: 200 })
    expect(done.page).toContain('You are logged in')
    expect((await end(at, back)).status).toBe(400)
    expect((await poll('n')).grant).toMatchObject({ displayName: 'ann' })
    expect((await poll('n')).status).toBe(400)
  })

  it('writes nothing of a request into a page', async () => {
    const at = await mounted({ ...direct, oidc_disable_confirmation: true })
    const { state = '' } = await begin(at, { redirect_uri: DIRECT })
    const marker = '"><script>alert(1)</script>'
    for (const more of [{ error: marker }, { error: marker, error_description: marker }, { code: marker }]) {
      const told = await at.ask('read', 'oidc/callback', { state, ...more })
      expect(told.status).toBe(400)
      expect(told.page).toContain('The login failed')
      expect(told.page).not.toContain('alert(1)')
    }
  })
})

it('a login by a device code waits for the user, whatever machine the browser is on', async () => {
  const at = await mounted({ callback_mode: 'device', groups_claim: '' })
  const told = await begin(at)
  expect(told['auth_url']).toContain(issuer)
  const poll = await at.ask('write', 'oidc/poll', { state: told['state'] ?? '', client_nonce: 'n' })
  expect(poll).toEqual({ status: 400, errors: ['authorization_pending'] })
  expect((await at.ask('write', 'oidc/poll', { state: told['state'] ?? '', client_nonce: 'm' })).errors).toEqual(['invalid client_nonce'])
})
