import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { curlString, policyString } from '../../src/cli/dry-request.ts'
import type { ClientOptions, ClientRequest } from '../../src/client/index.ts'
import { systemClock } from '../../src/kernel/index.ts'
import { steadyRandom } from '../client/stand-in.ts'

const options: ClientOptions = { address: 'http://127.0.0.1:8200', token: 'hvs.secret', clock: systemClock, random: steadyRandom() }
const curl = (request: ClientRequest, more: Partial<ClientOptions> = {}): string => curlString('lockstep', { ...options, ...more }, request)

/** What a shell makes of a command line. */
const words = (line: string): readonly string[] =>
  execFileSync('/bin/sh', ['-c', `lockstep() { echo TOKEN; }; curl() { printf '%s\\n' "$@"; }; ${line}`], { encoding: 'utf8' })
    .trimEnd()
    .split('\n')

describe('curlString', () => {
  it('asks for the token when it runs, and does not show it', () => {
    const line = curl({ method: 'GET', path: 'secret/a' })
    expect(line).not.toContain('hvs')
    expect(words(line)).toEqual(['-H', 'X-Vault-Request: true', '-H', 'X-Vault-Token: TOKEN', 'http://127.0.0.1:8200/v1/secret/a'])
  })

  it('survives a shell with every sign in a value', () => {
    const body = { a: `it's "quoted" $HOME \`x\` \\ <&>` }
    const given = words(curl({ method: 'PUT', path: 'secret/a b', query: { q: '1&2' }, body }))
    expect(JSON.parse(given[given.indexOf('-d') + 1] ?? '')).toEqual(body)
    expect(given.at(-1)).toBe('http://127.0.0.1:8200/v1/secret/a%20b?q=1%262')
  })

  it('names what the connection needs', () => {
    const tls = { skipVerify: true, caCert: "a'b.pem", caPath: 'folder', clientCertPem: 'PEM', clientKey: 'k.pem' }
    const given = words(curl({ method: 'LIST', path: 'x', wrapTtl: '1m' }, { tls, namespace: 'team/', headers: { 'x-own': ['a', 'b'] } }))
    expect(given).toEqual([
      '--insecure', '--cacert', "a'b.pem", '--capath', 'folder', '--cert', 'passed-in-memory', '--key', 'k.pem',
      '-H', 'X-Vault-Request: true', '-H', 'X-Vault-Token: TOKEN', '-H', 'X-Vault-Namespace: team/', '-H', 'X-Vault-Wrap-Ttl: 1m',
      '-H', 'X-Own: a', '-H', 'X-Own: b', 'http://127.0.0.1:8200/v1/x?list=true',
    ]) // prettier-ignore
  })
})

describe('policyString', () => {
  it.each([
    ['GET', 'secret/a', ['read']],
    ['LIST', 'secret/', ['list']],
    ['SCAN', 'secret', ['scan']],
    ['PUT', 'secret/a', ['create', 'update']],
    ['PATCH', 'secret/a', ['patch']],
    ['DELETE', 'secret/a', ['delete']],
    ['GET', 'sys/audit', ['read', 'sudo']],
    ['PUT', 'sys/audit/file', ['create', 'update', 'sudo']],
    ['POST', 'sys/auth/x', ['create', 'update', 'sudo']],
    ['GET', 'sys/auth', ['read']],
    ['PUT', 'sys/leases/revoke-prefix/a', ['create', 'update', 'sudo']],
    ['PUT', 'sys/leases/revoke', ['create', 'update']],
    ['GET', 'sys/mounts', ['read']],
  ] as const)('allows %s %s', (method, path, capabilities) => {
    expect(policyString({ method, path })).toBe(`path "${path}" {\n  capabilities = [${capabilities.map(it => `"${it}"`).join(', ')}]\n}`)
  })
})
