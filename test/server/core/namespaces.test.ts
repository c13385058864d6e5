import * as fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Batch } from '../../../src/server/storage/index.ts'
import { openMemory } from '../../../src/server/storage/memory/index.ts'
import { openCore, Outside, runningOutside } from './outside.ts'
import { asking, authOf, dataOf, type Answered, type Running } from './running.ts'

const ALL = { policy: 'path "*" { capabilities = ["create", "read", "update", "delete", "list", "sudo", "patch"] }' }
type Storage = ReturnType<typeof openMemory>

async function keysOf(storage: Storage, prefix = ''): Promise<readonly string[]> {
  const found: string[] = []
  for (const name of await storage.list(prefix)) {
    if (name.endsWith('/')) found.push(...(await keysOf(storage, prefix + name)))
    else found.push(prefix + name)
  }
  return found
}

/** Leads to one object, so that a test can break what several servers have one after the other. */
class Disk {
  readonly store: Storage = openMemory()
  /** Commits that are still taken; the one after them, and all others, fail as if the machine had stopped. */
  commits: number = Number.POSITIVE_INFINITY
  readonly storage: Storage = {
    type: this.store.type,
    get: key => this.store.get(key),
    list: (prefix, page) => this.store.list(prefix, page),
    records: () => this.store.records(),
    commit: async (batch: Batch) => {
      if (this.commits-- <= 0) throw new Error('the machine has stopped')
      return this.store.commit(batch)
    },
    close: async () => undefined,
  }
}

let outside: Outside
let disk: Disk
let at: Running
beforeEach(async () => {
  outside = new Outside()
  disk = new Disk()
  at = await runningOutside(outside, disk.storage)
})

const within = (namespace: string, token?: string): Running['ask'] => {
  return (op, path, data, how) => at.ask(op, path, data, { ...how, namespace, ...(token !== undefined && { token }) })
}
const make = async (...names: readonly string[]): Promise<void> => {
  for (const name of names) {
    const cut = name.lastIndexOf('/')
    const made = await within(cut < 0 ? '' : name.slice(0, cut))('write', `sys/namespaces/${name.slice(cut + 1)}`)
    expect(made.status).toBe(200)
    await within(name)('write', 'sys/policies/acl/all', ALL)
  }
}
const tokenIn = async (namespace: string, more: Readonly<Record<string, unknown>> = {}): Promise<string> =>
  authOf(await within(namespace)('write', 'auth/token/create', { policies: ['all'], ...more })).client_token
const isThere = async (name: string): Promise<boolean> => (await at.ask('read', `sys/namespaces/${name}`)).status === 200

/** Everything that a namespace can hold. */
async function fill(name: string): Promise<string> {
  const ask = within(name)
  await ask('write', 'sys/mounts/outside', { type: 'outside' })
  await ask('write', 'sys/mounts/kv', { type: 'kv', options: { version: '2' } })
  await ask('write', 'sys/auth/people', { type: 'userpass' })
  await ask('write', 'auth/people/users/ann', { password: 'green tea', token_policies: 'all' })
  await ask('write', 'auth/people/login/ann', { password: 'green tea' })
  await ask('write', 'sys/policies/password/pw', { policy: 'length = 10\nrule "charset" { charset = "ab" }' })
  await ask('write', 'identity/group', { name: 'g', policies: ['all'] })
  await ask('write', 'kv/data/a', { data: { x: 'y' } })
  await ask('write', 'cubbyhole/root', { v: 1 })
  const token = await tokenIn(name)
  await within(name, token)('write', 'cubbyhole/own', { v: 1 })
  await within(name, token)('read', 'outside/creds')
  await ask('read', 'outside/creds')
  await ask('read', 'sys/policies/acl/all', {}, { wrap: 60 })
  return token
}

async function restart(): Promise<void> {
  disk.commits = Number.POSITIVE_INFINITY
  const core = await openCore(outside, disk.storage, at.clock)
  await core.operator.unseal(at.keys[0] as string)
  at = asking({ core }, at.clock, at.root, at.keys)
}

