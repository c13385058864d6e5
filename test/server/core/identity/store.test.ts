import { describe, expect, it } from 'vitest'
import * as fc from 'fast-check'
import { ManualClock } from '../../../../src/kernel/index.ts'
import { Identity, type Holder } from '../../../../src/server/core/identity/index.ts'
import { memoryView, type MountEntry } from '../../../../src/server/logical/index.ts'
import { random } from '../running.ts'

const mount = (accessor: string): MountEntry => ({
  table: 'auth',
  path: `${accessor}/`,
  type: 'userpass',
  description: '',
  uuid: accessor,
  accessor,
  options: null,
  config: { defaultLeaseTtl: 0, maxLeaseTtl: 0, forceNoCache: false },
  local: false,
  sealWrap: false,
  externalEntropyAccess: false,
  pluginVersion: '',
})

const open = (): Promise<Identity> =>
  Identity.open(memoryView(), {
    clock: new ManualClock(new Date('2026-01-01T00:00:00Z')),
    random,
    mountOf: accessor => (accessor.startsWith('m') ? mount(accessor) : undefined),
  })

const logIn = async (...[identity, ...how]: [Identity, ...Parameters<Identity['logIn']>]): Promise<Holder> =>
  (await identity.logIn(...how)).holder

describe('an external group', () => {
  it('takes in whoever a login names it for, and lets go whoever the next one does not', async () => {
    const identity = await open()
    const { group } = await identity.writeGroup(undefined, { name: 'devs', type: 'external', policies: ['dev'] })
    await identity.writeGroupAlias(undefined, { name: 'Engineering', mountAccessor: 'm1', canonicalId: group.id })
    const login = { mountAccessor: 'm1', name: 'ann' }
    const first = await logIn(identity, login, ['engineering', 'unknown'])
    expect(first.policies).toEqual(['dev'])
    expect((await identity.members(group.id)).entityIds).toEqual([first.id])
    expect((await logIn(identity, login, ['engineering'])).policies).toEqual(['dev'])
    expect((await logIn(identity, login, [])).policies).toEqual([])
    expect((await identity.members(group.id)).entityIds).toEqual([])
  })

  it('is left alone by the logins of other mounts', async () => {
    const identity = await open()
    const { group } = await identity.writeGroup(undefined, { name: 'devs', type: 'external', policies: ['dev'] })
    await identity.writeGroupAlias(undefined, { name: 'devs', mountAccessor: 'm1', canonicalId: group.id })
    const { id } = await logIn(identity, { mountAccessor: 'm1', name: 'ann' }, ['devs'])
    await identity.writeAlias(undefined, { name: 'ann', mountAccessor: 'm2', canonicalId: id })
    expect((await logIn(identity, { mountAccessor: 'm2', name: 'ann' }, [])).policies).toEqual(['dev'])
    expect((await logIn(identity, { mountAccessor: 'm2', name: 'eve' }, ['devs'])).policies).toEqual([])
  })

  it('of one mount cannot be entered by the same name from another (alias escalation)', async () => {
    const identity = await open()
    const { group } = await identity.writeGroup(undefined, { name: 'admins', type: 'external', policies: ['admin'] })
    await identity.writeGroupAlias(undefined, { name: 'admins', mountAccessor: 'm1', canonicalId: group.id })
    expect((await logIn(identity, { mountAccessor: 'm2', name: 'eve' }, ['admins'])).policies).toEqual([])
  })
})

describe('a merge', () => {
  it('hands over aliases, memberships and tokens', async () => {
    const identity = await open()
    const ann = await logIn(identity, { mountAccessor: 'm1', name: 'ann' }, [])
    const ann2 = await logIn(identity, { mountAccessor: 'm2', name: 'ann' }, [])
    await identity.writeGroup(undefined, { name: 'g', policies: ['gp'], entityIds: [ann2.id] })
    await identity.merge({ to: ann.id, from: [ann2.id], aliasIdsToKeep: [] })
    expect(await identity.holderOf({ entityId: ann2.id })).toMatchObject({ id: ann.id, policies: ['gp'] })
    expect((await logIn(identity, { mountAccessor: 'm2', name: 'ann' }, [])).id).toBe(ann.id)
  })

  it('leaves one alias a mount: the one that shall be kept', async () => {
    const identity = await open()
    const one = await logIn(identity, { mountAccessor: 'm1', name: 'one' }, [])
    const two = await logIn(identity, { mountAccessor: 'm1', name: 'two' }, [])
    const kept = (await identity.entity({ by: 'id', id: two.id }))?.aliases[0]?.id ?? ''
    await identity.merge({ to: one.id, from: [two.id], aliasIdsToKeep: [kept] })
    expect((await identity.entity({ by: 'id', id: one.id }))?.aliases.map(it => it.name)).toEqual(['two'])
  })
})

describe('the look-ups', () => {
  /** What is done, by small numbers, so that it meets the same few entities again and again. */
  const step = fc.tuple(fc.constantFrom('name', 'login', 'delete', 'merge', 'member', 'move', 'unalias'), fc.nat(4), fc.nat(4))

  it('always agree with the records', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async steps => {
        const identity = await open()
        const ignore = (): undefined => undefined
        for (const [what, a, b] of steps) {
          const ids = await identity.entityIds()
          const id = ids[a % Math.max(ids.length, 1)] ?? 'none'
          const other = ids[b % Math.max(ids.length, 1)] ?? 'none'
          if (what === 'name') await identity.writeEntity(undefined, { name: b % 2 === 0 ? `E${a}` : `e${a}` })
          if (what === 'login') await logIn(identity, { mountAccessor: `m${b % 2}`, name: `u${a}` }, [])
          if (what === 'delete') await identity.deleteEntity({ by: 'id', id })
          if (what === 'merge') await identity.merge({ to: id, from: [other], aliasIdsToKeep: [] }).catch(ignore)
          if (what === 'member') await identity.writeGroup(undefined, { name: `g${b}`, entityIds: [id] }).catch(ignore)
          if (what === 'move')
            await identity.writeAlias(undefined, { mountAccessor: `m${b % 2}`, name: `u${a}`, canonicalId: other }).catch(ignore)
          if (what === 'unalias') await identity.deleteAlias((await identity.aliasIds())[a] ?? 'none')
        }
        await expectSound(identity)
      }),
      { numRuns: 60 },
    )
  })
})

async function expectSound(identity: Identity): Promise<void> {
  const aliasIds: string[] = []
  const ids = await identity.entityIds()
  for (const id of ids) {
    const entity = await identity.entity({ by: 'id', id })
    expect((await identity.entity({ by: 'name', name: entity?.name ?? '' }))?.id).toBe(id)
    const mounts = entity?.aliases.map(it => it.mountAccessor) ?? []
    expect(new Set(mounts).size).toBe(mounts.length)
    for (const alias of entity?.aliases ?? []) {
      aliasIds.push(alias.id)
      expect((await identity.entity({ by: 'alias-id', id: alias.id }))?.id).toBe(id)
      expect((await identity.entity({ by: 'alias', name: alias.name.toUpperCase(), mountAccessor: alias.mountAccessor }))?.id).toBe(id)
    }
    for (const group of (await identity.groupsOf(id)).direct) expect((await identity.members(group)).entityIds).toContain(id)
    expect((await identity.holderOf({ entityId: id }))?.id).toBe(id)
  }
  expect([...(await identity.aliasIds())].toSorted()).toEqual(aliasIds.toSorted())
  for (const group of await identity.groupIds())
    for (const member of (await identity.members(group)).entityIds) expect(ids).toContain(member)
}
