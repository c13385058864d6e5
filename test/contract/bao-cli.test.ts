import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { commands } from './bao-cli.commands.ts'
import { Pairs } from './harness/compare.ts'
import { Operator, printedDifferences, type Command } from './harness/command.ts'
import { startOurs, startPeer, type RunningServer } from './harness/server.ts'

/** Each command on both sides at the same moment, and how what they printed differs. */
async function sideBySide(peer: Operator, ours: Operator): Promise<ReadonlyMap<Command, readonly string[]>> {
  const outcomes = new Map<Command, readonly string[]>()
  const pairs = new Pairs()
  for (const command of commands) {
    const [theirs, mine] = await Promise.all([peer.run(command), ours.run(command)])
    outcomes.set(command, printedDifferences(command, theirs, mine, pairs))
  }
  return outcomes
}

describe("the peer's own command line cannot tell our server from the peer", () => {
  const servers: RunningServer[] = []
  let outcomes: ReadonlyMap<Command, readonly string[]> = new Map()
  beforeAll(async () => {
    servers.push(await startPeer('inmem'))
    servers.push(await startOurs('lmdb'))
    const [peer, ours] = servers.map(server => new Operator(server)) as [Operator, Operator]
    outcomes = await sideBySide(peer, ours)
  }, 300_000)
  afterAll(async () => {
    await Promise.all(servers.map(server => server.stop()))
  })

  commands.forEach((command, index) => {
    it(`${String(index + 1).padStart(3, '0')} bao ${command.args.join(' ')}`, () => {
      expect(outcomes.get(command)).toEqual([])
    })
  })
})
