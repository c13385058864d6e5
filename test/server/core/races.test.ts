import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../../src/kernel/index.ts'
import { Policies } from '../../../src/server/core/policies.ts'
import { Tokens } from '../../../src/server/core/tokens.ts'
import { memoryView, type View } from '../../../src/server/logical/index.ts'
import { random } from './running.ts'

/** A store whose next read of a key has seen the old value, but gives it only when it is let go. */
function slow(inner: View): { view: View; hold(prefix: string): () => void } {
  let held: { prefix: string; gate: Promise<void> } | undefined
  const view: View = {
    ...inner,
    async get(key) {
      const seen = await inner.get(key)
      const gate = held && key.startsWith(held.prefix) ? held.gate : undefined
      held = gate ? undefined : held
      await gate
      return seen
    },
  }
  return {
    view,
    hold(prefix) {
      const { promise, resolve } = Promise.withResolvers<void>()
      held = { prefix, gate: promise }
      return resolve
    },
  }
}
const clock = new ManualClock(new Date('2026-01-01T00:00:00Z'))

describe('a look-up that was under way', () => {
  it('does not bring a revoked token back', async () => {
    const { view, hold } = slow(memoryView())
    const tokens = await Tokens.open({
      view,
      clock,
      random,
      schedule: () => undefined,
      unschedule: () => undefined,
      drop: async () => undefined,
      isOpen: () => true,
    })
    const { token, entry } = await tokens.create({
      policies: ['default'],
      path: 'auth/token/create',
      displayName: 'token',
      ttl: 60,
      renewable: true,
      type: 'service',
    })
    tokens.forget()
    const letGo = hold('token/id/')
    const early = tokens.lookup(token)
    await tokens.revokeTree(entry.id)
    letGo()
    await early
    expect(await tokens.lookup(token)).toBeUndefined()
  })

  it('does not bring a replaced policy back', async () => {
    const { view, hold } = slow(memoryView())
    const policies = new Policies(view, clock)
    await policies.write('p', { text: 'path "a" { capabilities = ["read"] }' })
    const letGo = hold('')
    const early = policies.acl(['p'])
    await policies.write('p', { text: 'path "b" { capabilities = ["read"] }' })
    letGo()
    await early
    expect((await policies.acl(['p'])).capabilities('a')).toEqual(['deny'])
    expect((await policies.acl(['p'])).capabilities('b')).toEqual(['read'])
  })
})
