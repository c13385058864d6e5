import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { InitParameters } from '../../../src/server/logical/index.ts'
import { ask, type Answer, serving, type Serving } from './serving.ts'

let server: Serving
beforeAll(async () => void (server = await serving()))
afterAll(() => server.close())
beforeEach(() => {
  server.core.sealed = false
  server.core.initialised = true
})

const get = (path: string): Promise<Answer> => ask(server.port, { path: `/v1/${path}` })
const body = (answer: Answer): Record<string, unknown> => JSON.parse(answer.body) as Record<string, unknown>

describe('sys/health', () => {
  const states = {
    active: [false, true],
    sealed: [true, true],
    uninitialised: [true, false],
  } as const
  const cases: readonly (readonly [state: keyof typeof states, query: string, status: number])[] = [
    ['active', '', 200],
    ['sealed', '', 503],
    ['uninitialised', '', 501],
    ['active', '?activecode=299', 299],
    ['sealed', '?sealedcode=200', 200],
    ['uninitialised', '?uninitcode=200&uninitcode=300', 200],
    ['active', '?sealedcode=299&uninitcode=298&standbycode=297', 200],
    ['active', '?standbyok=true&perfstandbyok=true', 200],
    ['active', '?standbyok', 200],
    ['active', '?standbyok=maybe', 400],
    ['active', '?activecode=x', 400],
    ['active', '?sealedcode=x', 400],
    ['active', '?activecode=', 400],
    ['active', '?activecode=99', 400],
    ['active', '?activecode=1000', 400],
    ['active', '?sealedcode=1000', 200],
    ['active', '?activecode=204', 204],
  ]
  for (const [state, query, status] of cases)
    it(`of ${state} answers ${status} to "${query}"`, async () => {
      const [sealed, initialised] = states[state]
      Object.assign(server.core, { sealed, initialised })
      expect((await get(`sys/health${query}`)).status).toBe(status)
    })

  it('says who it is, in the order of the peer, and our own version last', async () => {
    const answer = body(await get('sys/health'))
    expect(Object.keys(answer)).toEqual([
      'initialized',
      'sealed',
      'standby',
      'replication_performance_mode',
      'replication_dr_mode',
      'server_time_utc',
      'version',
      'cluster_name',
      'cluster_id',
      'lockstep_version',
    ])
    expect(answer).toMatchObject({ version: '2.7.2', lockstep_version: '0.1.0', replication_dr_mode: 'disabled', standby: false })
    expect(Math.abs((answer['server_time_utc'] as number) - Date.now() / 1000)).toBeLessThan(60)
  })

  it('knows neither cluster nor standby while sealed', async () => {
    server.core.sealed = true
    const answer = body(await get('sys/health'))
    expect(answer).toMatchObject({ sealed: true, standby: true, replication_performance_mode: 'unknown', replication_dr_mode: 'unknown' })
    expect(answer).not.toHaveProperty('cluster_name')
  })

  it('never asks core, whatever token comes with it', async () => {
    server.core.asked.length = 0
    expect((await ask(server.port, { path: '/v1/sys/health', headers: { 'X-Vault-Token': 'bogus' } })).status).toBe(200)
    expect(server.core.asked).toEqual([])
  })
})

describe('sys/seal-status', () => {
  it('shows the facts of the operator', async () => {
    expect(body(await get('sys/seal-status'))).toEqual({
      type: 'shamir',
      initialized: true,
      sealed: false,
      t: 2,
      n: 3,
      progress: 0,
      nonce: '',
      recovery_seal: false,
      version: '2.7.2',
      migration: false,
      cluster_name: 'vault-cluster-1',
      cluster_id: 'c1',
      storage_type: 'inmem',
      lockstep_version: '0.1.0',
    })
  })
})

describe('sys/init', () => {
  it('says whether it was done', async () => {
    server.core.initialised = false
    expect(await get('sys/init')).toMatchObject({ status: 200, body: '{"initialized":false}\n' })
  })

  it('asks the operator, and shows keys and token', async () => {
    const seen: InitParameters[] = []
    const operator = { ...server.core.operator, initialise: server.core.operator.initialise }
    const other = await serving()
    Object.assign(other.core.operator, {
      initialise: async (parameters: InitParameters) => {
        seen.push(parameters)
        return await operator.initialise(parameters)
      },
    })
    const answer = await ask(other.port, {
      method: 'PUT',
      path: '/v1/sys/init',
      body: '{"secret_shares":5,"SECRET_THRESHOLD":3,"other":1}',
    })
    expect(answer).toMatchObject({ status: 200, body: '{"keys":["00"],"keys_base64":["AA=="],"root_token":"hvs.made"}\n' })
    expect(seen).toMatchObject([{ secretShares: 5, secretThreshold: 3 }])
    await other.close()
  })
})

describe('sys/unseal', () => {
  it('gives the key to the operator, and answers with the status', async () => {
    const keys: string[] = []
    const other = await serving()
    const { unseal } = other.core.operator
    Object.assign(other.core.operator, {
      unseal: (key: string) => {
        keys.push(key)
        return unseal(key)
      },
    })
    other.core.sealed = true
    const answer = await ask(other.port, { method: 'POST', path: '/v1/sys/unseal', body: '{"key":"abcd","migrate":false}' })
    expect(answer.status).toBe(200)
    expect(body(answer)).toMatchObject({ sealed: true, t: 2, n: 3 })
    expect(keys).toEqual(['abcd'])
    await other.close()
  })

  it('forgets the shares given so far when told to reset', async () => {
    server.core.sealed = true
    expect((await ask(server.port, { method: 'PUT', path: '/v1/sys/unseal', body: '{"reset":true}' })).status).toBe(200)
  })
})

describe('sys/seal', () => {
  it('has nothing to do while sealed', async () => {
    server.core.sealed = true
    expect((await ask(server.port, { method: 'PUT', path: '/v1/sys/seal' })).status).toBe(204)
  })

  it('is a matter of core while unsealed', async () => {
    server.core.asked.length = 0
    await ask(server.port, { method: 'PUT', path: '/v1/sys/seal', headers: { 'X-Vault-Token': 't' } })
    expect(server.core.asked[0]).toMatchObject({ op: 'write', path: 'sys/seal', token: 't' })
  })
})
