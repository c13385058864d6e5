import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { differences, jsonDifferences, Pairs } from './compare.ts'
import type { RawAnswer } from './http.ts'
import { play, player, stateOf, type Player } from './play.ts'
import type { Area, Companion, Step } from './scenario.ts'
import { startOurs, startPeer, type RunningServer } from './server.ts'

/** What one step showed: the two answers as they came, and how they differ. */
interface Outcome {
  readonly step: Step
  readonly answers: readonly [RawAnswer, RawAnswer]
  readonly differences: readonly string[]
}

/** Plays one area on two servers in step, so that what each does in the background has had the same time. */
export async function duel(area: Area, one: RunningServer, other: RunningServer): Promise<ReadonlyMap<string, readonly Outcome[]>> {
  const surroundings = await area.surroundings?.()
  const companions: readonly Companion[] = area.companion === undefined ? [] : await Promise.all([area.companion(), area.companion()])
  try {
    const [left, right] = [one, other].map((it, side) =>
      player(it.address, { home: it.home, ...surroundings?.variables }, companions[side]),
    ) as [Player, Player]
    const pairs = new Pairs()
    const outcomes = new Map<string, readonly Outcome[]>()
    for (const { name, steps } of area.scenarios) {
      const played: Outcome[] = []
      for (const step of steps) {
        const answers = await Promise.all([play(left, step), play(right, step)])
        const found = [...differences(step, ...answers, pairs)]
        if (companions.length > 0) found.push(...(await besideIt(left, right, pairs)))
        played.push({ step, answers, differences: found })
      }
      outcomes.set(name, played)
    }
    return outcomes
  } finally {
    await surroundings?.stop()
    await Promise.all(companions.map(companion => companion.stop()))
  }
}

/** How what they have beside them differs. What a server does in the background is given the time to be done. */
async function besideIt(left: Player, right: Player, pairs: Pairs): Promise<readonly string[]> {
  for (const deadline = performance.now() + 5000; ;) {
    const [theirs, mine] = await Promise.all([stateOf(left), stateOf(right)])
    const found = jsonDifferences(theirs, mine, pairs.copy(), [])
    if (found.length === 0 || performance.now() > deadline) return found.map(line => `beside it, ${line}`)
    await delay(100)
  }
}

/** One test a request: our server answers as the peer does. */
export function againstThePeer(area: Area): void {
  describe(`the peer's answers: ${area.name}`, () => {
    let servers: readonly RunningServer[] = []
    let outcomes: ReadonlyMap<string, readonly Outcome[]> = new Map()
    beforeAll(async () => {
      const peer = await startPeer(area.server, area.config)
      servers = [peer]
      const ours = await startOurs(area.server, area.config)
      servers = [peer, ours]
      outcomes = await duel(area, peer, ours)
    })
    afterAll(async () => {
      await Promise.all(servers.map(server => server.stop()))
    })
    for (const { name, steps } of area.scenarios) {
      describe(name, () => {
        steps.forEach((step, index) => {
          it(`${String(index + 1).padStart(2, '0')} ${step.method} ${step.path.slice(0, 80)}`, () => {
            const outcome = outcomes.get(name)?.[index]
            expect(outcome, 'the request was played').toBeDefined()
            if (outcome !== undefined && outcome.differences.length > 0) expect.fail(report(outcome))
          })
        })
      })
    }
  })
}

export function report({ step, answers, differences: found }: Outcome): string {
  const body = step.raw ?? (step.body === undefined ? '' : JSON.stringify(step.body))
  const asked = `${step.method} ${step.path} ${body.slice(0, 400)} (token: ${step.token ?? 'root'})`
  const raw = answers.map(answer => `${answer.status} ${answer.text.slice(0, 1200).trimEnd()}`)
  return [asked, ...found.map(line => `  ${line}`), 'in full:', `  ${raw[0]}`, `  ${raw[1]}`].join('\n')
}
