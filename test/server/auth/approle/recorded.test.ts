import { describe, expect, it } from 'vitest'
import { approle } from '../../../../src/server/auth/approle/index.ts'
import type { Grant } from '../../../../src/server/logical/index.ts'
import { play, recorded } from '../../../conformance/engine-replay.ts'

/** Of the token that the peer made, what follows from the grant alone. */
function adapted(reply: unknown): unknown {
  if (typeof reply !== 'object' || reply === null || !('auth' in reply)) return reply
  const { metadata, numUses = 0, tokenType } = reply.auth as Grant
  return { ...reply, auth: { metadata, num_uses: numUses, token_type: tokenType === 'batch' ? 'batch' : 'service' } }
}

describe('AppRole, as the peer was recorded', () => {
  it.each(
    recorded('approle/approle.json')
      .filter(it => it.steps.length > 0)
      .map(it => [it.name, it] as const),
  )('%s', async (_name, scenario) => {
    for (const { step, expected, answered } of await play(approle, scenario, adapted)) expect(answered, step).toEqual(expected)
  })
})
