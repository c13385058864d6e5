import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { policyFor } from '../../src/reconciler/index.ts'
import { NOW, type Files } from '../reconciler/harness/repository.ts'
import { put } from '../reconciler/harness/run.ts'
import { sample } from '../reconciler/harness/sample.ts'
import { startOurs, startPeer, type RunningServer } from './harness/server.ts'
import { targetAt, type TestTarget } from './reconciler-target.ts'

/** The sample, with something else said of every object. */
const changed: Files = {
  ...sample,
  'policies/payments/read.hcl': 'path "secret/data/payments/*" {\n  capabilities = ["read", "list"]\n}\n',
  'policies/ci.hcl': '# changed\n',
  'roles/approle.yaml': 'type: approle\ndescription: changed\nroles:\n  ci: { token_policies: [ci], token_ttl: 2h }\n',
  'roles/approle/roles/ops.yaml': 'token_policies: [ci]\nsecret_id_num_uses: 2\n',
  'roles/token.yaml': 'roles:\n  deploy: { allowed_policies: [ci] }\n',
  'engines/secret.yaml': 'type: kv-v2\ndescription: changed\nconfig: { max_versions: 6 }\n',
  'engines/team/notes.yaml': 'type: kv\ndescription: changed\n',
}

/** All of it taken away, but for one object a folder. */
const fewer: Files = {
  'lockstep.yaml': sample['lockstep.yaml'] ?? '',
  'policies/ci.hcl': '# changed\n',
  'roles/approle.yaml': 'type: approle\ndescription: changed\n',
  'engines/secret.yaml': 'type: kv-v2\ndescription: changed\nconfig: { max_versions: 6 }\n',
}

/** Somebody else on the same server. */
const others: Files = { 'lockstep.yaml': 'version: 1\nownership: { owner: others }\n', 'policies/others.hcl': '# others\n' }

const rulesOf = (text: string): readonly string[] => text.match(/^path "[^"]*" \{\n.*\n\}\n/gm) ?? []
const everything = [
  'sys/policies/acl/others',
  'auth/token/roles/deploy',
  'sys/auth/approle',
  'sys/mounts/secret',
  'sys/mounts/team/notes',
  'sys/policies/acl/ci',
  'sys/policies/acl/payments/read',
]

describe.each([
  ['a real OpenBao', startPeer],
  ['our own server', startOurs],
] as const)('the policies for the reconciler itself, on %s', (_name, start) => {
  let server: RunningServer
  let root: TestTarget
  let dirs: { first: string; second: string; last: string; other: string }

  beforeAll(async () => {
    server = await start('dev')
    root = targetAt(server.address)
    dirs = { first: await lasting(sample), second: await lasting(changed), last: await lasting(fewer), other: await lasting(others) }
  })
  afterAll(async () => {
    root.client.close()
    await server.stop()
    for (const dir of Object.values(dirs)) await rm(dir, { recursive: true })
  })

  const made = async (job: 'plan' | 'apply', deletes = false): Promise<string> => {
    const policy = await policyFor({ job, dir: dirs.first, source: 'worktree', name: `lockstep-${job}`, deletes, now: NOW })
    return policy.is === 'made' ? policy.text : ''
  }

  async function holding(name: string, text: string): Promise<TestTarget> {
    await root.writer.write(`sys/policies/acl/${name}`, { policy: text })
    const answer = await root.client.send({ method: 'POST', path: 'auth/token/create', body: { policies: [name] } })
    const token = (answer.body as { auth: { client_token: string } }).auth.client_token
    return targetAt(server.address, token)
  }

  async function cleared(): Promise<void> {
    for (const path of everything) await root.writer.delete(path)
    const ledgers = (await root.writer.list('sys/policies/acl')).filter(it => it.startsWith('lockstep/ledger/'))
    for (const it of ledgers) await root.writer.delete(`sys/policies/acl/${it}`)
  }

  /** Creates everything, changes everything, and with `deletes` removes most of it; whether all of that worked. */
  async function works(text: string, deletes = false): Promise<string> {
    await cleared()
    await root.apply(dirs.other)
    const target = await holding('lockstep-apply', text)
    const consents = { dataLoss: true, empty: true, maxDeletes: 99 }
    try {
      for (const dir of [dirs.first, dirs.second, ...(deletes ? [dirs.last] : [])]) {
        const report = await target.apply(dir, consents)
        if (report.outcome !== 'done') return report.failed[0]?.message ?? report.outcome
        if ((await target.plan(dir)).steps.length > 0) return 'not settled'
      }
      return 'works'
    } catch (error) {
      return (error as Error).message
    } finally {
      target.client.close()
    }
  }

  it('let a plan be made, and nothing be written', async () => {
    await cleared()
    const target = await holding('lockstep-plan', await made('plan'))
    expect((await target.plan(dirs.first)).steps).toHaveLength(9)
    expect((await target.plan(dirs.first)).unmanaged.unlisted).toEqual([])
    expect((await target.apply(dirs.first).catch((error: Error) => error.message)) as object).toMatchObject({ outcome: 'failed', done: [] })
    await root.apply(dirs.first)
    expect((await target.plan(dirs.first)).steps).toEqual([])
    target.client.close()
  })

  it('let everything be created and changed, and with deletes be removed', async () => {
    expect(await works(await made('apply'))).toBe('works')
    expect(await works(await made('apply', true), true)).toBe('works')
  })

  it('hold no rule for an apply that could be left out', async () => {
    const text = await made('apply')
    const spare: string[] = []
    for (const rule of rulesOf(text)) if ((await works(text.replace(rule, ''))) === 'works') spare.push(rule)
    expect(spare).toEqual([])
  })

  it('hold no capability for an apply that could be left out', async () => {
    const text = await made('apply')
    const spare: string[] = []
    for (const rule of rulesOf(text)) {
      const words = rule.match(/"[a-z]+"(?=[,\]])/g) ?? []
      for (const word of words.length > 1 ? words : []) {
        const less = rule.replace(words.join(', '), words.filter(it => it !== word).join(', '))
        if ((await works(text.replace(rule, less))) === 'works') spare.push(`${word} of ${rule}`)
      }
    }
    expect(spare).toEqual([])
  })
})

/** The harness's own folders go with each test. */
async function lasting(files: Files): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'lockstep-policy-for-'))
  await put(dir, files)
  return dir
}
