import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { accessDelta, type AccessChange, type Granted } from '../../src/policy/index.ts'
import { NOW } from '../reconciler/harness/repository.ts'
import { policyOf } from '../policy/policy-of.ts'
import { startOurs, startPeer, type RunningServer } from './harness/server.ts'
import { targetAt, type TestTarget } from './reconciler-target.ts'

const segment = fc.constantFrom('a', 'b', 'ab', '+', '+')
const path = fc
  .tuple(fc.array(segment, { minLength: 1, maxLength: 3 }), fc.constantFrom('', '', '*', '/*', '/'))
  .map(([parts, end]) => parts.join('/') + end)
  .filter(it => !it.includes('+*'))
const capability = fc.constantFrom('read', 'update', 'delete', 'list', 'scan', 'deny')
const rule = fc.record({ path, capabilities: fc.uniqueArray(capability, { minLength: 1, maxLength: 3 }) })
const pair = fc.record({
  kept: fc.array(rule, { minLength: 1, maxLength: 5 }),
  gone: fc.array(rule, { maxLength: 2 }),
  added: fc.array(rule, { maxLength: 2 }),
})

interface Rule {
  readonly path: string
  readonly capabilities: readonly string[]
}

const textOf = (rules: readonly Rule[]): string =>
  `# rules\n${rules.map(it => `path "${it.path}" { capabilities = ${JSON.stringify(it.capabilities)} }\n`).join('')}`

/** The server answers for a list where a path ends in a slash, and for everything else where it does not. */
const isTold = ({ witness, lists }: AccessChange, name: Granted): boolean =>
  name === 'list' || name === 'scan' ? witness.endsWith('/') : lists !== true && !witness.endsWith('/')

describe.each([
  ['a real OpenBao', startPeer],
  ['our own server', startOurs],
] as const)('an access delta, asked of %s', (_name, start) => {
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

  async function capabilities(name: string, text: string, paths: readonly string[]): Promise<Readonly<Record<string, readonly string[]>>> {
    await target.writer.write(`sys/policies/acl/${name}`, { policy: text })
    const made = await target.client.send({
      method: 'POST',
      path: 'auth/token/create',
      body: { policies: [name], no_default_policy: true },
    })
    const { client_token: token } = (made.body as { auth: { client_token: string } }).auth
    const answer = await target.writer.write('sys/capabilities', { token, paths })
    return (answer?.data ?? {}) as Readonly<Record<string, readonly string[]>>
  }

  it('is what sys/capabilities says of both sides', async () => {
    const pairs = fc.sample(pair, { numRuns: 60, seed: 20_261_128 })
    for (const [i, { kept, gone, added }] of pairs.entries()) {
      const [before, after] = [textOf([...kept, ...gone]), textOf([...added, ...kept])]
      const { changes } = accessDelta([policyOf('p', before)], [policyOf('p', after)], { now: NOW })
      const samples = ['a', 'b', 'x', 'ab', 'a/', 'x/', 'a/b', 'a/x', 'x/a', 'a/b/', 'a/b/x', 'x/x/x', 'a/x/b/', 'abx/a']
      const paths = [...new Set([...changes.map(it => it.witness), ...samples])].filter(it => it !== '')
      const [old, fresh] = [await capabilities(`old-${i}`, before, paths), await capabilities(`new-${i}`, after, paths)]
      for (const change of changes) {
        for (const name of change.capabilities.filter(it => isTold(change, it))) {
          const seen = [old[change.witness]?.includes(name), fresh[change.witness]?.includes(name)]
          expect({ change, name, seen }).toEqual({ change, name, seen: [change.change === 'lost', change.change === 'gained'] })
        }
      }
      if (changes.length === 0) expect(fresh).toEqual(old)
    }
  })
})
