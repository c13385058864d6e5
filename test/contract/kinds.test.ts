import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { kinds } from '../../src/reconciler/kinds/index.ts'
import { textOf, type Address, type Plan, type Resource } from '../../src/reconciler/model/index.ts'
import { homeFileAt } from '../../src/reconciler/load/home-files.ts'
import { mountTypeOf } from '../../src/reconciler/shapes/index.ts'
import { workspace } from '../reconciler/harness/repository.ts'
import { folder, put, take } from '../reconciler/harness/run.ts'
import { startOurs, startPeer, type RunningServer } from './harness/server.ts'
import { matrixCases, otherValue, type MatrixCase } from './kinds.matrix.ts'
import { targetAt, type TestTarget } from './reconciler-target.ts'

const everything = { maxDeletes: 1000, maxUpdates: 1000, dataLoss: true, empty: true }
const KEY = { LEDGER_KEY: 'a key that nobody guesses' }
const settingsOf = (case_: number): string => `version: 1\nownership: { owner: matrix-${case_}, ledger_key: { $env: LEDGER_KEY } }\n`

const changesOf = (plan: Plan): readonly unknown[] => plan.steps.map(it => [it.action, it.address, it.changed])

/** Our server has not every type that the tables know. */
async function has(target: TestTarget, { file }: MatrixCase): Promise<boolean> {
  const [, folderName = '', type = ''] = /^(roles|engines)\/(\w+)\./.exec(file) ?? []
  const path = `sys/${folderName === 'roles' ? 'auth' : 'mounts'}/probe-${type}`
  try {
    await target.writer.write(path, { type })
    await target.writer.delete(path)
    return true
  } catch {
    return false
  }
}

const isOnMount = ({ file }: MatrixCase): boolean => /^(roles|engines)\//.test(file)

