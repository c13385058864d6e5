import { describe, expect, it } from 'vitest'
import { kv } from '../../../../src/server/engines/kv/index.ts'
import { play, recorded } from '../../../conformance/engine-replay.ts'

describe.each(['version-1', 'version-2', 'patch', 'upgrade'])('kv, as the peer was recorded: %s', file => {
  it.each(recorded(`kv/${file}.json`).map(it => [it.name, it] as const))('%s', async (_name, scenario) => {
    for (const { step, expected, answered } of await play(kv, scenario)) expect(answered, step).toEqual(expected)
  })
})
