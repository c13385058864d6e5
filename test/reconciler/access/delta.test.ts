import { describe, expect, it } from 'vitest'
import { holderDelta, readAccess, type Described } from '../../../src/reconciler/access/index.ts'
import type { Address } from '../../../src/reconciler/model/index.ts'
import { NOW } from '../harness/repository.ts'

const policy = (name: string, text: string): Described => ({ address: `policy/${name}` as Address, values: { policy: text } })
const allow = (path: string, ...words: readonly string[]): string => `path "${path}" {\n  capabilities = ${JSON.stringify(words)}\n}\n`
const role = (name: string, ...policies: readonly string[]): Described => ({
  address: `auth/approle/role/${name}` as Address,
  values: { token_policies: policies },
})
const tokenRole = (...policies: readonly string[]): Described => ({
  address: 'auth/token/roles/deploy' as Address,
  values: { allowed_policies: policies },
})

function delta(before: readonly Described[], after: readonly Described[]): readonly string[] {
  return holderDelta(readAccess(before, { now: NOW }), readAccess(after, { now: NOW }), NOW).map(
    it => `${it.holders.join(' ')}: ${it.change} ${it.capabilities.join(',')} on ${it.path}${it.escalates === undefined ? '' : '!'}`,
  )
}

const a = policy('a', allow('kv/a/*', 'read', 'list'))
const b = policy('b', allow('kv/b/*', 'read'))

describe('the access delta of holders', () => {
  it('is empty where nothing changed but names and texts without meaning', () => {
    expect(delta([a, b, role('x', 'a')], [policy('a', `# why\n${allow('kv/a/*', 'list', 'read')}`), b, role('x', 'a')])).toEqual([])
  })

  it('tells of all holders that change alike together', () => {
    expect(
      delta([a, b, role('x', 'a'), role('y', 'a')], [policy('a', allow('kv/a/*', 'read')), b, role('x', 'a'), role('y', 'a')]),
    ).toEqual(['auth/approle/role/x auth/approle/role/y: lost list on kv/a/*'])
  })

  it('does not count for a new holder what every token may do', () => {
    expect(delta([a], [a, role('x', 'a')])).toEqual(['auth/approle/role/x: gained read,list on kv/a/*'])
    expect(delta([a, role('x', 'a')], [a])).toEqual(['auth/approle/role/x: lost read,list on kv/a/*'])
  })

  it('tells of a policy that nobody known holds by itself', () => {
    expect(delta([a], [policy('a', allow('kv/a/*', 'read', 'list', 'update'))])).toEqual(['policy/a: gained update on kv/a/*'])
  })

  it('takes the policies of a token role as a choice', () => {
    expect(delta([a, b, tokenRole('a')], [a, b, tokenRole('a', 'b')])).toEqual(['auth/token/roles/deploy: gained read on kv/b/*'])
    expect(delta([a, b, tokenRole('a', 'b')], [a, b, tokenRole('b')])).toEqual(['auth/token/roles/deploy: lost read,list on kv/a/*'])
    // Whoever does not want what the other takes away does not ask for it.
    const narrow = policy('narrow', allow('kv/a/x', 'deny'))
    expect(delta([a, narrow, tokenRole('a')], [a, narrow, tokenRole('a', 'narrow')])).toEqual([])
    expect(delta([a, narrow, role('x', 'a')], [a, narrow, role('x', 'a', 'narrow')])).toEqual([
      'auth/approle/role/x: lost read on kv/a/x',
      'auth/approle/role/x: lost list on kv/a/x/',
    ])
  })

  it('puts escalations first, and knows what they need', () => {
    const admin = policy('admin', allow('a/first', 'read') + allow('sys/policies/acl/*', 'update') + allow('sys/auth/*', 'update'))
    expect(delta([], [admin, role('x', 'admin')])).toEqual([
      'auth/approle/role/x: gained update on sys/policies/acl/*!',
      'auth/approle/role/x: gained read on a/first',
      'auth/approle/role/x: gained update on sys/auth/*',
    ])
    const mounts = policy('admin', allow('sys/auth/*', 'update', 'sudo'))
    expect(delta([], [mounts, role('x', 'admin')])).toEqual(['auth/approle/role/x: gained update,sudo on sys/auth/*!'])
  })
})
