import { describe, expect, it } from 'vitest'
import { loadLedger } from '../../../src/reconciler/ledger/index.ts'
import { applyPhase, encodePlan, openSavedPlan, reconcileOnce, type ApplyReport } from '../../../src/reconciler/index.ts'
import type { Plan } from '../../../src/reconciler/model/index.ts'
import { FakeTarget, Refused } from '../harness/fake-target.ts'
import { NOW, type Files } from '../harness/repository.ts'
import { applied, folder, planOf, put, take } from '../harness/run.ts'
import { sample } from '../harness/sample.ts'

async function run(
  dir: string,
  target: FakeTarget,
  plan: Plan,
  more: Partial<Parameters<typeof applyPhase>[1]> = {},
): Promise<ApplyReport> {
  const result = await applyPhase(plan, { writer: target, env: {}, dir, lookFirst: true, parallelism: 1, ...more })
  if (result.is === 'refused') throw new Error('refused')
  return result.report
}

const addresses = (steps: readonly { readonly address: string }[]): readonly string[] => steps.map(it => it.address)
const changesOf = (target: FakeTarget): readonly string[] => target.writes.filter(it => !it.includes('lockstep/ledger'))

describe('an apply', () => {
  it('does what the plan says, tells of each step, and writes it down', async () => {
    const [dir, target] = [await folder(sample), new FakeTarget()]
    const plan = await planOf(dir, target)
    const told: string[] = []
    const report = await run(dir, target, plan, {
      onEvent: it => void told.push(it.is === 'rolling-back' ? it.is : `${it.is} ${it.step.address}`),
    })
    expect(report).toMatchObject({ outcome: 'done', failed: [], left: [], moved: [] })
    expect(told.filter(it => it.startsWith('finished'))).toEqual(plan.steps.map(it => `finished ${it.address}`))
    const { ledger } = await loadLedger(target, 'sample')
    expect([...ledger.entries.values()].every(it => it.origin === 'created' && it.applied !== undefined)).toBe(true)
    expect(ledger.entries.size).toBe(plan.steps.length)
  })

  it('writes down what it will create before it creates it', async () => {
    const [dir, target] = [await folder(sample), new FakeTarget()]
    await run(dir, target, await planOf(dir, target))
    expect(target.writes[0]).toBe('POST sys/policies/acl/lockstep/ledger/sample/1.0')
  })

  it('stops at the first failure, and says what is done, what failed and what is left, where nothing is to be taken back', async () => {
    const [dir, target] = [await folder(sample), new FakeTarget()]
    const plan = await planOf(dir, target)
    target.before = request => {
      if (request === 'POST sys/mounts/secret') throw new Refused(403, 'permission denied')
    }
    const report = await run(dir, target, plan, { rollBack: false })
    expect(report.outcome).toBe('failed')
    expect(addresses(report.done)).toEqual(['policy/ci', 'policy/payments/read', 'auth/approle/'])
    expect(report.failed.map(it => `${it.step.address}: ${it.message}`)).toEqual(['engine/secret/: permission denied'])
    expect(addresses(report.left)).toEqual([
      'engine/team/notes/',
      'engine/secret/config',
      'auth/approle/role/ci',
      'auth/approle/role/ops',
      'auth/token/roles/deploy',
    ])
    const { ledger } = await loadLedger(target, 'sample')
    expect([...ledger.entries.keys()].sort()).toEqual(['auth/approle/', 'policy/ci', 'policy/payments/read'])
  })

  it.each(Array.from({ length: 9 }, (_, i) => i))('that fails at step %i can be finished by the next', async at => {
    const [dir, target] = [await folder(sample), new FakeTarget()]
    let count = 0
    target.before = request => {
      if (/^(POST|DELETE)/.test(request) && !request.includes('lockstep') && count++ === at) throw new Refused(503, 'not now')
    }
    expect((await run(dir, target, await planOf(dir, target))).outcome).toBe('failed')
    expect((await run(dir, target, await planOf(dir, target))).outcome).toBe('done')
    expect((await planOf(dir, target)).steps).toEqual([])
    const { ledger } = await loadLedger(target, 'sample')
    expect([...ledger.entries.values()].map(it => it.origin)).toEqual(Array.from({ length: 9 }, () => 'created'))
  })

  it('finds out what a write without an answer has done', async () => {
    const [dir, target] = [await folder(sample), new FakeTarget()]
    const plan = await planOf(dir, target)
    target.after = request => {
      if (request === 'POST auth/approle/role/ci') throw new Error('connection lost')
    }
    expect((await run(dir, target, plan)).outcome).toBe('done')
  })

  it('does nothing at all when the target has moved since the plan', async () => {
    const [dir, target] = [await folder(sample), new FakeTarget()]
    await applied(dir, target)
    await put(dir, { 'policies/ci.hcl': '# changed\n', 'roles/approle/roles/ops.yaml': 'token_ttl: 1h\n' })
    await take(dir, 'policies/payments/read.hcl')
    const plan = await planOf(dir, target)
    expect(addresses(plan.steps)).toEqual(['policy/ci', 'auth/approle/role/ops', 'policy/payments/read'])
    target.policies.delete('payments/read')
    await target.write('auth/approle/role/ops', { token_ttl: 5 })
    target.requests.length = 0
    const report = await run(dir, target, plan)
    expect(report.outcome).toBe('moved')
    expect(report.moved.map(it => `${it.step.address} ${it.now}`)).toEqual([
      'auth/approle/role/ops changed',
      'policy/payments/read deleted',
    ])
    expect(target.writes).toEqual([])
  })

  it.each([true, false])('does not write over what appears in between (compare-and-set: %s)', async isOpenBao => {
    const [dir, target] = [
      await folder({ 'policies/a.hcl': '# ours\n', 'roles/token.yaml': 'roles: { r: {} }\n' }),
      new FakeTarget({ isOpenBao }),
    ]
    const plan = await planOf(dir, target)
    target.policies.set('a', { text: '# theirs', version: 1 })
    const report = await run(dir, target, plan, { lookFirst: false })
    expect(report.outcome).toBe('moved')
    expect(report.moved.map(it => it.now)).toEqual(['created'])
    expect(target.policies.get('a')?.text).toBe('# theirs')
    expect((await loadLedger(target, 'default')).ledger.entries.size).toBe(0)
  })

  it('does not write over what is changed between the look and the write', async () => {
    const [dir, target] = [await folder({ 'policies/a.hcl': '# 1\n' }), new FakeTarget()]
    await applied(dir, target)
    await put(dir, { 'policies/a.hcl': '# 2\n' })
    const plan = await planOf(dir, target)
    target.before = request => {
      if (request === 'POST sys/policies/acl/a') target.policies.set('a', { text: '# theirs', version: 9 })
    }
    const report = await run(dir, target, plan)
    expect(report.moved.map(it => it.now)).toEqual(['changed'])
    expect(target.policies.get('a')?.text).toBe('# theirs')
  })

  it('begins nothing more when it is told to stop, and writes down what is done', async () => {
    const [dir, target] = [await folder(sample), new FakeTarget()]
    const controller = new AbortController()
    const report = await run(dir, target, await planOf(dir, target), {
      signal: controller.signal,
      onEvent: it => {
        if (it.is === 'finished' && it.count === 2) controller.abort()
      },
    })
    expect(addresses(report.done)).toEqual(['policy/ci', 'policy/payments/read'])
    expect(report.left).toHaveLength(7)
    expect((await loadLedger(target, 'sample')).ledger.entries.size).toBe(2)
  })

  it('changes nothing when the ledger cannot be written', async () => {
    const [dir, target] = [await folder(sample), new FakeTarget()]
    const plan = await planOf(dir, target)
    target.before = request => {
      if (/^POST .*lockstep/.test(request)) throw new Refused(403, 'permission denied')
    }
    const report = await run(dir, target, plan)
    expect(report).toMatchObject({ outcome: 'failed', ledger: 'permission denied', done: [] })
    expect(changesOf(target)).toEqual([])
  })

  it('says so when the ledger cannot be written at the end', async () => {
    const [dir, target] = [await folder({ 'policies/a.hcl': '# a\n' }), new FakeTarget()]
    const plan = await planOf(dir, target)
    target.before = request => {
      if (/^POST .*lockstep/.test(request) && target.policies.has('a')) throw new Refused(500, 'no space')
    }
    expect(await run(dir, target, plan)).toMatchObject({ outcome: 'failed', ledger: 'no space', done: [{ address: 'policy/a' }] })
  })
})

