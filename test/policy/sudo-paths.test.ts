import { describe, expect, it } from 'vitest'
import { asksForSudo, sudoPaths } from '../../src/policy/index.ts'

describe('the paths that ask for sudo', () => {
  it('are told once each, and each asks for it', () => {
    const mounts = { system: 'sys/', token: 'auth/token/', pki: 'pki/' }
    const full = sudoPaths.map(it => mounts[it.mount] + it.path.replace('*', 'x'))
    expect(new Set(full).size).toBe(sudoPaths.length)
    expect(full.filter(it => !asksForSudo(it, ['pki/']))).toEqual([])
  })

  // Both tables were asked of the real server, once with and once without sudo.
  it.each([
    'sys/audit',
    'sys/audit/',
    'sys/audit/x',
    'sys/auth/',
    'sys/auth/x',
    'sys/auth/x/tune',
    'sys/remount',
    'sys/raw',
    'sys/raw/x',
    'sys/rotate',
    'sys/rotate/keyring',
    'sys/rotate/root',
    'sys/config/cors',
    'sys/config/auditing/request-headers',
    'sys/config/ui/headers/',
    'sys/plugins/catalog/',
    'sys/plugins/catalog/secret/x',
    'sys/revoke-prefix/a',
    'sys/revoke-force/a',
    'sys/leases',
    'sys/leases/lookup/',
    'sys/leases/revoke-prefix/a',
    'sys/leases/revoke-force/a',
    'sys/internal/inspect/router/root',
    'sys/seal',
    'auth/token/accessors',
    'auth/token/accessors/',
    'auth/token/accessorsx',
    'auth/token/revoke-orphan/x',
    'pki/root',
    'pki/root/sign-self-issued',
  ])('include %s', path => {
    expect(asksForSudo(path, ['pki/'])).toBe(true)
  })

  it.each([
    'sys/auth',
    'sys/mounts/x',
    'sys/policies/acl/x',
    'sys/remount/status/x',
    'sys/rotate/config',
    'sys/config/cors/',
    'sys/config/auditing',
    'sys/plugins/catalog',
    'sys/revoke-prefix',
    'sys/leases/',
    'sys/leases/lookup',
    'sys/leases/count',
    'sys/internal/inspect',
    'sys/host-info',
    'auth/token/create',
    'auth/token/revoke-orphan',
    'auth/approle/role/x',
    'identity/entity',
    'pki/root/generate/internal',
    'kv/root',
  ])('do not include %s', path => {
    expect(asksForSudo(path, ['pki/'])).toBe(false)
  })
})