describe('the end of a namespace', () => {
  it('leaves nothing: not in the store, not outside', async () => {
    await make('other')
    const before = await keysOf(disk.store)
    await make('team')
    const token = await fill('team')
    expect(outside.accounts.size).toBe(2)
    expect(dataOf(await at.ask('delete', 'sys/namespaces/team'))).toEqual({ status: 'in-progress' })
    await at.pass(0)
    expect(await isThere('team')).toBe(false)
    expect(outside.accounts.size).toBe(0)
    expect(await keysOf(disk.store)).toEqual(before)
    expect((await at.ask('read', 'auth/token/lookup-self', {}, { token })).status).toBe(403)
  })

  it('answers nothing while it is under way, and waits for what was', async () => {
    await make('team')
    await within('team')('write', 'sys/mounts/outside', { type: 'outside' })
    const { promise, resolve } = Promise.withResolvers<void>()
    outside.gate = promise
    const late = within('team')('read', 'outside/creds')
    await at.pass(0)
    await at.ask('delete', 'sys/namespaces/team')
    await at.pass(0)
    expect((await at.ask('read', 'sys/namespaces/team')).body).toMatchObject({ data: { tainted: true } })
    expect((await within('team')('read', 'sys/mounts')).errors).toEqual(['namespace not found'])
    expect((await at.ask('write', 'sys/namespaces/team')).errors).toEqual([
      'namespace with that name exists and is currently being created or deleted',
    ])
    resolve()
    expect((await late).status).toBe(200)
    await at.pass(0)
    expect(await isThere('team')).toBe(false)
    expect(outside.accounts.size).toBe(0)
  })

  it('ends the tokens of its parents there, and what they kept there, but not the parents', async () => {
    await make('team', 'team/app')
    const parent = await tokenIn('team')
    await within('team/app', parent)('write', 'cubbyhole/c', { v: 1 })
    const child = authOf(await within('team/app', parent)('write', 'auth/token/create', {})).client_token
    await within('team')('delete', 'sys/namespaces/app')
    await at.pass(0)
    expect((await at.ask('read', 'auth/token/lookup-self', {}, { token: child })).status).toBe(403)
    expect((await at.ask('read', 'auth/token/lookup-self', {}, { token: parent })).status).toBe(200)
    expect((await at.ask('write', 'auth/token/revoke-self', {}, { token: parent })).status).toBe(204)
  })
})

describe('CVE-2026-42186 (GHSA-vv66-6rp4-wr4f): a deletion that fails on its way', () => {
  it('is tried again until its leases are undone at their source', async () => {
    const before = await keysOf(disk.store)
    await make('team')
    await fill('team')
    outside.broken = true
    await at.ask('delete', 'sys/namespaces/team')
    await at.pass(0)
    expect(await isThere('team')).toBe(true)
    expect((await within('team')('read', 'kv/data/a')).status).toBe(404)
    await at.pass(9)
    outside.broken = false
    expect(outside.accounts.size).toBe(2)
    await at.pass(2)
    expect(await isThere('team')).toBe(false)
    expect(outside.accounts.size).toBe(0)
    expect(await keysOf(disk.store)).toEqual(before)
  })

  it('ends all that can be ended, though one lease cannot', async () => {
    await make('team')
    await within('team')('write', 'sys/mounts/outside', { type: 'outside' })
    for (let i = 0; i < 100; i++) await within('team')('read', 'outside/creds')
    outside.stuck = 'account-37'
    await at.ask('delete', 'sys/namespaces/team')
    await at.pass(0)
    expect([...outside.accounts]).toEqual(['account-37'])
    expect(await isThere('team')).toBe(true)
    outside.stuck = undefined
    await at.pass(10)
    expect(outside.accounts.size).toBe(0)
    expect(await isThere('team')).toBe(false)
  })

  it('does not wait when it is asked for again', async () => {
    await make('team')
    await fill('team')
    outside.broken = true
    await at.ask('delete', 'sys/namespaces/team')
    await at.pass(0)
    outside.broken = false
    expect(dataOf(await at.ask('delete', 'sys/namespaces/team'))).toEqual({ status: 'in-progress' })
    await at.pass(0)
    expect(await isThere('team')).toBe(false)
  })

  it('is finished after a crash at any write', async () => {
    const before = await keysOf(disk.store)
    let crashes = 0
    for (let commits = 1; ; commits++) {
      await make('team')
      await fill('team')
      disk.commits = commits
      await at.ask('delete', 'sys/namespaces/team')
      await at.pass(0)
      const survived = disk.commits > 0
      await restart()
      await at.pass(0)
      expect(await isThere('team')).toBe(false)
      expect(outside.accounts.size).toBe(0)
      expect(await keysOf(disk.store)).toEqual(before)
      if (survived) break
      crashes++
    }
    expect(crashes).toBeGreaterThan(20)
  })
})