describe('values by reference', () => {
  const files: Files = { 'roles/approle.yaml': 'type: approle\nroles:\n  ci: { role_id: { $env: CI_ROLE_ID } }\n' }
  const env = { CI_ROLE_ID: 'planted-marker-4711' }

  it('reach the target, and nothing else', async () => {
    const [dir, target] = [await folder(files), new FakeTarget()]
    const plan = await planOf(dir, target, { env })
    const report = await run(dir, target, plan, { env })
    expect(report.outcome).toBe('done')
    expect(target.objects.get('auth/approle/role/ci')?.['role_id']).toBe('planted-marker-4711')
    const everything = `${encodePlan(plan)}${JSON.stringify(report)}${[...target.policies.values()].map(it => it.text).join('')}`
    expect(everything).not.toContain('planted-marker')
    expect(everything).toContain('CI_ROLE_ID')
  })

  it('are compared: a change of theirs is one change, and none is none', async () => {
    const [dir, target] = [await folder(files), new FakeTarget()]
    await applied(dir, target, {}, { env })
    expect((await planOf(dir, target, { env })).steps).toEqual([])
    const plan = await planOf(dir, target, { env: { CI_ROLE_ID: 'planted-marker-4712' } })
    expect(plan.steps).toMatchObject([{ action: 'update', changed: ['role_id'], hidden: ['role_id'] }])
    expect(encodePlan(plan)).not.toContain('planted-marker')
  })

  it('come from files and from the target too', async () => {
    const [dir, target] = [
      await folder({
        'secret.txt': 'from-a-file\n',
        'roles/approle.yaml':
          'type: approle\nroles:\n  a: { role_id: { $file: secret.txt } }\n  b: { role_id: { $vault: "kv/data/x#id" } }\n  c: { role_id: { $vault: "kv1/x#id" } }\n',
      }),
      new FakeTarget(),
    ]
    await target.write('sys/mounts/kv', { type: 'kv' })
    await target.write('sys/mounts/kv1', { type: 'kv' })
    target.objects.set('kv/data/x', { data: { id: 'from-kv-2' }, metadata: { version: 1 } })
    target.objects.set('kv1/x', { id: 'from-kv-1' })
    expect((await applied(dir, target)).outcome).toBe('done')
    expect(['a', 'b', 'c'].map(it => target.objects.get(`auth/approle/role/${it}`)?.['role_id'])).toEqual([
      'from-a-file',
      'from-kv-2',
      'from-kv-1',
    ])
  })

  it('that cannot be found are a warning to a plan, and stop an apply before its first write', async () => {
    const [dir, target] = [await folder(files), new FakeTarget()]
    const plan = await planOf(dir, target)
    expect(plan.findings.map(it => it.summary)).toEqual(['role_id is not compared: { $env: CI_ROLE_ID }: the variable is not set'])
    const report = await run(dir, target, plan)
    expect(report).toMatchObject({
      outcome: 'failed',
      done: [],
      failed: [{ message: 'role_id: { $env: CI_ROLE_ID }: the variable is not set' }],
    })
    expect(target.writes).toEqual([])
  })
})

