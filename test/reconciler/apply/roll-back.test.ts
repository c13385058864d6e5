import { describe, expect, it } from 'vitest'
import { applyPhase, type ApplyReport } from '../../../src/reconciler/index.ts'
import { loadLedger } from '../../../src/reconciler/ledger/index.ts'
import { FakeTarget, Refused } from '../harness/fake-target.ts'
import type { Files } from '../harness/repository.ts'
import { applied, folder, planOf, put, take } from '../harness/run.ts'
import { sample } from '../harness/sample.ts'

const everything = { maxDeletes: 1000, maxUpdates: 1000, dataLoss: true, empty: true }

async function run(dir: string, target: FakeTarget, env: Readonly<Record<string, string>> = {}): Promise<ApplyReport> {
  const plan = await planOf(dir, target, { env })
  const result = await applyPhase(plan, { writer: target, env, dir, lookFirst: true, consents: everything, parallelism: 1 })
  if (result.is === 'refused') throw new Error('refused')
  return result.report
}

const inOrder = <T>(map: ReadonlyMap<string, T>): readonly (readonly [string, T])[] => [...map].sort(([a], [b]) => (a < b ? -1 : 1))

/** All that stands on a target, without ledgers and the versions of policies. */
const stateOf = (target: FakeTarget): string =>
  JSON.stringify([
    [...target.policies].filter(([name]) => !name.startsWith('lockstep/')).map(([name, { text }]) => [name, text]),
    inOrder(target.mounts.auth),
    inOrder(target.mounts.engine),
    inOrder(target.objects),
  ])

const entriesOf = async (target: FakeTarget): Promise<string> =>
  JSON.stringify(inOrder((await loadLedger(target, 'sample')).ledger.entries))

const addresses = (steps: readonly { readonly address: string }[]): readonly string[] => steps.map(it => it.address)

const isChange = (request: string): boolean => /^(POST|DELETE)/.test(request) && !request.includes('lockstep')

/** A change of everything: what is updated, moved, made, and taken away. */
const changed: Files = {
  'lockstep.yaml': 'version: 1\nownership: { owner: sample }\nmoved: [{ from: engine/team/notes/, to: engine/notes/ }]\n',
  'policies/ci.hcl': '# another\n',
  'policies/new.hcl': '# new\n',
  'roles/approle/roles/ops.yaml': 'token_policies: [new]\nsecret_id_num_uses: 2\n',
  'roles/token.yaml': 'roles: {}\n',
  'engines/secret.yaml': 'type: kv-v2\ndescription: other words\nconfig: { max_versions: 7 }\n',
  'engines/notes.yaml': 'type: kv\ndescription: moved\n',
}

async function settledAndChanged(): Promise<{ dir: string; target: FakeTarget }> {
  const [dir, target] = [await folder(sample), new FakeTarget()]
  await applied(dir, target)
  await put(dir, changed)
  await take(dir, 'engines/team/notes.yaml')
  return { dir, target }
}

