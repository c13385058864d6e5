import { describe, expect, it } from 'vitest'
import { objectKind, observeObjects, sectionOf } from '../../../../src/reconciler/kinds/object/index.ts'
import type { Address, Change, LiveObject, Subject, Values } from '../../../../src/reconciler/model/index.ts'
import { FakeTarget, Refused } from '../../harness/fake-target.ts'
import { workspace } from '../../harness/repository.ts'

const mount = 'auth/approle/' as Address
const role = (name: string): Subject => ({ address: `auth/approle/role/${name}` as Address, kind: 'object', mount, type: 'approle' })
const config: Subject = { address: 'engine/kv/config' as Address, kind: 'object', mount: 'engine/kv/' as Address, type: 'kv' }

const desired = (text: string): Values =>
  workspace({ 'roles/approle.yaml': `type: approle\nroles:\n  a: ${text}\n` }).resources.get(role('a').address)?.values ?? {}

const change = (subject: Subject, values: Values, live?: LiveObject): Change => ({
  subject,
  values,
  changed: [],
  compareAndSet: false,
  ...(live === undefined ? {} : { live }),
})

async function approle(): Promise<FakeTarget> {
  const target = new FakeTarget()
  await target.write('sys/auth/approle', { type: 'approle' })
  await target.write('sys/mounts/kv', { type: 'kv', options: { version: '2' } })
  return target
}

describe('what lives on a mount', () => {
  it('is as the files say once it is written', async () => {
    const target = await approle()
    const values = desired('{ token_policies: [b, a], token_ttl: 90m, secret_id_bound_cidrs: [10.0.0.0/8], bind_secret_id: false }')
    await objectKind.create(target, change(role('a'), values))
    expect((await objectKind.read(target, role('a'), []))?.values).toEqual(values)
  })

  it('goes back to a default that is no longer overridden', async () => {
    const target = await approle()
    await objectKind.create(target, change(role('a'), desired('{ token_ttl: 1h, token_policies: [x], token_num_uses: 3 }')))
    await objectKind.update(target, change(role('a'), desired('{}')))
    expect((await objectKind.read(target, role('a'), []))?.values).toEqual(desired('{}'))
  })

  it('is not told again what can be said at creation only', async () => {
    const target = await approle()
    await objectKind.create(target, change(role('a'), desired('{ local_secret_ids: true }')))
    await objectKind.update(target, change(role('a'), desired('{ local_secret_ids: true, token_ttl: 1h }')))
    expect(target.objects.get('auth/approle/role/a')).toMatchObject({ local_secret_ids: true, token_ttl: 3600 })
  })

  it('has attributes with an answer of their own, which is asked for only when it is needed', async () => {
    const target = await approle()
    await objectKind.create(target, change(role('a'), { ...desired('{}'), role_id: 'known' }))
    target.requests.length = 0
    expect((await objectKind.read(target, role('a'), []))?.values).not.toHaveProperty('role_id')
    expect((await objectKind.read(target, role('a'), ['role_id']))?.values['role_id']).toBe('known')
    expect(target.requests).toEqual(['GET auth/approle/role/a', 'GET auth/approle/role/a', 'GET auth/approle/role/a/role-id'])
  })

  it('is absent only by a clean answer', async () => {
    const target = await approle()
    expect(await objectKind.read(target, role('a'), [])).toBeUndefined()
    await expect(
      objectKind.read(target, { ...role('a'), address: 'auth/gone/role/a' as Address, mount: 'auth/gone/' as Address }, []),
    ).rejects.toThrow('no handler')
  })

  it("is brought back to the server's own where it cannot be away", async () => {
    const target = await approle()
    await objectKind.update(target, change(config, { max_versions: 5, cas_required: true, delete_version_after: 3600 }))
    expect((await objectKind.read(target, config, []))?.values).toEqual({ max_versions: 5, cas_required: true, delete_version_after: 3600 })
    await objectKind.remove(target, config)
    expect((await objectKind.read(target, config, []))?.values).toEqual({ max_versions: 0, cas_required: false, delete_version_after: 0 })
  })
})

describe('observing what lives on mounts', () => {
  const wanted = (name: string): { subject: Subject; extra: readonly string[] } => ({ subject: role(name), extra: [] })
  const roles = [{ mount, collection: 'role' }]

  it('asks for nothing that a list has shown to be absent', async () => {
    const target = await approle()
    await objectKind.create(target, change(role('there'), desired('{}')))
    await objectKind.create(target, change(role('other'), desired('{}')))
    target.requests.length = 0
    const seen = await observeObjects(target, [wanted('there'), wanted('absent')], roles)
    expect([...seen.live.keys()]).toEqual(['auth/approle/role/there'])
    expect(seen.others).toEqual(['auth/approle/role/other'])
    expect(target.requests).toEqual(['LIST auth/approle/role', 'GET auth/approle/role/there'])
  })

  it('asks for each where it may not list, and says so', async () => {
    const target = await approle()
    await objectKind.create(target, change(role('there'), desired('{}')))
    target.before = request => {
      if (request.startsWith('LIST')) throw new Refused(403, 'permission denied')
    }
    const seen = await observeObjects(target, [wanted('there'), wanted('absent')], roles)
    expect([...seen.live.keys()]).toEqual(['auth/approle/role/there'])
    expect(seen.unlisted).toEqual(['auth/approle/role'])
  })

  it.each([403, 500, 503])('is over when a read ends with %i, since that is no absence', async status => {
    const target = await approle()
    await objectKind.create(target, change(role('there'), desired('{}')))
    target.before = request => {
      if (request === 'GET auth/approle/role/there') throw new Refused(status, `status ${status}`)
    }
    await expect(observeObjects(target, [wanted('there')], roles)).rejects.toThrow(`status ${status}`)
  })
})

describe('the tables', () => {
  it.each([
    ['auth/approle/', 'approle', 'auth/approle/role/ci', 'role'],
    ['auth/token/', 'token', 'auth/token/roles/ci', 'roles'],
    ['engine/kv/', 'kv', 'engine/kv/config', 'config'],
    ['auth/approle/', 'approle', 'auth/approle/role/ci/secret-id', undefined],
    ['auth/approle/', 'approle', 'auth/approle/tidy', undefined],
    ['auth/radius/', 'radius', 'auth/radius/users/x', undefined],
  ])('know below %s of type %s what %s is', (at, type, address, expected) => {
    expect(sectionOf(at as Address, type, address as Address)?.path).toBe(expected)
  })
})
