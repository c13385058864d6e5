import { describe, expect, it } from 'vitest'
import { loadLedger } from '../../../src/reconciler/ledger/index.ts'
import { countSteps, decodePlan, encodePlan, type Plan } from '../../../src/reconciler/model/index.ts'
import { FakeTarget, Refused } from '../harness/fake-target.ts'
import { stepsOf, workspace } from '../harness/repository.ts'
import { apply, applied, folder, planOf, put, take } from '../harness/run.ts'
import { sample } from '../harness/sample.ts'

const settings = (moved: string): Readonly<Record<string, string>> => ({
  'lockstep.yaml': `version: 1\nownership: { owner: sample }\nmoved:\n${moved}`,
})

async function settled(): Promise<{ dir: string; target: FakeTarget }> {
  const [dir, target] = [await folder(sample), new FakeTarget()]
  await applied(dir, target)
  return { dir, target }
}

const writesOf = (target: FakeTarget): readonly string[] => target.writes.filter(it => !it.includes('lockstep/ledger'))

/** `roles/approle.yaml` under another name, with one role changed on the way. */
async function mountRenamed(dir: string): Promise<void> {
  await take(dir, 'roles/approle.yaml')
  await take(dir, 'roles/approle')
  await put(dir, {
    ...settings('  - { from: auth/approle/, to: auth/machines/ }\n'),
    'roles/machines.yaml': (sample['roles/approle.yaml'] ?? '').replace('description: machines', 'description: renamed'),
    'roles/machines/roles/ops.yaml': 'token_policies: [ci]\nsecret_id_num_uses: 2\n',
  })
}

describe('a mount that goes by another name', () => {
  it('is moved, and what lives on it is compared where it stands', async () => {
    const { dir, target } = await settled()
    await mountRenamed(dir)
    const plan = await planOf(dir, target)
    expect(stepsOf(plan)).toEqual(['move auth/machines/', 'update auth/machines/role/ops'])
    expect(plan.refusals).toEqual([])
    expect(countSteps(plan.steps)).toMatchObject({ move: 1, update: 1, create: 0, delete: 0 })
    expect(plan.steps[0]).toMatchObject({ movedFrom: 'auth/approle/', changed: ['description'] })
    expect(plan.limits.deletes.count).toBe(0)
    const id = target.objects.get('auth/approle/role/ci')?.['role_id']
    target.requests.length = 0
    await apply(dir, target, plan)
    expect(writesOf(target)).toEqual(['POST sys/remount', 'POST sys/auth/machines/tune', 'POST auth/machines/role/ops'])
    expect(target.objects.get('auth/machines/role/ci')?.['role_id']).toBe(id)
    expect(stepsOf(await planOf(dir, target))).toEqual([])
    const { ledger } = await loadLedger(target, 'sample')
    expect([...ledger.entries].filter(([it]) => it.startsWith('auth/a'))).toEqual([])
    expect(ledger.entries.get('auth/machines/role/ci' as never)?.origin).toBe('created')
  })

  it('stays moved when the move is taken out of lockstep.yaml', async () => {
    const { dir, target } = await settled()
    await mountRenamed(dir)
    await applied(dir, target)
    await put(dir, { 'lockstep.yaml': 'version: 1\nownership: { owner: sample }\n' })
    expect(stepsOf(await planOf(dir, target))).toEqual([])
  })

  it('is written down by the next apply when the one that moved it did not end', async () => {
    const { dir, target } = await settled()
    await mountRenamed(dir)
    await target.write('sys/remount', { from: 'auth/approle', to: 'auth/machines' })
    const plan = await planOf(dir, target)
    expect(stepsOf(plan)).toEqual(['update auth/machines/', 'update auth/machines/role/ops'])
    await apply(dir, target, plan)
    expect(stepsOf(await planOf(dir, target))).toEqual([])
    const { ledger } = await loadLedger(target, 'sample')
    expect([...ledger.entries.keys()].filter(it => it.startsWith('auth/approle'))).toEqual([])
  })

  it('survives as a saved plan, whose edits are noticed', async () => {
    const { dir, target } = await settled()
    await mountRenamed(dir)
    const plan = await planOf(dir, target)
    expect(decodePlan(encodePlan(plan))).toEqual(plan)
    expect((await apply(dir, target, decodePlan(encodePlan(plan)))).is).toBe('applied')
  })

  it('is not moved onto what stands there, nor into another type', async () => {
    const { dir, target } = await settled()
    await take(dir, 'engines/secret.yaml')
    await put(dir, { ...settings('  - { from: engine/secret/, to: engine/other/ }\n'), 'engines/other.yaml': 'type: transit\n' })
    const typed = await planOf(dir, target)
    expect(typed.findings.map(it => it.summary)).toContain(
      'engine/secret/ is not moved to engine/other/: it is of type kv, and the files say transit',
    )
    expect(stepsOf(typed)).toContain('delete engine/secret/')
    await put(dir, { 'engines/other.yaml': 'type: kv-v2\n' })
    await target.write('sys/mounts/other', { type: 'kv', options: { version: '2' } })
    const taken = await planOf(dir, target)
    expect(taken.findings.map(it => it.code)).toContain('PLAN0012')
    expect(stepsOf(taken).filter(it => it.startsWith('move'))).toEqual([])
  })

  it('that belongs to somebody else is refused', async () => {
    const target = new FakeTarget()
    await applied(await folder({ 'lockstep.yaml': 'ownership: { owner: other }\n', 'engines/theirs.yaml': 'type: kv\n' }), target)
    const dir = await folder({ ...settings('  - { from: engine/theirs/, to: engine/ours/ }\n'), 'engines/ours.yaml': 'type: kv\n' })
    expect((await planOf(dir, target)).refusals.map(it => it.guard)).toEqual(['foreign-owner'])
  })

  it('that gave the token of the run is refused, since its tokens are revoked', async () => {
    const { dir, target } = await settled()
    await mountRenamed(dir)
    target.token = { policies: ['ci'], path: 'auth/approle/login', meta: { role_name: 'ci' } }
    expect((await planOf(dir, target)).refusals.map(it => it.guard)).toEqual(['own-access'])
  })
})

