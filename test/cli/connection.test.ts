import { describe, expect, it } from 'vitest'
import { CommandFailed, connect, type Connection, connectionFlags } from '../../src/cli/index.ts'
import { connectionOptions } from '../../src/cli/connection.ts'
import { parseArgs } from '../../src/cli/parse.ts'
import type { ClientOptions } from '../../src/client/index.ts'
import { standIn } from '../client/stand-in.ts'
import { stage } from './context.ts'

type Env = Readonly<Record<string, string>>

const given = (argv: readonly string[], env: Env = {}): Connection =>
  parseArgs(connectionFlags as never, argv, env).flags as unknown as Connection
const options = (argv: readonly string[], env: Env = {}): ClientOptions => connectionOptions(stage({ env }).ctx, given(argv, env))

describe('the connection that flags and environment ask for', () => {
  it('is by default the local one over TLS, asked once', () => {
    expect(options([])).toMatchObject({ address: 'https://127.0.0.1:8200', retries: 0, followRedirects: true, tls: { skipVerify: false } })
    expect(options([])).not.toHaveProperty('timeout')
    expect(options([])).not.toHaveProperty('namespace')
  })

  it.each<[string, readonly string[], Env, Partial<ClientOptions>]>([
    ['the address', ['-address=http://a'], { BAO_ADDR: 'http://b' }, { address: 'http://a' }],
    ['the address of the environment', [], { VAULT_ADDR: 'http://b' }, { address: 'http://b' }],
    ['an agent before the server', ['-address=http://a'], { BAO_AGENT_ADDR: 'http://agent' }, { address: 'http://agent' }],
    ['a namespace', ['-namespace=/team/a'], {}, { namespace: 'team/a/' }],
    ['its short form first', ['-ns=b', '-namespace=a'], {}, { namespace: 'b/' }],
    ['a namespace of the environment', [], { VAULT_NAMESPACE: 'c/' }, { namespace: 'c/' }],
    ['retries', [], { BAO_MAX_RETRIES: '3' }, { retries: 3 }],
    ['a time limit', [], { VAULT_CLIENT_TIMEOUT: '1m30s' }, { timeout: 90 }],
    ['no redirects', [], { BAO_DISABLE_REDIRECTS: '1' }, { followRedirects: false }],
    [
      'TLS',
      ['-ca-cert=a.pem', '-tls-server-name=s'],
      { BAO_CLIENT_CERT: 'c.pem', BAO_CLIENT_KEY: 'k.pem' },
      { tls: { caCert: 'a.pem', clientCert: 'c.pem', clientKey: 'k.pem', serverName: 's', skipVerify: false } },
    ],
    ['no verification', [], { VAULT_SKIP_VERIFY: 'true' }, { tls: { skipVerify: true } }],
    ['certificates as text', [], { BAO_CACERT_BYTES: 'PEM' }, { tls: { caCertPem: 'PEM', skipVerify: false } }],
    [
      'headers',
      ['-header=X-A=b', '-header=c=d=e', '-policy-override', '-mfa=id:1', '-mfa=id:2'],
      {},
      { headers: { 'X-A': 'b', c: 'd=e', 'X-Vault-MFA': ['id:1', 'id:2'], 'X-Vault-Policy-Override': 'true' } },
    ],
    [
      'a proxy of its own',
      [],
      { BAO_PROXY_ADDR: 'http://p', HTTP_PROXY: 'http://q' },
      { proxyEnv: { HTTP_PROXY: 'http://p', HTTPS_PROXY: 'http://p' } },
    ],
  ])('takes %s', (_what, argv, env, expected) => {
    expect(options(argv, env)).toMatchObject(expected)
  })

  it.each<[readonly string[], Env, RegExp]>([
    [['-header=X-Vault-Token=a'], {}, /X-Vault-Token: names that begin with X-Vault- /],
    [['-header=x-vault-token=a'], {}, /x-vault-token/],
    [[], { BAO_MAX_RETRIES: 'many' }, /BAO_MAX_RETRIES/],
    [[], { BAO_CLIENT_TIMEOUT: 'long' }, /BAO_CLIENT_TIMEOUT/],
    [[], { BAO_CLIENT_TIMEOUT: '-1' }, /BAO_CLIENT_TIMEOUT/],
  ])('refuses %j %j', (argv, env, message) => {
    const make = (): ClientOptions => options(argv, env)
    expect(make).toThrow(message)
    expect(make).toThrow(expect.objectContaining({ exitCode: 2 }) as Error)
  })
})

describe('connect', () => {
  it("sends the environment's token, and none where a command wants none", async () => {
    await using server = await standIn(() => ({ body: {} }))
    const env = { BAO_ADDR: server.address, VAULT_TOKEN: 'from-env' }
    const { ctx } = stage({ env })
    for (const how of [{}, { anonymous: true }]) {
      const client = await connect(ctx, given([], env), how)
      await client.send({ method: 'GET', path: 'x' })
      client.close()
    }
    expect(server.asked.map(it => it.headers['x-vault-token'])).toEqual(['from-env', undefined])
  })

  it('has replies wrapped, but not those that are asked for on the way', async () => {
    await using server = await standIn(() => ({ body: {} }))
    const env = { BAO_ADDR: server.address, BAO_TOKEN: 't' }
    const client = await connect(stage({ env }).ctx, given(['-wrap-ttl=90s'], env))
    await client.send({ method: 'GET', path: 'x' })
    await client.plain.send({ method: 'GET', path: 'x' })
    client.close()
    expect(server.asked.map(it => it.headers['x-vault-wrap-ttl'])).toEqual(['1m30s', undefined])
  })

  it('wraps what is written to be wrapped', async () => {
    await using server = await standIn(() => ({ body: {} }))
    const env = { BAO_ADDR: server.address, BAO_TOKEN: 't' }
    const client = await connect(stage({ env }).ctx, given([], env))
    await client.send({ method: 'PUT', path: 'sys/wrapping/wrap', body: {} })
    await client.send({ method: 'PUT', path: 'sys/wrapping/lookup', body: {} })
    client.close()
    expect(server.asked.map(it => it.headers['x-vault-wrap-ttl'])).toEqual(['5m', undefined])
  })

  it('ends the command with exit code 2 when no client can be made', async () => {
    const env = { BAO_ADDR: 'nonsense', BAO_TOKEN: 't' }
    const failure = await connect(stage({ env }).ctx, given([], env)).catch((thrown: unknown) => thrown)
    expect(failure).toBeInstanceOf(CommandFailed)
    expect(failure).toMatchObject({ exitCode: 2 })
  })
})
