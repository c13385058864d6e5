import { describe, expect, it } from 'vitest'
import { answerFor, findHolder, readAccess, whoCan, type Access, type Described } from '../../../src/reconciler/access/index.ts'
import type { Address, Values } from '../../../src/reconciler/model/index.ts'
import { NOW } from '../harness/repository.ts'

const described = (address: string, values: Values): Described => ({ address: address as Address, values })
const policy = (name: string, path: string): Described =>
  described(`policy/${name}`, { policy: `path "${path}" {\n  capabilities = ["read"]\n}\n` })

const access: Access = readAccess(
  [
    policy('own', 'own'),
    policy('team', 'team/{{identity.groups.names.payments.metadata.key}}'),
    policy('staff', 'staff/{{identity.entity.name}}/{{identity.entity.metadata.floor}}'),
    described('identity/entity/name/ann', { policies: ['own'], metadata: { floor: '3' } }),
    described('identity/entity/name/bob', { policies: [], metadata: {} }),
    described('identity/group/name/payments', { policies: ['team'], metadata: { key: 'p' }, member_entities: ['ann'] }),
    described('identity/group/name/staff', { policies: ['staff'], member_groups: ['payments'], member_entities: [] }),
    // A circle, which a server would refuse and a file can say.
    described('identity/group/name/odd', { policies: [], member_groups: ['odd'], member_entities: ['bob'] }),
  ],
  { now: NOW },
)

const may = (name: string, path: string): boolean =>
  answerFor(access, access.effective(findHolder(access, name)), { op: 'read', path }).allowed

describe('an entity', () => {
  it('has what its groups have, and what groups have that those are in', () => {
    expect(access.effective(findHolder(access, 'ann', 'entity')).policies).toEqual(['own', 'staff', 'team'])
    expect(access.effective(findHolder(access, 'bob', 'entity')).policies).toEqual([])
  })

  it('is what templates ask for', () => {
    expect(may('ann', 'team/p')).toBe(true)
    expect(may('ann', 'staff/ann/3')).toBe(true)
    expect(may('ann', 'staff/bob/3')).toBe(false)
  })

  it('is named among those who can', () => {
    expect(whoCan(access, { op: 'read', path: 'staff/ann/3' }).map(it => [it.holder.address, it.depends.length])).toEqual([
      ['identity/entity/name/ann', 0],
      ['identity/group/name/payments', 1],
      ['identity/group/name/staff', 1],
    ])
  })
})

describe('a group', () => {
  it('has what the groups have that it is in, and is what templates ask for', () => {
    expect(access.effective(findHolder(access, 'payments')).policies).toEqual(['staff', 'team'])
    expect(may('payments', 'team/p')).toBe(true)
    expect(may('staff', 'team/p')).toBe(false)
  })
})
