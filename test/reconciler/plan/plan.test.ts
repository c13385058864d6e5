import { describe, expect, it } from 'vitest'
import { encodePlan, type Address, type Plan, type Step } from '../../../src/reconciler/model/index.ts'
import { FakeTarget, Refused } from '../harness/fake-target.ts'
import { stepsOf } from '../harness/repository.ts'
import { applied, folder, planOf, put, take } from '../harness/run.ts'
import { sample } from '../harness/sample.ts'

const stepFor = (plan: Plan, address: string): Step | undefined => plan.steps.find(it => it.address === address)

async function settled(): Promise<{ dir: string; target: FakeTarget }> {
  const [dir, target] = [await folder(sample), new FakeTarget()]
  await applied(dir, target)
  return { dir, target }
}

describe('a plan', () => {
  it('creates in order of need: policies, mounts, configs, roles', async () => {
    expect(stepsOf(await planOf(await folder(sample), new FakeTarget()))).toEqual([
      'create policy/ci',
      'create policy/payments/read',
      'create auth/approle/',
      'create engine/secret/',
      'create engine/team/notes/',
      'create engine/secret/config',
      'create auth/approle/role/ci',
      'create auth/approle/role/ops',
      'create auth/token/roles/deploy',
    ])
  })

  it('sends nothing but reads', async () => {
    const { dir, target } = await settled()
    target.requests.length = 0
    await planOf(dir, target)
    expect(target.writes).toEqual([])
    expect(target.requests.length).toBeGreaterThan(5)
  })

  it('is empty after an apply', async () => {
    const { dir, target } = await settled()
    const plan = await planOf(dir, target)
    expect(plan.steps).toEqual([])
    expect(plan.unchanged).toBe(9)
  })

  it('deletes what is taken out of the files, last and in reverse', async () => {
    const { dir, target } = await settled()
    for (const path of ['policies/ci.hcl', 'roles/approle.yaml', 'roles/approle']) await take(dir, path)
    await put(dir, { 'policies/new.hcl': '# new\n' })
    expect(stepsOf(await planOf(dir, target))).toEqual([
      'create policy/new',
      'delete auth/approle/role/ci',
      'delete auth/approle/role/ops',
      'delete auth/approle/',
      'delete policy/ci',
    ])
  })

  it('deletes nothing that it did not create', async () => {
    const [dir, target] = [await folder(sample), new FakeTarget()]
    target.policies.set('ci', { text: '# by hand', version: 1 })
    await applied(dir, target)
    await take(dir, 'policies/ci.hcl')
    const plan = await planOf(dir, target)
    expect(stepsOf(plan)).toEqual(['forget policy/ci'])
    expect(plan.findings.map(it => it.code)).toContain('PLAN0004')
    await applied(dir, target)
    expect(target.policies.has('ci')).toBe(true)
    expect((await planOf(dir, target)).unmanaged.policies).toEqual(['ci'])
  })

  it('deletes what it adopted only where the owner says so', async () => {
    const [dir, target] = [await folder(sample), new FakeTarget()]
    target.policies.set('ci', { text: '# by hand', version: 1 })
    await applied(dir, target)
    await take(dir, 'policies/ci.hcl')
    await put(dir, { 'lockstep.yaml': 'ownership: { owner: sample, adopted: delete }\n' })
    expect(stepsOf(await planOf(dir, target))).toEqual(['delete policy/ci'])
  })

  it('adopts what is already as the files say, and changes nothing for it', async () => {
    const [dir, target] = [await folder({ 'policies/ci.hcl': '# a\n' }), new FakeTarget()]
    target.policies.set('ci', { text: '# a\n', version: 3 })
    const plan = await planOf(dir, target)
    expect(stepsOf(plan)).toEqual(['adopt policy/ci'])
    await applied(dir, target)
    expect(target.policies.get('ci')).toEqual({ text: '# a\n', version: 3 })
    expect((await planOf(dir, target)).steps).toEqual([])
  })

  it('forgets what is gone on both sides', async () => {
    const { dir, target } = await settled()
    await take(dir, 'policies/ci.hcl')
    target.policies.delete('ci')
    expect(stepsOf(await planOf(dir, target))).toEqual(['forget policy/ci'])
  })

  it('takes a creation that was not told of for its own', async () => {
    const [dir, target] = [await folder({ 'policies/a.hcl': '# a\n' }), new FakeTarget()]
    // The process ends after the policy is written and before the ledger is.
    target.after = request => {
      if (request === 'POST sys/policies/acl/a') throw new Error('killed')
    }
    target.before = request => {
      if (target.requests.includes('POST sys/policies/acl/a') && request !== 'POST sys/policies/acl/a') throw new Error('killed')
    }
    const report = await applied(dir, target)
    expect(report.outcome).toBe('failed')
    target.after = target.before = () => undefined
    const plan = await planOf(dir, target)
    expect(stepsOf(plan)).toEqual(['adopt policy/a'])
    await applied(dir, target)
    await take(dir, 'policies/a.hcl')
    await put(dir, { 'policies/b.hcl': '# b\n' })
    expect(stepsOf(await planOf(dir, target))).toEqual(['create policy/b', 'delete policy/a'])
  })

  it('replaces what cannot be changed, with everything on it', async () => {
    const { dir, target } = await settled()
    await put(dir, { 'engines/secret.yaml': 'type: kv-v2\nlocal: true\nconfig: { max_versions: 5 }\n' })
    const plan = await planOf(dir, target)
    expect(stepsOf(plan)).toEqual(['replace engine/secret/', 'create engine/secret/config'])
    expect(stepFor(plan, 'engine/secret/')?.loses).toBe('every secret of the mount, and every lease that it gave')
    await applied(dir, target, { dataLoss: true })
    expect((await planOf(dir, target)).steps).toEqual([])
  })

  it('turns a kv mount into one with versions, and then sets its config', async () => {
    const { dir, target } = await settled()
    await put(dir, { 'engines/team/notes.yaml': 'type: kv-v2\nconfig: { max_versions: 3 }\n' })
    // A secret of version 1 that happens to be called config is not taken for the mount's.
    target.objects.set('team/notes/config', { max_versions: 'not a number' })
    const plan = await planOf(dir, target)
    expect(stepsOf(plan)).toEqual(['update engine/team/notes/', 'create engine/team/notes/config'])
    expect(stepFor(plan, 'engine/team/notes/')?.notes.join()).toContain('no way back')
    target.objects.delete('team/notes/config')
    expect((await applied(dir, target)).outcome).toBe('done')
    expect((await planOf(dir, target)).steps).toEqual([])
  })

  it('brings a config back to the defaults when it is taken out', async () => {
    const { dir, target } = await settled()
    await put(dir, { 'engines/secret.yaml': 'type: kv-v2\ndescription: what teams keep\n', 'engines/x.yaml': 'type: kv-v2\nconfig: {}\n' })
    expect(stepsOf(await planOf(dir, target))).toContain('delete engine/secret/config')
    await applied(dir, target)
    expect((await target.read('secret/config'))?.data).toMatchObject({ max_versions: 0 })
    expect((await planOf(dir, target)).steps).toEqual([])
  })

  it('leaves alone what an ignore rule names, attribute by attribute', async () => {
    const { dir, target } = await settled()
    await put(dir, {
      'lockstep.yaml':
        'ownership: { owner: sample }\nignore:\n  - { address: auth/approle/role/*, attributes: [token_ttl] }\n  - policy/theirs-*\n',
    })
    await target.write('auth/approle/role/ci', { token_ttl: 99 })
    target.policies.set('theirs-1', { text: '# x', version: 1 })
    const plan = await planOf(dir, target)
    expect(plan.steps).toEqual([])
    expect(plan.unmanaged.policies).toEqual([])
    await put(dir, { 'roles/approle/roles/ops.yaml': 'token_policies: [ci]\nsecret_id_num_uses: 2\n' })
    await target.write('auth/approle/role/ops', { token_ttl: 77 })
    await applied(dir, target)
    expect(target.objects.get('auth/approle/role/ops')).toMatchObject({ secret_id_num_uses: 2, token_ttl: 77 })
  })

  it('is about selected addresses only, and the mounts that they need', async () => {
    const [dir, target] = [await folder(sample), new FakeTarget()]
    const plan = await planOf(dir, target, { isSelected: it => it === 'auth/approle/role/ci' })
    expect(stepsOf(plan)).toEqual(['create auth/approle/', 'create auth/approle/role/ci'])
  })

  it('warns of a role that names a policy which is nowhere', async () => {
    const dir = await folder({ 'roles/token.yaml': 'roles:\n  a: { allowed_policies: [nowhere, default] }\n' })
    const plan = await planOf(dir, new FakeTarget())
    expect(plan.findings.map(it => `${it.code} ${it.summary}`)).toEqual([
      'PLAN0002 auth/token/roles/a names the policy "nowhere", which is neither in the files nor on the server',
    ])
  })

  it('reports what is there beside what it manages', async () => {
    const { dir, target } = await settled()
    await target.write('sys/policies/acl/theirs', { policy: '# x' })
    await target.write('sys/mounts/theirs', { type: 'transit' })
    await target.write('auth/approle/role/theirs', {})
    const { steps, unmanaged } = await planOf(dir, target)
    expect(steps).toEqual([])
    expect(unmanaged).toEqual({
      policies: ['theirs'],
      auth: [],
      engines: ['engine/theirs/'],
      objects: ['auth/approle/role/theirs'],
      unlisted: [],
    })
  })

  it('is the same for the same input, to the byte', async () => {
    const { dir, target } = await settled()
    await put(dir, { 'policies/new.hcl': '# new\n' })
    expect(encodePlan(await planOf(dir, target))).toBe(encodePlan(await planOf(dir, target)))
  })

  it('works against a target that has neither versions nor detailed lists', async () => {
    const [dir, target] = [await folder(sample), new FakeTarget({ isOpenBao: false })]
    expect((await applied(dir, target)).outcome).toBe('done')
    expect((await planOf(dir, target)).steps).toEqual([])
    await take(dir, 'policies/ci.hcl')
    expect(stepsOf(await planOf(dir, target))).toEqual(['delete policy/ci'])
  })
})

