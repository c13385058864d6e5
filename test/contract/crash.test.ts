import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { canLogIn, keysOf, kinds, prepare, type Write } from './crash.writes.ts'
import { ask, demand, each, initialise, Installation, pick, unseal, type Keys, type Process } from './harness/installation.ts'

/** Killed when so many of a round's 2,000 writes have been acknowledged: early, in the middle, near the end. */
const MOMENTS = [1, 60, 300, 1_100, 1_900]
/** `LOCKSTEP_CRASH_STORES=20` makes it a hundred rounds: so many stores, each killed at other moments. */
const stores = Array.from({ length: Number(process.env['LOCKSTEP_CRASH_STORES'] ?? 1) }, (_, store) => store)

/** Sends all of them at once, kills the server at the moment, and marks those whose acknowledgement has come all the same. */
async function crash(server: Process, token: string, writes: readonly Write[], moment: number): Promise<number> {
  let count = 0
  const killed = Promise.withResolvers<void>()
  const kill = (): void => killed.resolve(server.stop('SIGKILL'))
  const refused: string[] = []
  const sent = writes.map(async write => {
    const answer = await ask(server, write.method, write.path, { token, body: write.body }).catch(() => undefined)
    if (answer === undefined) return
    if (answer.status > 299) return void refused.push(`${write.method} ${write.path}: ${answer.status} ${answer.text}`)
    write.acknowledged = { answer: answer.text === '' ? undefined : JSON.parse(answer.text) }
    if (++count === moment) kill()
  })
  await Promise.all([killed.promise, ...sent])
  expect(refused).toEqual([])
  return count
}

describe.each(stores)('kill -9 in the middle of 2,000 concurrent writes (store %i)', store => {
  const installation = new Installation()
  const written = kinds.map((): Write[] => [])
  let server: Process
  let keys: Keys

  beforeAll(async () => {
    server = await installation.start()
    keys = await initialise(server)
    await unseal(server, keys.shares.slice(0, 3))
    await prepare(server, keys.root)
  })
  afterAll(() => installation.remove())

  // Not near the end: writes that are flushed together are acknowledged together, and the last of them would be among them.
  it.each(MOMENTS.map((moment, round) => ({ moment: 1 + ((moment + 61 * store) % 1_500), round })))(
    'loses nothing that was acknowledged and leaves nothing half-written, killed after $moment acknowledgements',
    async ({ moment, round }) => {
      const made = kinds.map(([kind, count]) => kind.make(round, count))
      made.forEach((writes, index) => written[index]?.push(...writes))
      // One of each kind after the other, as the requests of many clients would come.
      const mixed = made
        .flatMap(writes => writes.map((write, index) => ({ write, at: index / writes.length })))
        .toSorted((a, b) => a.at - b.at)
        .map(({ write }) => write)
      expect(mixed).toHaveLength(2_000)
      const count = await crash(server, keys.root, mixed, moment)
      expect(count).toBeGreaterThanOrEqual(moment)
      expect(count, 'the server was killed while writes were on their way').toBeLessThan(2_000)

      server = await installation.start()
      await unseal(server, [keys.shares[4], keys.shares[round % 4], keys.shares[(round + 1) % 4]] as string[])
      const wrong = await Promise.all(
        kinds.map(async ([kind], index) => kind.check(server, keys.root, written[index] ?? [], made[index] ?? [])),
      )
      expect(wrong.flat()).toEqual([])
      expect(await canLogIn(server, keys.root, round)).toBe(true)
    },
  )

  it('still has what was written before each of the crashes', async () => {
    const wrong = await Promise.all(
      kinds.map(async ([kind], index) => kind.check(server, keys.root, written[index] ?? [], written[index] ?? [])),
    )
    expect(wrong.flat()).toEqual([])
  })

  it('can end by their leases all the tokens that were made, so that no token is left without a lease and no lease without a token', async () => {
    await demand(server, 'PUT', 'sys/leases/revoke-prefix/auth/token/create', { token: keys.root, body: { sync: true } })
    const paths: string[] = []
    await each(await keysOf(server, keys.root, 'auth/token/accessors'), async accessor => {
      paths.push(pick(await demand(server, 'POST', 'auth/token/lookup-accessor', { token: keys.root, body: { accessor } }), 'data', 'path'))
    })
    expect(paths.filter(path => path === 'auth/token/create')).toEqual([])
    expect(await keysOf(server, keys.root, 'sys/leases/lookup/auth/token/create')).toEqual([])
    const tokens = written.flat().filter(({ path, acknowledged }) => path === 'auth/token/create' && acknowledged)
    const [first] = tokens
    const token = pick<string>(first?.acknowledged?.answer, 'auth', 'client_token')
    expect((await ask(server, 'GET', 'auth/token/lookup-self', { token })).status).toBe(403)
    await server.stop()
  })
})