describe('a namespace that a crash cut off while it was made', () => {
  it('is there whole, or not at all', async () => {
    for (let commits = 0; ; commits++) {
      disk.commits = commits
      const made = await at.ask('write', 'sys/namespaces/team').catch((cause: unknown): Answered => {
        expect(String(cause)).toContain('stopped')
        return { status: 500, body: undefined }
      })
      await restart()
      if (await isThere('team')) {
        const mounts = Object.keys(dataOf(await within('team')('read', 'sys/mounts')))
        expect(mounts.toSorted()).toEqual(['cubbyhole/', 'identity/', 'sys/'])
        expect((await within('team')('read', 'sys/policies/acl/default')).status).toBe(200)
        await at.ask('delete', 'sys/namespaces/team')
        await at.pass(0)
      }
      expect(await isThere('team')).toBe(false)
      if (made.status === 200) break
    }
  })
})

describe('through a seal', () => {
  it('all stays: the tree, tokens, leases, identities, locks', async () => {
    await make('team', 'team/app')
    const token = await fill('team/app')
    const { unlock_key: key } = dataOf(await at.ask('write', 'sys/namespaces/api-lock/lock/team')) as { unlock_key: string }
    await restart()
    await at.pass(0)
    expect((await within('team/app', token)('read', 'kv/data/a')).status).toBe(503)
    expect((await at.ask('write', 'sys/namespaces/api-lock/unlock/team', { unlock_key: `${key}x` })).errors).toEqual([
      'incorrect unlock key',
    ])
    expect((await at.ask('write', 'sys/namespaces/api-lock/unlock/team', { unlock_key: key })).status).toBe(204)
    expect(dataOf(await within('team/app', token)('read', 'kv/data/a'))).toMatchObject({ data: { x: 'y' } })
    expect(dataOf(await within('team/app', token)('read', 'cubbyhole/own'))).toEqual({ v: 1 })
    expect((await within('team/app')('write', 'auth/people/login/ann', { password: 'green tea' })).status).toBe(200)
    expect(outside.accounts.size).toBe(2)
    await at.pass(3600)
    expect(outside.accounts.size).toBe(0)
  })

  it('the key that unlocks is not in the store', async () => {
    await make('team')
    const { unlock_key: key } = dataOf(await at.ask('write', 'sys/namespaces/api-lock/lock/team')) as { unlock_key: string }
    const view = await at.ask('read', 'sys/namespaces/team')
    expect(JSON.stringify(view.body)).not.toContain(key)
    expect(view.body).toMatchObject({ data: { locked: true } })
  })
})

describe('GHSA-c36x-h252-g9x2, CVE-2026-45808, CVE-2026-40264: ids of another namespace', () => {
  it.each(['stranger', 'team/app'])('give no power to a token of %s, which may everything at home', async home => {
    await make('team', 'team/app', 'stranger')
    await within('team')('write', 'sys/mounts/outside', { type: 'outside' })
    const victim = authOf(await within('team')('write', 'auth/token/create', { policies: ['all'] }))
    const lease = (await within('team', victim.client_token)('read', 'outside/creds')).body?.['lease_id']
    const token = await tokenIn(home)
    for (const from of [home, '', 'team']) {
      const ask = within(from, token)
      for (const [path, data] of [
        ['sys/leases/lookup', { lease_id: lease }],
        ['sys/leases/renew', { lease_id: lease }],
        ['sys/leases/revoke', { lease_id: lease }],
        [`sys/leases/renew/${String(lease)}`, {}],
        [`sys/leases/revoke/${String(lease)}`, {}],
        ['auth/token/lookup', { token: victim.client_token }],
        ['auth/token/renew', { token: victim.client_token }],
        ['auth/token/revoke', { token: victim.client_token }],
        ['auth/token/revoke-orphan', { token: victim.client_token }],
        ['auth/token/lookup-accessor', { accessor: victim.accessor }],
        ['auth/token/renew-accessor', { accessor: victim.accessor }],
        ['auth/token/revoke-accessor', { accessor: victim.accessor }],
      ] as const) {
        const { status, body } = await ask('write', path, data)
        expect([403, 500], `${path} from "${from}"`).toContain(status)
        expect(body).toBeUndefined()
      }
      await ask('write', 'sys/leases/revoke-prefix/outside', {})
      await ask('write', 'sys/leases/revoke-force/outside', {})
      await ask('write', 'sys/leases/revoke-prefix/team/outside', {})
    }
    expect(outside.accounts.size).toBe(1)
    expect((await within('team', victim.client_token)('read', 'auth/token/lookup-self')).status).toBe(200)
  })
})