const elsewhere = (one: MatrixCase, mount: string): MatrixCase =>
  !isOnMount(one)
    ? one
    : {
        ...one,
        file: one.file.replace(/\/\w+\.yaml$/, `/${mount}.yaml`),
        address: one.address.replace(/^(\w+)\/\w+\//, `$1/${mount}/`),
      }

describe.each([
  ['a real OpenBao', startPeer],
  ['our own server', startOurs],
] as const)('every kind against %s', (name, start) => {
  let server: RunningServer
  let target: TestTarget

  beforeAll(async () => {
    server = await start('dev')
    target = targetAt(server.address)
  })
  afterAll(async () => {
    target.client.close()
    await server.stop()
  })

  it.each(matrixCases.map((it, i) => [it.address, it, i] as const))('%s (%#) is brought, kept and let go', async (_address, one, i) => {
    if (name !== 'a real OpenBao' && isOnMount(one) && !(await has(target, one))) return
    // Each on a mount of its own, so that one that fails stands in no other's way.
    const { address, text, file, changes = {}, along = {}, skip = {} } = elsewhere(one, `m${i}`)
    const env = { ...KEY, ...one.env }
    const dir = await folder({ 'lockstep.yaml': settingsOf(i), [file]: text })
    for (const [path, body] of one.earlier ?? []) await target.writer.write(path, body).catch(() => undefined)
    const first = await target.apply(dir, everything, env).catch((error: unknown) => error as Error)
    if (first instanceof Error) {
      // Our own server has not every path that the tables know.
      expect([name, first.message]).toEqual(['our own server', expect.stringMatching(/: 404 [^]*(no handler for route|unsupported path)/)])
      return
    }
    if (first.failed.some(it => one.refused?.test(it.message) === true)) return
    expect(first.failed.map(it => `${it.step.address}: ${it.message}`)).toEqual([])
    expect(changesOf(await target.plan(dir, env))).toEqual([])
    for (const [path, body] of one.afterwards ?? [])
      await target.writer.write(`${address.startsWith('auth/') ? 'auth/' : ''}m${i}/${path}`, body)

    const resource = workspace({ [file]: text }).resources.get(address as Address) as Resource
    const section = homeFileAt(file.replace(/\.\w+$/, ''))?.section
    const shape =
      section?.shape ??
      Object.values(
        mountTypeOf(resource.mount?.startsWith('auth/') === true ? 'auth' : 'engine', resource.type ?? '')?.sections ?? {},
      ).find(it => address.slice(resource.mount?.length) === it.path || address.slice(resource.mount?.length).startsWith(`${it.path}/`))
        ?.shape ??
      {}
    const wrong: string[] = []
    for (const [attribute, it] of Object.entries(shape)) {
      if (it.unread !== undefined || it.fixed || skip[attribute] !== undefined || one.only?.includes(attribute) === false) continue
      const other = it.tidy(changes[attribute] ?? otherValue(it, resource.values[attribute]))
      const together = { ...along[attribute], [attribute]: other }
      const values = { ...resource.values, ...together }
      try {
        await kinds['object']?.update(target.writer, { subject: resource, values, changed: Object.keys(together), compareAndSet: false })
      } catch (error) {
        wrong.push(`${attribute}: ${String(error)}`)
        continue
      }
      const plan = await target.plan(dir, env)
      const action = plan.steps[0]?.action === 'replace' ? 'replace' : 'update'
      const expected = [[action, address, Object.keys(together).sort()]]
      if (JSON.stringify(changesOf(plan)) !== JSON.stringify(expected))
        wrong.push(
          `${attribute}: ${JSON.stringify(plan.steps.map(s => [s.action, s.address, s.changed, s.changed.map(n => [s.before?.[n], s.after?.[n]])]))}`,
        )
      const back = await target.apply(dir, everything, env)
      for (const { message } of back.failed) wrong.push(`${attribute}, taken back: ${message}`)
    }
    expect(wrong).toEqual([])
    expect(changesOf(await target.plan(dir, env))).toEqual([])

    if (isOnMount(one)) await put(dir, { [file]: `${text.split('\n')[0] ?? ''}\n` })
    else await take(dir, file)
    const gone = await target.apply(dir, everything, env)
    expect(gone.failed.map(it => `${it.step.address}: ${it.message}`)).toEqual([])
    expect(changesOf(await target.plan(dir, env))).toEqual([])
  })

  describe('identities, which files name and the API numbers', () => {
    const files = {
      'lockstep.yaml': settingsOf(101),
      'roles/people.yaml': 'type: userpass\n',
      'identity/entities/ann.yaml': 'aliases: { people: ann }\n',
      'identity/entities/bob.yaml': '{}\n',
      'identity/groups.yaml':
        'ops: { member_entities: [bob, ann] }\nall: { member_groups: [ops] }\nldap-ops: { type: external, alias: { people: ops } }\n',
      // Our own server has no OpenID Connect provider, to which assignments belong.
      ...(name === 'a real OpenBao' && { 'identity/oidc/assignments.yaml': 'staff: { entities: [ann], groups: [ops] }\n' }),
    }

    it('are joined by their names, whatever their IDs', async () => {
      const dir = await folder(files)
      const assigned = Object.hasOwn(files, 'identity/oidc/assignments.yaml')
      const first = await target.apply(dir, everything, KEY)
      expect(first.failed.map(it => `${it.step.address}: ${it.message}`)).toEqual([])
      expect(changesOf(await target.plan(dir, KEY))).toEqual([])
      await put(dir, {
        'identity/entities/ann.yaml': 'aliases: { people: anna }\n',
        'identity/groups.yaml': 'ops: { member_entities: [bob] }\nall: {}\nldap-ops: { type: external, alias: { people: admins } }\n',
        ...(assigned && { 'identity/oidc/assignments.yaml': 'staff: { entities: [bob], groups: [] }\n' }),
      })
      expect(changesOf(await target.plan(dir, KEY))).toEqual([
        ['update', 'identity/entity/name/ann', ['aliases']],
        ['update', 'identity/group/name/all', ['member_groups']],
        ['update', 'identity/group/name/ldap-ops', ['alias']],
        ['update', 'identity/group/name/ops', ['member_entities']],
        ...(assigned ? [['update', 'identity/oidc/assignment/staff', ['entities', 'groups']]] : []),
      ])
      expect((await target.apply(dir, everything, KEY)).failed.map(it => it.message)).toEqual([])
      expect(changesOf(await target.plan(dir, KEY))).toEqual([])
      for (const it of [
        'identity/entities/ann.yaml',
        'identity/entities/bob.yaml',
        'identity/groups.yaml',
        ...(assigned ? ['identity/oidc/assignments.yaml'] : []),
      ])
        await take(dir, it)
      expect((await target.apply(dir, everything, KEY)).failed.map(it => it.message)).toEqual([])
      expect(changesOf(await target.plan(dir, KEY))).toEqual([])
    })
  })

  describe('anything else, by its path', () => {
    it('is written where it differs, and told apart from what nobody said', async () => {
      const dir = await folder({
        'lockstep.yaml': settingsOf(102),
        'roles/other.yaml': 'type: approle\n',
        'api/auth/other/role/r.yaml': 'token_ttl: 1h\nrole_id: { $env: ID }\n',
      })
      const env = { ...KEY, ID: 'an-id' }
      await target.apply(dir, everything, env)
      expect(changesOf(await target.plan(dir, env))).toEqual([])
      await target.writer.write('auth/other/role/r', { token_ttl: '2h', token_num_uses: 3 })
      const plan = await target.plan(dir, env)
      expect(changesOf(plan)).toEqual([['update', 'api/auth/other/role/r', ['token_ttl']]])
      expect(plan.steps[0]?.before).toEqual({ token_ttl: 7200 })
      await target.apply(dir, everything, env)
      expect(changesOf(await target.plan(dir, { ...env, ID: 'another' }))).toEqual([['update', 'api/auth/other/role/r', ['role_id']]])
      await take(dir, 'api/auth/other/role/r.yaml')
      expect(changesOf(await target.plan(dir, env))).toEqual([['delete', 'api/auth/other/role/r', []]])
      await target.apply(dir, everything, env)
      expect(await target.writer.read('auth/other/role/r')).toBeUndefined()
    })
  })

  describe('secrets, which no answer holds', () => {
    const text = 'type: userpass\nusers:\n  ann: { password: { $env: PASSWORD } }\n'
    const files = { 'lockstep.yaml': settingsOf(100), 'roles/persons.yaml': text }
    const env = { ...KEY, PASSWORD: 'hunter2' }
    const one: MatrixCase = { file: 'roles/userpass.yaml', text, address: '' }
    const login = async (password: string): Promise<boolean> =>
      target.writer.write('auth/persons/login/ann', { password }).then(
        () => true,
        () => false,
      )

    it('are written once, and again when they change', async () => {
      if (name !== 'a real OpenBao' && !(await has(target, one))) return
      const dir = await folder(files)
      await target.apply(dir, everything, env)
      expect(changesOf(await target.plan(dir, env))).toEqual([])
      expect(await login('hunter2')).toBe(true)
      const next = { ...env, PASSWORD: 'hunter3' }
      expect(changesOf(await target.plan(dir, next))).toEqual([['update', 'auth/persons/users/ann', ['password']]])
      await target.apply(dir, everything, next)
      expect(changesOf(await target.plan(dir, next))).toEqual([])
      expect([await login('hunter2'), await login('hunter3')]).toEqual([false, true])
    })

    it('are not in the ledger, nor is a hash that could be made without the key', async () => {
      if (name !== 'a real OpenBao' && !(await has(target, one))) return
      const dir = await folder(files)
      await target.apply(dir, everything, env)
      const ledger = textOf((await target.writer.read('sys/policies/acl/lockstep/ledger/matrix-100/1.0'))?.data?.['policy'])
      expect(ledger).toMatch(/auth\/persons\/users\/ann [\w-]{22} password=[\w-]{22}$/m)
      for (const hash of ['sha256', 'sha512', 'md5'])
        for (const form of ['hex', 'base64url'] as const)
          expect(ledger).not.toContain(createHash(hash).update('hunter2').digest(form).slice(0, 16))
      expect(ledger).not.toContain('hunter2')
    })

    it('are compared only where both the key and the secret are at hand', async () => {
      if (name !== 'a real OpenBao' && !(await has(target, one))) return
      const dir = await folder(files)
      await target.apply(dir, everything, env)
      const withoutSecret = await target.plan(dir, KEY)
      expect([changesOf(withoutSecret), withoutSecret.findings.map(it => it.code)]).toEqual([[], ['PLAN0005']])
      const withoutKey = await target.plan(dir, { PASSWORD: 'another' })
      expect([changesOf(withoutKey), withoutKey.findings.map(it => it.code)]).toEqual([[], ['PLAN0010']])
      await expect(target.apply(dir, everything, { PASSWORD: 'another', LEDGER_KEY: 'short' })).rejects.toThrow('shorter than 16')
    })
  })
})
