import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readerOf } from '../../src/client/index.ts'
import { planPhase } from '../../src/reconciler/index.ts'
import { encodePlan } from '../../src/reconciler/model/index.ts'
import { NOW } from '../reconciler/harness/repository.ts'
import { folder, put } from '../reconciler/harness/run.ts'
import { startOurs, type RunningServer } from './harness/server.ts'
import { targetAt, type TestTarget } from './reconciler-target.ts'

const mounts = ['a', 'b', 'c']
const rolesOf = (count: number): string => Array.from({ length: count }, (_, i) => `  r${i}: { token_ttl: ${i + 1}m }\n`).join('')
const files = {
  'lockstep.yaml': 'ownership: { owner: many }\n',
  ...Object.fromEntries(mounts.map(it => [`roles/${it}.yaml`, `type: approle\nroles:\n${rolesOf(40)}`])),
  ...Object.fromEntries(mounts.map(it => [`engines/${it}.yaml`, 'type: kv-v2\nconfig: { max_versions: 3 }\n'])),
}

describe('a plan against our own server', () => {
  let server: RunningServer
  let target: TestTarget
  let dir: string

  beforeAll(async () => {
    server = await startOurs('dev')
    target = targetAt(server.address)
    dir = await folder(files)
    await target.apply(dir)
  })
  afterAll(async () => {
    target.client.close()
    await server.stop()
  })

  /** The same without what tells that the server answers several reads at once. */
  const single = async (): Promise<string> => {
    const { writer } = target
    const reader = {
      list: writer.list,
      read: async (path: string, query?: Readonly<Record<string, string | readonly string[]>>) => {
        const answer = await writer.read(path, query)
        return path === 'sys/seal-status' ? { ...answer, lockstep_version: undefined } : answer
      },
    }
    const planned = await planPhase({ dir, source: 'worktree', reader, target: { address: server.address }, env: {}, now: NOW })
    if (planned.is === 'broken') throw new Error('broken')
    return encodePlan({ ...planned.plan, target: { ...planned.plan.target, product: 'any' } })
  }
  const gathered = async (): Promise<string> => {
    const plan = await target.plan(dir)
    return encodePlan({ ...plan, target: { ...plan.target, product: 'any' } })
  }

  it('takes few requests, all of them reads, and finds what reading each alone finds', async () => {
    dir = await folder(files)
    target.requests.length = 0
    const plan = await target.plan(dir)
    expect(plan.steps).toEqual([])
    expect(target.requests.length).toBeLessThanOrEqual(12)
    expect(target.requests.filter(it => !/^(GET|LIST) /.test(it))).toEqual([])
    await put(dir, { 'roles/a.yaml': `type: approle\nroles:\n${rolesOf(41).replace('r3: { token_ttl: 4m }', 'r3: {}')}` })
    await target.writer.delete('auth/b/role/r7')
    const [one, many] = [await single(), await gathered()]
    expect(many).toBe(one)
    expect(JSON.parse(many)).toMatchObject({ resource_changes: { length: 3 } })
    target.requests.length = 0
    await single()
    expect(target.requests.length).toBeGreaterThan(100)
  })

  it('says what a token may not read as reading it alone says it', async () => {
    dir = await folder(files)
    const rules = ['sys/auth', 'sys/mounts', 'sys/policies/acl', 'sys/policies/acl/*', 'auth/a/role/*', 'auth/c/*', '+/config']
    const policy = rules.map(it => `path "${it}" {\n  capabilities = ["read", "list"]\n}\n`).join('')
    await target.writer.write('sys/policies/acl/reads', { policy })
    const made = await target.client.send({ method: 'POST', path: 'auth/token/create', body: { policies: ['reads'] } })
    const token = (made.body as { readonly auth: { readonly client_token: string } }).auth.client_token
    const client = target.client.with({ token })
    const planned = planPhase({ dir, source: 'worktree', reader: readerOf(client), target: { address: server.address }, env: {}, now: NOW })
    await expect(planned).rejects.toThrow(/auth\/b\/role\/r\d+.*permission denied/s)
  })
})
