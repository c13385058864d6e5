import { describe, expect, it } from 'vitest'
import { cubbyhole, dropToken } from '../../../../src/server/engines/cubbyhole/index.ts'
import { callerWith, Mounted, play, recorded } from '../../../conformance/engine-replay.ts'

describe('cubbyhole, as the peer was recorded', () => {
  it.each(recorded('cubbyhole/secrets.json').map(it => [it.name, it] as const))('%s', async (_name, scenario) => {
    for (const { step, expected, answered } of await play(cubbyhole, scenario)) expect(answered, step).toEqual(expected)
  })
})

describe('a cubbyhole', () => {
  const one = callerWith({ id: 'one' })
  const two = callerWith({ id: 'two' })

  it('is one for each token', async () => {
    const at = new Mounted(cubbyhole)
    await at.ask('write', 'a/b', { x: 1 }, one)
    await at.ask('write', 'a/b', { x: 2 }, two)
    expect(await at.ask('read', 'a/b', {}, one)).toEqual({ status: 200, reply: { data: { x: 1 } } })
    expect(await at.ask('read', 'a/b', {}, two)).toEqual({ status: 200, reply: { data: { x: 2 } } })
    expect(await at.ask('list', 'two', {}, one)).toEqual({ status: 404, reply: { errors: [] } })
  })

  it('ends with its token, and with no other', async () => {
    const at = new Mounted(cubbyhole)
    for (const path of ['a', 'a/b', 'a/b/c', 'd/e']) {
      await at.ask('write', path, { x: 1 }, one)
      await at.ask('write', path, { x: 2 }, two)
    }
    await dropToken(at.view, 'one')
    expect(await at.view.list('')).toEqual(['two/'])
    expect(await at.ask('read', 'd/e', {}, two)).toEqual({ status: 200, reply: { data: { x: 2 } } })
  })

  it('tells creation from update, also between tokens', async () => {
    const at = new Mounted(cubbyhole)
    const creates = async (caller: typeof one): Promise<boolean | undefined> =>
      !(await at.backend.exists(at.request('write', 'a', { x: 1 }, caller)))
    await at.ask('write', 'a', { x: 1 }, one)
    expect([await creates(one), await creates(two)]).toEqual([false, true])
  })

  it.each(['read', 'list', 'write', 'delete'] as const)('is nothing for a batch token: %s', async op => {
    const batch = callerWith({ type: 'batch' })
    const errors = ["cubbyhole operations are only supported by 'service' type tokens"]
    expect(await new Mounted(cubbyhole).ask(op, 'a', {}, batch)).toEqual({ status: 400, reply: { errors } })
  })

  it('is nothing without a token', async () => {
    const answer = await new Mounted(cubbyhole).ask('read', 'a', {}, { remoteAddress: '127.0.0.1', sudo: false })
    expect(answer).toEqual({ status: 500, reply: { errors: ['1 error occurred:\n\t* client token empty\n\n'] } })
  })
})