describe('who moved', () => {
  const policy = 'policy/payments/read'
  const text = (rule: string): string => `path "secret/data/payments/*" {\n  capabilities = ["${rule}"]\n}\n`

  it.each([
    ['the files alone', true, false, 'repository'],
    ['the server alone', false, true, 'target'],
    ['both', true, true, 'both'],
  ] as const)('is told for %s', async (_what, isFile, isTarget, expected) => {
    const { dir, target } = await settled()
    if (isFile) await put(dir, { 'policies/payments/read.hcl': text('list') })
    if (isTarget) target.policies.set('payments/read', { text: text('update'), version: 9 })
    const plan = await planOf(dir, target)
    expect(stepFor(plan, policy)?.moved).toBe(expected)
  })

  it('is the server, for what was deleted there', async () => {
    const { dir, target } = await settled()
    target.policies.delete('payments/read')
    expect(stepFor(await planOf(dir, target), policy)).toMatchObject({
      action: 'create',
      moved: 'target',
      why: 'it was deleted on the server',
    })
  })

  it('is nobody, for what was never applied', async () => {
    const { dir, target } = await settled()
    await put(dir, { 'policies/new.hcl': '# new\n' })
    expect(stepFor(await planOf(dir, target), 'policy/new')?.moved).toBe('new')
  })
})