describe('GHSA-mwr2-wmgp-crj6: names that stand for the root namespace', () => {
  it.each(['root', 'root/', '/root', 'sys', 'sys/x', '', '/', '.', '..', ' ', 'a/b', 'a+', '*', 'a b'])('%j cannot be made', async name => {
    const made = await at.ask('write', `sys/namespaces/${name}`)
    expect([400, 404, 405]).toContain(made.status)
    expect((await at.ask('list', 'sys/namespaces')).status).toBe(404)
  })

  it.each(['Root', 'ROOT', 'ｒoot', 'roοt'])('%j is a namespace like any other', async name => {
    await make(name)
    const token = await tokenIn(name)
    expect((await at.ask('read', 'sys/policies/acl/all', {}, { token })).status).toBe(403)
    expect((await within('root', token)('read', 'sys/policies/acl/all')).status).toBe(403)
    expect((await within(name, token)('read', 'sys/policies/acl/all')).status).toBe(200)
  })
})

describe('CVE-2023-3775: policies of one namespace', () => {
  it('say nothing in another, whatever their paths say', async () => {
    await make('team', 'other')
    await within('team')('write', 'sys/policies/acl/p', {
      policy: ['other/*', '/other/*', '../other/*', '+/sys/*', '*', 'sys/*']
        .map(path => `path "${path}" { capabilities = ["read", "list", "sudo"] }`)
        .join('\n'),
    })
    const token = await tokenIn('team', { policies: ['p'] })
    for (const [namespace, path] of [
      ['other', 'sys/mounts'],
      ['', 'sys/mounts'],
      ['', 'other/sys/mounts'],
      ['team', '../other/sys/mounts'],
    ] as const)
      expect([403, 404], `${namespace} ${path}`).toContain((await within(namespace, token)('read', path)).status)
    expect((await within('team', token)('read', 'sys/mounts')).status).toBe(200)
  })

  it('are those of the same name where the token is from, not where it asks', async () => {
    await make('team', 'team/app')
    await within('team')('write', 'sys/policies/acl/p', { policy: 'path "app/sys/mounts" { capabilities = ["read"] }' })
    await within('team/app')('write', 'sys/policies/acl/p', ALL)
    const token = await tokenIn('team', { policies: ['p'] })
    expect((await within('team/app', token)('read', 'sys/mounts')).status).toBe(200)
    expect((await within('team/app', token)('read', 'sys/auth')).status).toBe(403)
  })
})

describe('CVE-2026-14886: entities deleted in a batch', () => {
  it('are those of the namespace that asks', async () => {
    await make('team', 'other')
    const { id } = dataOf(await within('team')('write', 'identity/entity', { name: 'ann' })) as { id: string }
    for (const from of ['', 'other']) await within(from)('write', 'identity/entity/batch-delete', { entity_ids: [id] })
    expect((await within('team')('read', `identity/entity/id/${id}`)).status).toBe(200)
    await within('team')('write', 'identity/entity/batch-delete', { entity_ids: [id] })
    expect((await within('team')('read', `identity/entity/id/${id}`)).status).toBe(404)
  })
})

describe('an unlock key', () => {
  it('is no word that means something', async () => {
    await make('team')
    await at.ask('write', 'sys/namespaces/api-lock/lock/team')
    for (const key of ['not needed', 'undefined', 'null', '0', ' '])
      expect((await at.ask('write', 'sys/namespaces/api-lock/unlock/team', { unlock_key: key })).errors).toEqual(['incorrect unlock key'])
  })
})