describe('a saved plan', () => {
  const ADDRESS = 'http://127.0.0.1:8200'
  const opened = async (text: string, target: FakeTarget): Promise<Plan> => await openSavedPlan(text, target, ADDRESS, NOW)

  it('is applied as it was saved', async () => {
    const [dir, target] = [await folder(sample), new FakeTarget()]
    const saved = await opened(encodePlan(await planOf(dir, target)), target)
    await put(dir, { 'policies/later.hcl': '# not in the plan\n' })
    expect((await run(dir, target, saved)).outcome).toBe('done')
    expect(target.policies.has('later')).toBe(false)
  })

  it.each([
    ['what is written', 'payments/*', '*'],
    ['what was seen', '"absent"', '"AAAAAAAAAAAAAAAAAAAAAA"'],
    ['why it is refused', '"guard": "nothing-left"', '"guard": "data-loss"'],
  ])('that was edited is refused: %s', async (_what, from, to) => {
    const [dir, target] = [await folder(sample), new FakeTarget()]
    await applied(await folder({ 'lockstep.yaml': 'ownership: { owner: sample }\n', 'engines/gone.yaml': 'type: kv\n' }), target)
    await take(dir, 'engines')
    const text = encodePlan(await planOf(dir, target))
    expect(text).toContain(from)
    await expect(opened(text.replace(from, to), target)).rejects.toThrow('the plan was changed after it was saved')
  })

  it.each([
    ['', 'the file is not JSON'],
    ['[]', 'the plan: expected an object'],
    ['{"format_version":"2.0"}', 'the plan has format 2.0; this version reads format 1'],
    ['{"format_version":"1.7","source":{"kind":"x"}}', 'source.kind: expected one of commit, worktree, folder'],
  ])('that is none is refused: %s', async (text, message) => {
    await expect(opened(text, new FakeTarget())).rejects.toThrow(message)
  })

  it('is for one server only', async () => {
    const [dir, target] = [await folder(sample), new FakeTarget()]
    const text = encodePlan(await planOf(dir, target))
    const other = new FakeTarget()
    const read = other.read.bind(other)
    other.read = async (path, query) => {
      const answer = await read(path, query)
      return path === 'sys/seal-status' ? ({ ...answer, cluster_id: 'cluster-2' } as typeof answer) : answer
    }
    await expect(opened(text, other)).rejects.toThrow('the plan was made for another server')
  })

  it('is refused to a token that it would cut off, whoever made it', async () => {
    const admin = 'path "sys/*" {\n  capabilities = ["create", "read", "update", "delete", "list", "sudo"]\n}\n'
    const [dir, target] = [await folder({ ...sample, 'policies/admin.hcl': admin }), new FakeTarget()]
    await applied(dir, target)
    await take(dir, 'policies/admin.hcl')
    const text = encodePlan(await planOf(dir, target))
    expect((await opened(text, target)).refusals).toEqual([])
    target.token = { policies: ['admin'], path: 'auth/token/create' }
    expect((await opened(text, target)).refusals.map(it => it.guard)).toEqual(['own-access'])
  })

  it('applied twice has moved the second time', async () => {
    const [dir, target] = [await folder(sample), new FakeTarget()]
    const plan = await planOf(dir, target)
    await run(dir, target, plan)
    expect((await run(dir, target, plan)).outcome).toBe('moved')
  })
})

