import { expect, it } from 'vitest'
import { areas } from './areas.ts'
import { duel, report } from './harness/duel.ts'
import { startPeer } from './harness/server.ts'

/**
 * The comparison itself is tested by playing every scenario on two real peers: whatever differs between them is chance (an id, a time)
 * that the comparison failed to see as such.
 */
it.each(areas)('two real peers do not differ: $name', async area => {
  const servers = await Promise.all([startPeer(area.server), startPeer(area.server)])
  try {
    const outcomes = [...(await duel(area, servers[0], servers[1])).values()].flat()
    expect(outcomes).toHaveLength(area.scenarios.reduce((count, { steps }) => count + steps.length, 0))
    const differing = outcomes.filter(({ differences }) => differences.length > 0)
    expect(differing.map(report).join('\n\n')).toBe('')
  } finally {
    await Promise.all(servers.map(server => server.stop()))
  }
})