describe('what cannot be read', () => {
  it.each(['sys/auth', 'sys/mounts', 'auth/approle/role/ci', 'secret/config', 'sys/seal-status'])('is never an absence: %s', async path => {
    for (const status of [403, 500, undefined]) {
      const { dir, target } = await settled()
      target.before = request => {
        if (request === `GET ${path}`) throw status === undefined ? new Error('no answer') : new Refused(status, 'refused')
      }
      await expect(planOf(dir, target)).rejects.toThrow(status === undefined ? 'no answer' : 'refused')
    }
  })

  it('among the policies is asked for in the other way first', async () => {
    const { dir, target } = await settled()
    target.before = request => {
      if (request === 'GET sys/policies/detailed/acl') throw new Refused(403, 'permission denied')
    }
    expect((await planOf(dir, target)).steps).toEqual([])
    target.before = request => {
      if (/policies/.test(request)) throw new Refused(403, 'permission denied')
    }
    await expect(planOf(dir, target)).rejects.toThrow('permission denied')
  })

  it('stops the plan when it is the ledger', async () => {
    const { dir, target } = await settled()
    const part = target.policies.get('lockstep/ledger/sample/1.0')
    target.policies.set('lockstep/ledger/sample/1.0', { text: `${part?.text ?? ''}# more\n`, version: 9 })
    await expect(planOf(dir, target)).rejects.toThrow('the ledger in the policy lockstep/ledger/sample/1.0 cannot be read')
  })

  it('is no plan when the server is sealed', async () => {
    const { dir, target } = await settled()
    const read = target.read.bind(target)
    target.read = async (path, query) => {
      const answer = await read(path, query)
      return path === 'sys/seal-status' ? ({ ...answer, sealed: true } as typeof answer) : answer
    }
    await expect(planOf(dir, target)).rejects.toThrow('the server is sealed')
  })

  it('may be of a mount whose type has changed under us, and is let be', async () => {
    const { dir, target } = await settled()
    await take(dir, 'roles/approle')
    await take(dir, 'roles/approle.yaml')
    const mount = target.mounts.auth.get('approle')
    if (mount !== undefined) mount.type = 'ldap'
    const plan = await planOf(dir, target)
    expect(plan.findings.map(it => it.about)).toEqual(['auth/approle/role/ci', 'auth/approle/role/ops'] as Address[])
    expect(stepsOf(plan)).toEqual(['delete auth/approle/'])
  })
})