describe('an apply that fails', () => {
  it.each(Array.from({ length: 9 }, (_, i) => i))('at creating object %i leaves the target and the ledger as they were', async at => {
    const [dir, target] = [await folder(sample), new FakeTarget()]
    const [before, entries] = [stateOf(target), await entriesOf(target)]
    let count = 0
    target.before = request => {
      if (isChange(request) && count++ === at) throw new Refused(503, 'not now')
    }
    const report = await run(dir, target)
    expect([report.outcome, report.done, report.kept]).toEqual(['failed', [], []])
    expect(report.rolledBack).toHaveLength(at)
    expect(stateOf(target)).toBe(before)
    expect(await entriesOf(target)).toBe(entries)
  })

  it.each([403, 503])('at any write of a change (%i) leaves it before or after, or names what is left', async status => {
    const whole = await settledAndChanged()
    whole.target.requests.length = 0
    await run(whole.dir, whole.target)
    const after = stateOf(whole.target)
    const writes = whole.target.writes.filter(isChange).length
    expect(writes).toBe(8)
    for (let at = 0; at < writes; at++) {
      const { dir, target } = await settledAndChanged()
      const [before, entries] = [stateOf(target), await entriesOf(target)]
      let count = 0
      target.before = request => {
        if (isChange(request) && count++ === at) throw new Refused(status, 'not now')
      }
      const report = await run(dir, target)
      target.before = () => undefined
      expect([at, report.outcome, report.kept]).toEqual([at, 'failed', []])
      expect([at, stateOf(target)]).toEqual([at, before])
      expect([at, await entriesOf(target)]).toEqual([at, entries])
      expect((await run(dir, target)).outcome).toBe('done')
      expect(stateOf(target)).toBe(after)
    }
  })

  it('keeps what cannot be taken back, and what that may stand on', async () => {
    const [dir, target] = [
      await folder({ ...sample, 'roles/approle/roles/ops.yaml': 'token_policies: [ci]\nrole_id: { $env: ID }\n' }),
      new FakeTarget(),
    ]
    await applied(dir, target, {}, { env: { ID: 'one' } })
    await put(dir, { 'policies/a.hcl': '# a\n', 'roles/token.yaml': 'roles: { last: {} }\n' })
    await take(dir, 'policies/payments/read.hcl')
    target.before = request => {
      if (request === 'DELETE sys/policies/acl/payments/read') throw new Refused(403, 'permission denied')
    }
    const report = await run(dir, target, { ID: 'two' })
    expect(report.kept.map(it => `${it.step.address}: ${it.why}`)).toEqual([
      'auth/approle/role/ops: the secret that it had before is not known',
    ])
    expect(addresses(report.done)).toEqual(['policy/a', 'auth/approle/role/ops'])
    expect(addresses(report.rolledBack)).toEqual(['auth/token/roles/deploy', 'auth/token/roles/last'])
    expect([target.policies.has('a'), target.objects.get('auth/approle/role/ops')?.['role_id']]).toEqual([true, 'two'])
    target.before = () => undefined
    expect((await run(dir, target, { ID: 'two' })).outcome).toBe('done')
  })

  it('takes back nothing that somebody else has changed in between', async () => {
    const [dir, target] = [await folder(sample), new FakeTarget()]
    target.before = request => {
      if (request !== 'POST auth/approle/role/ci') return
      target.policies.set('ci', { text: '# theirs', version: 9 })
      throw new Refused(403, 'permission denied')
    }
    const report = await run(dir, target)
    expect(report.kept.map(it => `${it.step.address}: ${it.why}`)).toEqual(['policy/ci: somebody changed it since'])
    expect(target.policies.get('ci')?.text).toBe('# theirs')
  })

  it('removes no mount of which it is not known who made it', async () => {
    const [dir, target] = [await folder(sample), new FakeTarget()]
    target.after = request => {
      if (request === 'POST sys/mounts/secret') throw new Error('connection lost')
    }
    const report = await run(dir, target)
    expect(report.unknown).toEqual(['engine/secret/'])
    expect(report.kept.map(it => it.why)).toEqual(['whether this apply made it is not known'])
    expect(target.mounts.engine.has('secret')).toBe(true)
    target.after = () => undefined
    expect((await run(dir, target)).outcome).toBe('done')
    expect((await planOf(dir, target)).steps).toEqual([])
  })

  it('is not rolled back when it is told to stop', async () => {
    const [dir, target] = [await folder(sample), new FakeTarget()]
    const controller = new AbortController()
    const plan = await planOf(dir, target)
    const result = await applyPhase(plan, {
      writer: target,
      env: {},
      dir,
      lookFirst: true,
      parallelism: 1,
      signal: controller.signal,
      onEvent: it => {
        if (it.is === 'finished' && it.count === 2) controller.abort()
      },
    })
    expect(result).toMatchObject({ report: { rolledBack: [], done: [{ address: 'policy/ci' }, { address: 'policy/payments/read' }] } })
  })
})