describe('what a parent keeps in a namespace below its own', () => {
  it('ends with its token', async () => {
    await make('team', 'team/app')
    const token = await tokenIn('team')
    const before = (await keysOf(disk.store)).length
    await within('team/app', token)('write', 'cubbyhole/a/b', { v: 1 })
    await at.ask('write', 'auth/token/revoke', { token })
    const after = await keysOf(disk.store)
    expect(after.filter(it => it.includes('token/visit'))).toEqual([])
    expect(after.length).toBeLessThan(before)
  })
})

describe('how a request names its namespace', () => {
  it('makes no difference: all in the header, all in the path, or some in each', async () => {
    await make('team', 'team/app', 'other')
    for (const name of ['', 'team', 'team/app']) {
      await within(name)('write', 'sys/mounts/kv', { type: 'kv' })
      await within(name)('write', 'kv/a', { from: name })
    }
    const tokens = [await tokenIn('team'), await tokenIn('team/app'), await tokenIn('other'), at.root]
    const step = fc.constantFrom('team', 'app', 'other', 'none', 'root')
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 4 }), fc.nat(4), fc.constantFrom(...tokens), async (steps, cut, token) => {
        const at = steps.slice(0, cut)
        const whole = await within('', token)('read', [...steps, 'kv/a'].join('/'))
        const split = await within(at.join('/'), token)('read', [...steps.slice(cut), 'kv/a'].join('/'))
        const isNamespace = ['', 'team', 'team/app', 'other'].includes(at.join('/'))
        // A header has to name one; a path that does not is a path.
        if (!isNamespace && at.join('/') !== 'root') expect(split.status).toBe(404)
        else if (at.join('/') !== 'root') expect([split.status, dataOf(split)]).toEqual([whole.status, dataOf(whole)])
      }),
      { numRuns: 200 },
    )
  })
})

describe('two things at once', () => {
  it('give a mount or a namespace of that name, never both', async () => {
    for (let i = 0; i < 10; i++) {
      const [mounted, made] = await Promise.all([
        at.ask('write', `sys/mounts/both${i}/x`, { type: 'kv' }),
        at.ask('write', `sys/namespaces/both${i}`),
      ])
      expect([mounted.status, made.status]).toEqual(mounted.status === 204 ? [204, 400] : [400, 200])
    }
  })

  it('let no mount move into a namespace that is going', async () => {
    await make('team')
    await at.ask('write', 'sys/mounts/kv', { type: 'kv' })
    await at.ask('write', 'kv/a', { x: 'y' })
    await at.ask('delete', 'sys/namespaces/team')
    expect((await at.ask('write', 'sys/remount', { from: 'kv', to: 'team/kv' })).status).not.toBe(200)
    await at.pass(0)
    expect(dataOf(await at.ask('read', 'kv/a'))).toEqual({ x: 'y' })
  })
})

describe('sys/internal/inspect/acl', () => {
  it('explains in the namespace that asks, by the policies of that', async () => {
    await make('team')
    await within('team')('write', 'sys/policies/acl/p', { policy: 'path "kv/*" { capabilities = ["read"] }' })
    const token = await tokenIn('team', { policies: ['p'] })
    const asked = { token, path: 'kv/x', operation: 'read' }
    expect(dataOf(await within('team')('write', 'sys/internal/inspect/acl', asked))).toMatchObject({ allowed: true })
    expect((await at.ask('write', 'sys/internal/inspect/acl', asked)).errors).toEqual(['the token is of another namespace: ask there'])
  })
})

describe('a mount that moves to another namespace', () => {
  it('takes its data along, and none of its leases', async () => {
    await make('team', 'other')
    await fill('team')
    await at.ask('write', 'sys/remount', { from: 'team/kv', to: 'other/kv' })
    await at.ask('write', 'sys/remount', { from: 'team/outside', to: 'other/outside' })
    await at.pass(0)
    expect(outside.accounts.size).toBe(0)
    expect(dataOf(await within('other')('read', 'kv/data/a'))).toMatchObject({ data: { x: 'y' } })
    await within('other')('read', 'outside/creds')
    await restart()
    expect(dataOf(await within('other')('read', 'kv/data/a'))).toMatchObject({ data: { x: 'y' } })
    await at.ask('delete', 'sys/namespaces/team')
    await at.pass(0)
    expect(dataOf(await within('other')('read', 'kv/data/a'))).toMatchObject({ data: { x: 'y' } })
    expect(outside.accounts.size).toBe(1)
  })
})
