import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { touchesTarget, type Plan, type Step } from '../../src/reconciler/model/index.ts'
import type { Files } from '../reconciler/harness/repository.ts'
import { folder } from '../reconciler/harness/run.ts'
import { faultyProxy, type Fault, type FaultyProxy } from './harness/faulty-proxy.ts'
import { lockstep, startOurs, startPeer, type RunningServer } from './harness/server.ts'
import { targetAt, type TestTarget } from './reconciler-target.ts'

const everything = { maxDeletes: 1000, maxUpdates: 1000, dataLoss: true, empty: true }
const env = { PASSWORD: 'hunter2', LEDGER_KEY: 'a key that nobody guesses' }

const filesOf = (name: string): Files => ({
  'lockstep.yaml': `version: 1\nownership: { owner: ${name}, ledger_key: { $env: LEDGER_KEY } }\n`,
  [`policies/${name}/a.hcl`]: '# a\n',
  [`policies/${name}/b.hcl`]: '# b\n',
  [`roles/${name}.yaml`]: 'type: approle\nroles:\n  a: { token_ttl: 1h }\n  b: {}\n',
  [`roles/${name}-people.yaml`]: 'type: userpass\nusers:\n  ann: { password: { $env: PASSWORD } }\n',
  [`engines/${name}.yaml`]: 'type: kv-v2\nconfig: { max_versions: 3 }\n',
  'roles/token.yaml': `roles:\n  ${name}: {}\n`,
})

const destroys = (plan: Plan): readonly string[] =>
  plan.steps.flatMap(it => (it.action === 'delete' || it.action === 'replace' ? it.address : []))

