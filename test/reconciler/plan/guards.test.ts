import { describe, expect, it } from 'vitest'
import { standingRefusals } from '../../../src/reconciler/index.ts'
import type { GuardName, Plan } from '../../../src/reconciler/model/index.ts'
import { FakeTarget } from '../harness/fake-target.ts'
import type { Files } from '../harness/repository.ts'
import { applied, apply, folder, planOf, put, take } from '../harness/run.ts'
import { sample } from '../harness/sample.ts'

const guardsOf = (plan: Plan): readonly GuardName[] => plan.refusals.map(it => it.guard)

const many = (count: number): Files => Object.fromEntries(Array.from({ length: count }, (_, i) => [`policies/p${i}.hcl`, `# ${i}\n`]))

async function settled(files: Files = sample): Promise<{ dir: string; target: FakeTarget }> {
  const [dir, target] = [await folder(files), new FakeTarget()]
  await applied(dir, target)
  target.requests.length = 0
  return { dir, target }
}

describe('a refused plan', () => {
  it('changes nothing', async () => {
    const { dir, target } = await settled()
    await take(dir, 'engines/team')
    const result = await apply(dir, target, await planOf(dir, target))
    expect(result).toMatchObject({ is: 'refused', refusals: [{ guard: 'data-loss' }] })
    expect(target.writes).toEqual([])
  })
})

describe('the limit of deletes', () => {
  it.each([
    [10, 3, []],
    [10, 4, ['max-deletes']],
    [2, 1, []],
    [3, 2, ['max-deletes']],
    [100, 25, []],
    [100, 26, ['max-deletes']],
  ])('of %i objects, %i deletes: %j', async (count, deletes, expected) => {
    const { dir, target } = await settled(many(count))
    for (let i = 0; i < deletes; i++) await take(dir, `policies/p${i}.hcl`)
    const plan = await planOf(dir, target)
    expect(plan.limits.deletes.count).toBe(deletes)
    expect(guardsOf(plan)).toEqual(expected)
  })

  it('is set in lockstep.yaml, and lifted for one run by the exact number', async () => {
    const { dir, target } = await settled({ ...many(10), 'lockstep.yaml': 'limits: { deletes: { count: 1 } }\n' })
    for (const i of [0, 1]) await take(dir, `policies/p${i}.hcl`)
    const plan = await planOf(dir, target)
    expect(guardsOf(plan)).toEqual(['max-deletes'])
    expect(standingRefusals(plan, { maxDeletes: 1 })).toHaveLength(1)
    expect(standingRefusals(plan, { maxDeletes: 2 })).toHaveLength(0)
  })
})

describe('the limit of changes', () => {
  it('holds where it is set', async () => {
    const { dir, target } = await settled({ ...many(4), 'lockstep.yaml': 'limits: { updates: { percent: 50 } }\n' })
    await put(dir, { 'policies/p0.hcl': '# x\n', 'policies/p1.hcl': '# x\n' })
    expect(guardsOf(await planOf(dir, target))).toEqual([])
    await put(dir, { 'policies/p2.hcl': '# x\n' })
    const plan = await planOf(dir, target)
    expect(guardsOf(plan)).toEqual(['max-updates'])
    expect(standingRefusals(plan, { maxUpdates: 3 })).toEqual([])
  })
})

describe('an empty input', () => {
  it('deletes nothing', async () => {
    const { dir, target } = await settled()
    for (const it of ['policies', 'roles', 'engines']) await take(dir, it)
    const plan = await planOf(dir, target)
    expect(guardsOf(plan).filter(it => it === 'nothing-left')).toHaveLength(3)
    expect(standingRefusals(plan, { maxDeletes: 99, dataLoss: true }).map(it => it.guard)).toEqual([
      'nothing-left',
      'nothing-left',
      'nothing-left',
    ])
  })

  it('is one folder at a time', async () => {
    const { dir, target } = await settled({
      ...many(1),
      'engines/a.yaml': 'type: kv\n',
      'engines/b.yaml': 'type: kv\n',
      'engines/c.yaml': 'type: kv\n',
    })
    await take(dir, 'policies')
    const plan = await planOf(dir, target)
    expect(guardsOf(plan)).toEqual(['nothing-left'])
    expect(standingRefusals(plan, { empty: true })).toEqual([])
  })

  it('that cannot be read is no plan at all', async () => {
    const { dir, target } = await settled()
    await put(dir, { 'roles/approle.yaml': 'type: approle\nroles: [\n' })
    await expect(planOf(dir, target)).rejects.toThrow(/sequence/)
  })
})

describe('what would be lost for good', () => {
  it('needs consent, and names what others have put there', async () => {
    const { dir, target } = await settled()
    await target.write('auth/approle/role/theirs', {})
    await take(dir, 'roles/approle')
    await take(dir, 'roles/approle.yaml')
    const plan = await planOf(dir, target)
    const [refusal] = plan.refusals.filter(it => it.guard === 'data-loss')
    expect(refusal?.summary).toContain('among it what is not managed here: auth/approle/role/theirs')
    expect(standingRefusals(plan, { dataLoss: true, maxDeletes: 9 })).toEqual([])
  })

  it('is not lost when a policy or a role goes', async () => {
    const { dir, target } = await settled()
    await take(dir, 'policies/ci.hcl')
    await take(dir, 'roles/approle/roles/ops.yaml')
    expect(guardsOf(await planOf(dir, target))).toEqual([])
  })
})