describe('a policy that goes by another name', () => {
  const renamed = async (dir: string, until = ''): Promise<void> => {
    await take(dir, 'policies/ci.hcl')
    await put(dir, {
      ...settings(`  - { from: policy/ci, to: policy/build${until} }\n`),
      'policies/build.hcl': sample['policies/ci.hcl'] ?? '',
      'roles/approle.yaml': (sample['roles/approle.yaml'] ?? '').replace('[ci, payments/read]', '[build, payments/read]'),
      'roles/approle/roles/ops.yaml': 'token_policies: [build]\nsecret_id_num_uses: 1\n',
    })
  }

  it('is written, then named by those that have it, then deleted: nobody is without access for a moment', async () => {
    const { dir, target } = await settled()
    await renamed(dir)
    const plan = await planOf(dir, target)
    expect(stepsOf(plan)).toEqual([
      'create policy/build',
      'update auth/approle/role/ci',
      'update auth/approle/role/ops',
      'delete policy/ci',
    ])
    expect(plan.access).toEqual([])
    expect(countSteps(plan.steps)).toMatchObject({ move: 1, update: 2, create: 0, delete: 0 })
    expect([plan.limits.deletes.count, plan.refusals]).toEqual([0, []])
    const without: string[] = []
    target.after = request => {
      for (const it of ['ci', 'ops']) {
        const names = (target.objects.get(`auth/approle/role/${it}`)?.['token_policies'] ?? []) as readonly string[]
        if (!names.some(name => target.policies.get(name)?.text === sample['policies/ci.hcl'])) without.push(`${request}: ${it}`)
      }
    }
    await apply(dir, target, plan)
    expect(without).toEqual([])
    expect(target.policies.has('ci')).toBe(false)
    expect(stepsOf(await planOf(dir, target))).toEqual([])
  })

  it('is not deleted when those that have it could not be told', async () => {
    const { dir, target } = await settled()
    await renamed(dir)
    const plan: Plan = await planOf(dir, target)
    target.before = request => {
      if (request === 'POST auth/approle/role/ops') throw new Refused(403, 'permission denied')
    }
    await apply(dir, target, plan)
    expect(target.policies.has('ci')).toBe(true)
    expect(target.objects.get('auth/approle/role/ci')?.['token_policies']).toEqual(['ci', 'payments/read'])
  })

  it('stands under both names until a day, for tokens that have the old one', async () => {
    const { dir, target } = await settled()
    await renamed(dir, ', until: 2999-01-01')
    expect(stepsOf(await planOf(dir, target))).toEqual([
      'create policy/build',
      'update auth/approle/role/ci',
      'update auth/approle/role/ops',
    ])
    await applied(dir, target)
    expect(stepsOf(await planOf(dir, target))).toEqual([])
    await put(dir, { 'policies/build.hcl': '# both change\n' })
    expect(stepsOf(await planOf(dir, target))).toEqual(['update policy/build', 'update policy/ci'])
    await renamed(dir, ', until: 2020-01-01')
    expect(stepsOf(await planOf(dir, target))).toEqual(['delete policy/ci'])
  })
})

describe('moves in lockstep.yaml', () => {
  const files = { 'policies/b.hcl': '# b\n', 'policies/c.hcl': '# c\n', 'engines/k.yaml': 'type: kv\n' }

  it.each([
    ['- policy/a', ['LOAD0004']],
    ['- { from: policy/a }', ['LOAD0004']],
    ['- { from: policy/root, to: policy/b }', ['LOAD0004']],
    ['- { from: policy/a, to: engine/k/ }', ['LOAD0004']],
    ['- { from: auth/approle/role/x, to: auth/approle/role/y }', ['LOAD0004']],
    ['- { from: engine/sys/, to: engine/k/ }', ['LOAD0004']],
    ['- { from: engine/j/, to: engine/k/, until: 2999-01-01 }', ['LOAD0004']],
    ['- { from: policy/a, to: policy/b, until: someday }', ['LOAD0004']],
    ['- { from: policy/b, to: policy/c }', ['LOAD0018']],
    ['- { from: policy/a, to: policy/z }', ['LOAD0017']],
    ['- { from: policy/x, to: policy/y }\n  - { from: policy/y, to: policy/x }', ['LOAD0017', 'LOAD0017']],
    ['- { from: policy/a, to: policy/b }\n  - { from: policy/a, to: policy/c }', ['LOAD0006']],
    ['- { from: policy/x, to: policy/a }\n  - { from: policy/a, to: policy/b }', []],
  ])('%s', (text, codes) => {
    expect(workspace({ ...files, 'lockstep.yaml': `moved:\n  ${text}\n` }).findings.map(it => it.code)).toEqual(codes)
  })

  it('are followed to their end', () => {
    const { settings: read } = workspace({
      ...files,
      'lockstep.yaml': 'moved:\n  - { from: policy/x, to: policy/a }\n  - { from: policy/a, to: policy/b }\n',
    })
    expect(read.moved.map(it => [it.from, it.to])).toEqual([
      ['policy/x', 'policy/b'],
      ['policy/a', 'policy/b'],
    ])
  })
})