describe.each([
  ['a real OpenBao', startPeer],
  ['our own server', startOurs],
] as const)('between the reconciler and %s', (_name, start) => {
  let server: RunningServer
  let proxy: FaultyProxy
  let direct: TestTarget
  let through: TestTarget

  beforeAll(async () => {
    server = await start('dev')
    proxy = await faultyProxy(server.address)
    direct = targetAt(server.address)
    through = targetAt(proxy.address, 'root', 0)
  })
  afterAll(async () => {
    through.client.close()
    direct.client.close()
    await proxy.close()
    await server.stop()
  })

  it('pass nothing but reads while it plans', async () => {
    const dir = await folder(filesOf('reads'))
    proxy.seen.length = 0
    await through.plan(dir, env)
    await direct.apply(dir, everything, env)
    await through.plan(dir, env)
    expect(proxy.seen.length).toBeGreaterThan(11)
    expect(proxy.seen.filter(it => !/^(GET|LIST) /.test(it))).toEqual([])
  })

  it('pass nothing but reads while they plan, look for drift, lint, test and adopt, whatever the command', async () => {
    const dir = await folder({
      ...filesOf('commands'),
      'tests/access.yaml': 'tests:\n  - name: a grants nothing\n    policies: [commands/a]\n    deny: [read sys/mounts]\n',
    })
    await direct.apply(dir, everything, env)
    const surroundings = { ...env, PATH: process.env['PATH'], HOME: server.home, VAULT_ADDR: proxy.address, VAULT_TOKEN: 'root' }
    const commands = [
      ['plan'],
      ['plan', '-refresh=false'],
      ['drift'],
      ['lint'],
      ['test', '-live'],
      ['whocan', 'read', 'sys/mounts', '-live'],
      ['adopt', '-dry-run'],
      ['graph'],
    ]
    for (const args of commands) {
      proxy.seen.length = 0
      const ended = await promisify(execFile)(lockstep, args, { cwd: dir, env: surroundings }).then(
        () => 0,
        (error: { readonly code: number }) => error.code,
      )
      // Something may be found; nothing may go wrong.
      expect([args, [0, 2].includes(ended)]).toEqual([args, true])
      expect([args, proxy.seen.filter(it => !/^(GET|LIST) /.test(it))]).toEqual([args, []])
      expect([args, proxy.seen.length > 0]).toEqual([args, !['lint', 'graph'].includes(args[0] ?? '')])
    }
  })

  it.each(['short', 'slow'] as const)('no list that is %s makes a plan destroy something', async fault => {
    const dir = await folder(filesOf('lists'))
    await direct.apply(dir, everything, env)
    proxy.fault = () => undefined
    proxy.seen.length = 0
    await through.plan(dir, env)
    const count = proxy.seen.length
    for (let at = 0; at < count; at++) {
      let index = 0
      proxy.fault = () => (index++ === at ? fault : undefined)
      const plan = await through.plan(dir, env).catch((error: unknown) => error as Error)
      if (plan instanceof Error) continue
      expect([at, destroys(plan)]).toEqual([at, []])
      if (fault === 'slow') expect([at, plan.steps]).toEqual([at, []])
    }
    proxy.fault = () => undefined
  })

  it.each(['cut', 'lost', 'half', 403, 429, 500, 503] as const satisfies readonly Fault[])(
    'no fault (%s) at any step of a plan makes it destroy something',
    async fault => {
      const dir = await folder(filesOf('plans'))
      await direct.apply(dir, everything, env)
      proxy.seen.length = 0
      proxy.fault = () => undefined
      expect((await through.plan(dir, env)).steps).toEqual([])
      const count = proxy.seen.length
      const outcomes: string[] = []
      for (let at = 0; at < count; at++) {
        proxy.seen.length = 0
        proxy.fault = index => (index === at ? fault : undefined)
        const plan = await through.plan(dir, env).catch((error: unknown) => error as Error)
        if (plan instanceof Error) continue
        // What may not be listed is read one by one, and what may not be read all at once is listed: with the same result.
        if (plan.steps.length > 0) outcomes.push(`${at}: ${plan.steps.map(it => `${it.action} ${it.address}`).join(', ')}`)
        expect(destroys(plan)).toEqual([])
      }
      proxy.fault = () => undefined
      expect(outcomes).toEqual([])
    },
  )

  it.each(['cut', 'lost', 403, 500] as const satisfies readonly Fault[])(
    'a fault (%s) at any write of an apply leaves it as it was, or as the report says, and the next apply ends it',
    async fault => {
      proxy.fault = () => undefined
      const name = `applies-${fault}`
      const dir = await folder(filesOf(name))
      const empty = await folder({ 'lockstep.yaml': filesOf(name)['lockstep.yaml'] ?? '' })
      proxy.seen.length = 0
      await through.apply(dir, everything, env)
      const writes = proxy.seen.filter(it => !/^(GET|LIST) /.test(it)).length
      expect(writes).toBeGreaterThan(9)
      for (let at = 0; at < writes; at++) {
        proxy.fault = () => undefined
        await direct.apply(empty, everything, env)
        expect((await direct.plan(empty, env)).steps.map(it => it.address)).toEqual([])
        const planned = (await direct.plan(dir, env)).steps.map(it => it.address)
        let count = 0
        proxy.fault = (_index, line) => (/^(GET|LIST) /.test(line) || count++ !== at ? undefined : fault)
        const report = await through.apply(dir, everything, env)
        proxy.fault = () => undefined
        const told = new Set(
          [...report.left, ...report.rolledBack, ...[...report.kept, ...report.failed, ...report.moved].map(it => it.step)]
            .map(it => it.address)
            .concat(report.unknown),
        )
        const again = await direct.plan(dir, env)
        // An apply that could not write its ledger says so; then the next one does not know of a secret that it was written.
        const isForgotten = (step: Step): boolean => report.ledger !== undefined && step.changed.join() === 'password'
        const untold = again.steps.filter(it => !told.has(it.address) && touchesTarget(it) && !isForgotten(it))
        expect(untold.map(it => `write ${at}: ${it.action} ${it.address}`)).toEqual([])
        expect(destroys(again)).toEqual([])
        const isWhole = report.outcome === 'done' || report.ledger !== undefined || report.kept.length + report.unknown.length > 0
        if (!isWhole) expect([at, again.steps.map(it => `${it.action} ${it.address}`)]).toEqual([at, planned.map(it => `create ${it}`)])
        const last = await direct.apply(dir, everything, env)
        expect(last.failed.map(it => `write ${at}: ${it.step.address}: ${it.message}`)).toEqual([])
        expect((await direct.plan(dir, env)).steps).toEqual([])
      }
    },
  )
})