describe('two owners of one target', () => {
  const other: Files = { 'lockstep.yaml': 'ownership: { owner: other }\n', 'policies/other.hcl': '# other\n' }

  it('with different objects never touch each other', async () => {
    const { dir, target } = await settled()
    const second = await folder(other)
    await applied(second, target)
    for (const it of [dir, second]) expect((await planOf(it, target)).steps).toEqual([])
    await take(dir, 'policies/ci.hcl')
    await applied(dir, target)
    expect(target.policies.has('other')).toBe(true)
  })

  it('cannot both have an object', async () => {
    const { target } = await settled()
    const second = await folder({ ...other, 'policies/ci.hcl': '# mine\n' })
    const plan = await planOf(second, target)
    expect(guardsOf(plan)).toEqual(['foreign-owner'])
    expect(plan.refusals[0]?.summary).toBe('policy/ci belongs to "sample", who manages this target too')
    expect(standingRefusals(plan, { takeover: true })).toEqual([])
  })

  it('do not delete what the other has taken over', async () => {
    const { dir, target } = await settled()
    const second = await folder({ ...other, 'policies/ci.hcl': '# mine\n' })
    await applied(second, target, { takeover: true })
    await take(dir, 'policies/ci.hcl')
    await applied(dir, target)
    expect(target.policies.get('ci')?.text).toBe('# mine\n')
    for (const it of [dir, second]) expect((await planOf(it, target)).steps).toEqual([])
  })
})

describe('a mount that stands in the way', () => {
  it('is named, and no consent helps', async () => {
    const [dir, target] = [await folder({ 'engines/a/b.yaml': 'type: kv\n' }), new FakeTarget()]
    await target.write('sys/mounts/a', { type: 'kv' })
    const plan = await planOf(dir, target)
    expect(plan.refusals.map(it => it.summary)).toEqual(['engine/a/b/ cannot be mounted while engine/a/ stands there'])
    expect(standingRefusals(plan, { dataLoss: true, takeover: true, empty: true, ownAccess: true })).toHaveLength(1)
  })
})

describe('the rights of the run itself', () => {
  const admin =
    'path "sys/*" {\n  capabilities = ["create", "read", "update", "delete", "list", "sudo"]\n}\npath "auth/*" {\n  capabilities = ["create", "read", "update", "delete", "list"]\n}\n'
  const files: Files = { ...sample, 'policies/admin.hcl': admin }

  async function asAdmin(): Promise<{ dir: string; target: FakeTarget }> {
    const made = await settled(files)
    made.target.token = { policies: ['admin', 'default'], path: 'auth/approle/login', meta: { role_name: 'ci' } }
    return made
  }

  it.each([
    ['its policy is deleted', ['policies/admin.hcl'], {}, 'policy/admin would no longer let the token of this very run manage'],
    [
      'its policy loses what the run needs',
      [],
      { 'policies/admin.hcl': admin.replace('"create", "read", "update", "delete", "list"]', '"read"]') },
      'policy/admin would no longer let the token of this very run manage',
    ],
    [
      'the role that it logged in to goes',
      [],
      { 'roles/approle.yaml': 'type: approle\nroles: {}\n' },
      'the token of this very run was given by auth/approle/role/ci',
    ],
    [
      'the mount that gave its token goes',
      ['roles/approle', 'roles/approle.yaml'],
      {},
      'the token of this very run was given by auth/approle/',
    ],
  ] as const)('are not cut: %s', async (_what, gone, changed, expected) => {
    const { dir, target } = await asAdmin()
    for (const it of gone) await take(dir, it)
    await put(dir, changed)
    const refusals = (await planOf(dir, target)).refusals.filter(it => it.guard === 'own-access')
    expect(refusals.map(it => it.summary).join('\n')).toContain(expected)
  })

  it('may be shaped otherwise, as long as the run can go on', async () => {
    const { dir, target } = await asAdmin()
    await put(dir, { 'policies/admin.hcl': `# narrower in nothing\n${admin}` })
    expect(guardsOf(await planOf(dir, target))).toEqual([])
  })

  it('do not matter to a root token', async () => {
    const { dir, target } = await settled(files)
    await take(dir, 'policies/admin.hcl')
    expect(guardsOf(await planOf(dir, target))).toEqual([])
  })
})

describe('what the server has of its own', () => {
  it('is never deleted: the default policy', async () => {
    const { dir, target } = await settled({ ...many(5), 'policies/default.hcl': '# ours\n' })
    expect(target.policies.get('default')?.text).toBe('# ours\n')
    await take(dir, 'policies/default.hcl')
    const plan = await planOf(dir, target)
    expect(plan.steps.map(it => `${it.action} ${it.address}`)).toEqual(['forget policy/default'])
  })
})
