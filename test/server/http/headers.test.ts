import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ask, serving, type Serving } from './serving.ts'

const vectors = <T>(name: string): T => JSON.parse(readFileSync(new URL(`../../vectors/http/${name}`, import.meta.url), 'utf8')) as T

interface WrapTtl {
  readonly header: string
  readonly refused: string | null
  readonly wraps: number | null
}
interface PatchType {
  readonly header: string | null
  readonly status: number | null
  readonly refused: string | null
}

let server: Serving
beforeAll(async () => void (server = await serving()))
afterAll(() => server.close())
beforeEach(() => void (server.core.asked.length = 0))

describe('the header X-Vault-Wrap-TTL', () => {
  for (const { header, refused, wraps } of vectors<readonly WrapTtl[]>('wrap-ttl.json'))
    it(`"${header}" ${refused === null ? (wraps === null ? 'wraps nothing' : `wraps for ${wraps} seconds`) : 'is refused in the words of the peer'}`, async () => {
      const answer = await ask(server.port, { path: '/v1/a', headers: { 'X-Vault-Token': 't', 'X-Vault-Wrap-TTL': header } })
      if (refused !== null) {
        expect(answer.status).toBe(400)
        expect(JSON.parse(answer.body)).toEqual({ errors: [refused] })
      } else {
        expect(answer.status).toBe(200)
        // The peer's tokens of less than a second are spent before they arrive.
        expect(server.core.asked[0]?.wrap?.ttl ?? null).toBe(wraps === null ? null : Math.max(1, wraps))
      }
    })

  it('asks for a JWT only when the format says exactly jwt', async () => {
    for (const format of ['jwt', 'JWT', '', 'bogus'])
      await ask(server.port, { path: '/v1/a', headers: { 'X-Vault-Wrap-TTL': '10', 'X-Vault-Wrap-Format': format } })
    expect(server.core.asked.map(it => it.wrap?.format)).toEqual(['jwt', 'token', 'token', 'token'])
  })
})

describe('the content type of a PATCH', () => {
  for (const { header, status, refused } of vectors<readonly PatchType[]>('patch-types.json'))
    it(`${header === null ? 'absent' : `"${header}"`} is ${status === null ? 'taken' : 'refused in the words of the peer'}`, async () => {
      const headers: Record<string, string> = header === null ? {} : { 'Content-Type': header }
      const answer = await ask(server.port, { method: 'PATCH', path: '/v1/a', headers, body: '{"a":null}' })
      if (status === null) expect(server.core.asked[0]).toMatchObject({ op: 'patch', data: { a: null } })
      else {
        expect(answer.status).toBe(status)
        expect(JSON.parse(answer.body)).toEqual({ errors: [refused] })
      }
    })
})

describe('the token of a request', () => {
  const cases: readonly (readonly [name: string, headers: Readonly<Record<string, string>>, token: string | undefined])[] = [
    ['comes from X-Vault-Token', { 'X-Vault-Token': 'a' }, 'a'],
    ['loses the blanks around it', { 'X-Vault-Token': ' a ' }, 'a'],
    ['comes from Authorization: Bearer', { Authorization: 'Bearer a' }, 'a'],
    ['loses blanks behind Bearer', { Authorization: 'Bearer   a ' }, 'a'],
    ['is that of X-Vault-Token when there are both', { 'X-Vault-Token': 'a', Authorization: 'Bearer b' }, 'a'],
    ['is that of Authorization when X-Vault-Token is empty', { 'X-Vault-Token': '', Authorization: 'Bearer b' }, 'b'],
    ['is none behind bearer', { Authorization: 'bearer a' }, undefined],
    ['is none behind Basic', { Authorization: 'Basic YQ==' }, undefined],
    ['is none behind nothing', { Authorization: 'Bearer ' }, undefined],
    ['is none in X-Bao-Token', { 'X-Bao-Token': 'a' }, undefined],
    ['is none without a header', {}, undefined],
  ]
  for (const [name, headers, token] of cases)
    it(name, async () => {
      await ask(server.port, { path: '/v1/a', headers })
      expect(server.core.asked[0]?.token).toBe(token)
    })
})

describe('the header X-Vault-Namespace', () => {
  it('goes to core as it stands, and back', async () => {
    const answer = await ask(server.port, { path: '/v1/a', headers: { 'X-Vault-Namespace': 'team-a/' } })
    expect(server.core.asked[0]?.namespace).toBe('team-a/')
    expect(answer.headers['x-vault-namespace']).toBe('team-a/')
  })
})

describe('a listener that requires the header X-Vault-Request', () => {
  it('refuses what lacks it, health too, and takes the rest', async () => {
    const strict = await serving({ handler: { requireRequestHeader: true } })
    const without = await ask(strict.port, { path: '/v1/sys/health' })
    const wrong = await ask(strict.port, { path: '/v1/sys/health', headers: { 'X-Vault-Request': '1' } })
    const right = await ask(strict.port, { path: '/v1/sys/health', headers: { 'X-Vault-Request': 'true' } })
    expect([without.status, wrong.status, right.status]).toEqual([412, 412, 200])
    expect(JSON.parse(without.body)).toEqual({ errors: ["missing 'X-Vault-Request' header"] })
    await strict.close()
  })
})
