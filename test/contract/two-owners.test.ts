import { boolean, constantFrom, dictionary, integer, record, sample } from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { stepsOf, type Files } from '../reconciler/harness/repository.ts'
import { folder, put } from '../reconciler/harness/run.ts'
import { startOurs, startPeer, type RunningServer } from './harness/server.ts'
import { targetAt, type TestTarget } from './reconciler-target.ts'

const ROUNDS = 100
const everything = { maxDeletes: 1000, maxUpdates: 1000, dataLoss: true, empty: true }

/** What a repository may say in a round: which of a few objects it has, and what they say. */
const rounds = sample(
  record({
    first: boolean(),
    policies: dictionary(constantFrom('a', 'b', 'c'), constantFrom('# 1\n', '# 2\n', '# 3\n')),
    roles: dictionary(constantFrom('r', 's', 't'), integer({ min: 1, max: 3 })),
    secret: boolean(),
  }),
  { numRuns: ROUNDS, seed: 7 },
)

/** The shared parts of a server (the token roles) hold objects of both. */
function filesOf(owner: string, { policies, roles, secret }: (typeof rounds)[number]): Files {
  const list = Object.entries(roles)
  return {
    'lockstep.yaml': `ownership: { owner: ${owner} }\n`,
    ...Object.fromEntries(
      ['a', 'b', 'c'].map(it => [`policies/${owner}/${it}.hcl`, policies[it] ?? ''] as const).filter(([, it]) => it !== ''),
    ),
    [`roles/${owner}.yaml`]: `type: approle\nroles:${list.map(([name, ttl]) => `\n  ${name}: { token_ttl: ${ttl}h }`).join('') || ' {}'}\n`,
    'roles/token.yaml': `roles:${list.map(([name]) => `\n  ${owner}-${name}: {}`).join('') || ' {}'}\n`,
    ...(secret && { [`engines/${owner}.yaml`]: 'type: kv\n' }),
  }
}

describe.each([
  ['a real OpenBao', startPeer],
  ['our own server', startOurs],
] as const)('two owners on %s', (_name, start) => {
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

  it(`change nothing of each other's in ${ROUNDS} rounds`, async () => {
    const [round] = rounds
    if (round === undefined) throw new Error('there are rounds')
    const dirs = { one: await folder(filesOf('one', round)), two: await folder(filesOf('two', round)) }
    for (const dir of Object.values(dirs)) await target.apply(dir, everything)
    for (const [i, it] of rounds.entries()) {
      const [own, other] = it.first ? (['one', 'two'] as const) : (['two', 'one'] as const)
      // A fresh folder each time: what is not in it any more is what goes.
      dirs[own] = await folder(filesOf(own, it))
      const plan = await target.plan(dirs[own])
      expect([i, plan.steps.filter(step => step.address.includes(other)).map(step => step.address)]).toEqual([i, []])
      expect([i, plan.refusals.filter(refusal => refusal.guard === 'foreign-owner')]).toEqual([i, []])
      expect((await target.apply(dirs[own], everything)).outcome).toBe('done')
      expect([i, stepsOf(await target.plan(dirs[own])), stepsOf(await target.plan(dirs[other]))]).toEqual([i, [], []])
    }
  })

  it('take over from each other by the flag alone', async () => {
    const theirs = await folder({ 'lockstep.yaml': 'ownership: { owner: theirs }\n', 'policies/shared.hcl': '# theirs\n' })
    const ours = await folder({ 'lockstep.yaml': 'ownership: { owner: ours }\n', 'policies/shared.hcl': '# ours\n' })
    await target.apply(theirs, everything)
    const plan = await target.plan(ours)
    expect(plan.refusals.map(it => it.guard)).toEqual(['foreign-owner'])
    await expect(target.apply(ours, everything)).rejects.toThrow('belongs to "theirs"')
    expect((await target.writer.read('sys/policies/acl/shared'))?.data?.['policy']).toBe('# theirs\n')
    expect((await target.apply(ours, { ...everything, takeover: true })).outcome).toBe('done')
    expect((await target.writer.read('sys/policies/acl/shared'))?.data?.['policy']).toBe('# ours\n')
    // Whose it was before must say so too, before it changes it back.
    expect((await target.plan(theirs)).refusals.map(it => it.guard)).toEqual(['foreign-owner'])
    await put(theirs, { 'policies/shared.hcl': '# ours\n' })
    expect(stepsOf(await target.plan(theirs)).filter(it => /delete|update/.test(it))).toEqual([])
  })
})
