import { randomBytes, randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ManualClock, SecretBytes, type LogLevel } from '../../../../src/kernel/index.ts'
import type { KeyKeeper } from '../../../../src/server/seal/index.ts'
import { transitSeal } from '../../../../src/server/seal/transit/index.ts'

const secret = SecretBytes.from(Buffer.alloc(32, 9))

interface Asked {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

describe('the seal "transit"', () => {
  let kms: Server
  let address = ''
  let asked: Asked[]
  let answer: (it: Asked) => { readonly status: number; readonly body: string }
  let clock: ManualClock
  let log: { readonly level: LogLevel; readonly message: string; readonly facts: unknown }[]
  let keepers: KeyKeeper[]

  /** As a transit engine would, with the plaintext for a ciphertext. */
  const good = ({ path, body }: Asked): { status: number; body: string } => {
    const given = (body === '' ? {} : JSON.parse(body)) as { readonly plaintext?: string; readonly ciphertext?: string }
    if (path.endsWith('/encrypt/k')) return json({ data: { ciphertext: `vault:v3:${given.plaintext ?? ''}`, key_version: 3 } })
    if (path.endsWith('/decrypt/k')) return json({ data: { plaintext: given.ciphertext?.split(':')[2] } })
    if (path === '/v1/auth/token/lookup-self') return json({ data: { ttl: 90, renewable: true } })
    if (path === '/v1/auth/token/renew-self') return json({ auth: { lease_duration: 90 } })
    return { status: 404, body: '{"errors":[]}' }
  }
  const json = (body: unknown): { status: number; body: string } => ({ status: 200, body: JSON.stringify(body) })
  const open = async (
    options: Readonly<Record<string, string>> = {},
    variables: Readonly<Record<string, string>> = {},
  ): Promise<KeyKeeper> => {
    const keeper = await transitSeal.open(
      { address, token: 'hvs.kms', key_name: 'k', mount_path: '/transit/', ...options },
      {
        clock,
        random: { bytes: count => randomBytes(count), uuid: () => randomUUID() },
        log: { write: (level, message, facts) => void log.push({ level, message, facts }) },
        environment: name => variables[name],
      },
    )
    keepers.push(keeper)
    return keeper
  }
  /** Until the other side was asked so often. */
  const untilAsked = async (count: number): Promise<void> => {
    while (asked.length < count) await turn()
    // The answer has to come back, too.
    for (let n = 0; n < 20; n++) await turn()
  }

  beforeEach(async () => {
    asked = []
    log = []
    keepers = []
    answer = good
    clock = new ManualClock(new Date(0))
    kms = createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        const it = {
          method: request.method ?? '',
          path: request.url ?? '',
          headers: request.headers,
          body: Buffer.concat(chunks).toString(),
        }
        asked.push(it)
        const { status, body } = answer(it)
        response.writeHead(status, { 'content-type': 'application/json' }).end(body)
      })
    }).listen(0, '127.0.0.1')
    await once(kms, 'listening')
    address = `http://127.0.0.1:${(kms.address() as AddressInfo).port}`
  })
  afterEach(async () => {
    for (const it of keepers) it.close()
    kms.closeAllConnections()
    kms.close()
    await once(kms, 'close')
  })

  it('has the key wrapped and given back, in its namespace', async () => {
    const keeper = await open({ namespace: 'ops', disable_renewal: 'true' })
    const wrapped = await keeper.wrap(secret)
    expect(wrapped.keyId).toBe('v3')
    expect((await keeper.unwrap(wrapped)).reveal()).toEqual(secret.reveal())
    expect(asked.map(it => `${it.method} ${it.path}`)).toEqual(['PUT /v1/transit/encrypt/k', 'PUT /v1/transit/decrypt/k'])
    expect(asked[0]?.headers).toMatchObject({ 'x-vault-token': 'hvs.kms', 'x-vault-namespace': 'ops' })
  })

  it('takes from the environment what the file does not say', async () => {
    const variables = { VAULT_TRANSIT_SEAL_TOKEN: 'hvs.env', VAULT_TRANSIT_SEAL_DISABLE_RENEWAL: '1' }
    await (await open({ token: '' }, variables)).wrap(secret)
    expect(asked.map(it => it.headers['x-vault-token'])).toEqual(['hvs.env'])
  })

  it('renews its token after two thirds of its time, again and again', async () => {
    await (await open()).wrap(secret)
    await untilAsked(2)
    clock.advance(59_000)
    await turn()
    expect(asked).toHaveLength(2)
    // Not further than to the request, which has a time limit of its own.
    clock.advance(1_000)
    await untilAsked(3)
    clock.advance(60_000)
    await untilAsked(4)
    expect(asked.slice(1).map(it => it.path)).toEqual([
      '/v1/auth/token/lookup-self',
      '/v1/auth/token/renew-self',
      '/v1/auth/token/renew-self',
    ])
  })

  it('tries a renewal that failed again, ever earlier', async () => {
    answer = it => (it.path.endsWith('renew-self') ? { status: 503, body: '{"errors":["Vault is sealed"]}' } : good(it))
    await (await open()).wrap(secret)
    await untilAsked(2)
    clock.advance(60_000)
    await untilAsked(3)
    clock.advance(20_000)
    await untilAsked(4)
    expect(log.map(it => it.message)).toEqual(['the token of the seal could not be renewed', 'the token of the seal could not be renewed'])
    expect(log[0]?.facts).toEqual({ error: 'auth/token/renew-self answered 503: Vault is sealed', secondsLeft: 30 })
  })

  it('lets be a token that lives for ever, and says so of one that cannot be renewed', async () => {
    answer = it => (it.path.endsWith('lookup-self') ? json({ data: { ttl: 0, renewable: false } }) : good(it))
    await (await open()).wrap(secret)
    await untilAsked(2)
    expect(log).toEqual([])
    answer = it => (it.path.endsWith('lookup-self') ? json({ data: { ttl: 60, renewable: false } }) : good(it))
    await (await open()).wrap(secret)
    await untilAsked(4)
    expect(log.map(it => it.message)).toEqual(['the token of the seal cannot be renewed: give the server another one before it ends'])
  })

  it.each([
    ['a refusal', { status: 403, body: '{"errors":["permission denied"]}' }, 'transit/decrypt/k answered 403: permission denied'],
    ['no JSON', { status: 502, body: '<html>' }, 'transit/decrypt/k answered 502, and no JSON'],
    ['no plaintext', { status: 200, body: '{"data":{}}' }, 'transit/decrypt/k answered without a plaintext'],
    ['no data', { status: 200, body: '{}' }, 'transit/decrypt/k answered 200'],
  ])('says what is wrong with %s', async (_what, given, why) => {
    answer = () => given
    await expect((await open()).unwrap({ keyId: 'v1', blob: 'vault:v1:x' })).rejects.toThrow(why)
  })

  it('says who cannot be reached, and nothing of the token', async () => {
    const keeper = await open({ address: 'http://127.0.0.1:1' })
    const thrown = await keeper.wrap(secret).catch((cause: unknown) => cause as Error)
    expect((thrown as Error).message).toBe('PUT transit/encrypt/k at http://127.0.0.1:1: ECONNREFUSED')
  })

  it.each([
    [{ key_name: '' }, 'key_name is required'],
    [{ mount_path: '' }, 'mount_path is required'],
    [{ token: '' }, 'token is required'],
    [{ token: 'a b' }, 'token: it has characters that no header can hold'],
    [{ address: 'ftp://x' }, 'address: expected a URL, such as "https://vault.example.com:8200"'],
    [{ disable_renewal: 'maybe' }, 'disable_renewal: expected true or false'],
    [{ tls_skip_verify: 'maybe' }, 'tls_skip_verify: expected true or false'],
    [{ tls_ca_cert: '/nowhere' }, 'Error loading CA File: open /nowhere: no such file or directory'],
    [{ tls_client_cert: '/nowhere' }, 'both client cert and client key must be provided'],
  ])('refuses %j', async (options, why) => {
    await expect(open(options as Record<string, string>)).rejects.toThrow(why)
  })
})
