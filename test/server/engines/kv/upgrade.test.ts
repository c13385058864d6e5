import { describe, expect, it } from 'vitest'
import { kv } from '../../../../src/server/engines/kv/index.ts'
import { memoryView, type View } from '../../../../src/server/logical/index.ts'
import { Mounted } from '../../../conformance/engine-replay.ts'

const UPGRADING =
  'Upgrading from non-versioned to versioned data. This backend will be unavailable for a brief period and will resume service shortly.'

/** A view whose transactions can be held back, or made to fail. */
function troubled(view: View): { readonly view: View; hold(): () => void; failNext(): void; readonly transactions: () => number } {
  let gate: Promise<void> = Promise.resolve()
  let failing = false
  let transactions = 0
  return {
    hold() {
      const { promise, resolve } = Promise.withResolvers<void>()
      gate = promise
      return resolve
    },
    failNext: () => void (failing = true),
    transactions: () => transactions,
    view: {
      ...view,
      async transact(work) {
        transactions++
        await gate
        if (failing) {
          failing = false
          throw new Error('as the test wants it')
        }
        return view.transact(work)
      },
    },
  }
}

async function filled(view: View, count: number): Promise<Mounted> {
  const at = new Mounted(kv, {}, view)
  for (let i = 0; i < count; i++) await at.ask('write', `folder${i % 3}/secret${i}`, { n: i })
  return at
}
const live = async (at: Mounted, count: number): Promise<void> => {
  for (let i = 0; i < count; i++) {
    const { reply } = await at.ask('read', `data/folder${i % 3}/secret${i}`)
    expect(reply).toMatchObject({ data: { data: { n: i }, metadata: { version: 1 } } })
  }
}

describe('the upgrade of a kv mount to version 2', () => {
  it('takes over every secret, more than a page of them too', async () => {
    const at = await filled(memoryView(), 700)
    await at.reopen({ version: '2' })
    await live(at, 700)
    expect(await at.view.list('secret/')).toEqual([])
  })

  it('refuses requests while it lasts longer than a moment, and none after', async () => {
    const store = troubled(memoryView())
    const at = await filled(store.view, 2)
    const release = store.hold()
    await at.reopen({ version: '2' })
    const early = at.ask('read', 'data/folder0/secret0')
    await new Promise(setImmediate)
    at.clock.advance(1000)
    expect(await early).toEqual({ status: 400, reply: { errors: [UPGRADING] } })
    release()
    await live(at, 2)
  })

  it('goes on after a failure, and after a crash half way', async () => {
    const store = troubled(memoryView())
    const at = await filled(store.view, 10)
    const before = store.transactions()
    store.failNext()
    await at.reopen({ version: '2' })
    expect(await at.ask('read', 'data/folder0/secret0')).toEqual({ status: 400, reply: { errors: [UPGRADING] } })
    await at.reopen()
    await live(at, 10)
    expect(store.transactions() - before).toBe(11)
  })

  it('stops with the mount, and is done by the next', async () => {
    const store = troubled(memoryView())
    const at = await filled(store.view, 5)
    const release = store.hold()
    await at.reopen({ version: '2' })
    const early = at.ask('read', 'config')
    await new Promise(setImmediate)
    const closing = at.backend.close()
    release()
    await closing
    expect((await early).status).toBe(400)
    expect((await at.view.list('secret/')).length).toBeGreaterThan(0)
    await at.reopen()
    await live(at, 5)
  })

  it('is also done by the tick, without a request', async () => {
    const at = await filled(memoryView(), 5)
    await at.reopen({ version: '2' })
    await at.backend.tick?.(at.clock.now(), new AbortController().signal)
    expect(await at.view.list('secret/')).toEqual([])
    await live(at, 5)
  })
})