describe('reconciling once', () => {
  const once = async (dir: string, target: FakeTarget): Promise<Awaited<ReturnType<typeof reconcileOnce>>> =>
    await reconcileOnce({ dir, source: 'worktree', writer: target, target: { address: 'http://127.0.0.1:8200' }, env: {}, now: () => NOW })

  it('applies, and finds nothing to do the second time', async () => {
    const [dir, target] = [await folder(sample), new FakeTarget()]
    const first = await once(dir, target)
    expect(first.outcome).toBe('applied')
    expect(first.after?.steps).toEqual([])
    target.requests.length = 0
    expect((await once(dir, target)).outcome).toBe('clean')
    expect(target.writes).toEqual([])
  })

  it('asks nothing of the target when the files are wrong', async () => {
    const [dir, target] = [await folder({ 'policies/a.hcl': 'path' }), new FakeTarget()]
    expect((await once(dir, target)).outcome).toBe('broken')
    expect(target.requests).toEqual([])
  })

  it('says what is not as it should be, when the target keeps something else than it was given', async () => {
    const [dir, target] = [await folder({ 'policies/a.hcl': '# a\n' }), new FakeTarget()]
    target.after = request => {
      if (request === 'POST sys/policies/acl/a') target.policies.set('a', { text: '# bent', version: 1 })
    }
    const result = await once(dir, target)
    expect(result.outcome).toBe('unsettled')
    expect(result.after?.steps).toMatchObject([{ action: 'update', address: 'policy/a' }])
  })
})
