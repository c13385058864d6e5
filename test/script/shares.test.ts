import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { lockstep, type RunningServer, startOurs } from '../contract/harness/server.ts'
import { openDesk, theirs, type Desk, type Printed } from './desk.ts'
import { duel } from './duel.ts'

describe("the command line and the peer's, over peer/shares.txt", () => {
  duel('shares')
})

/** The whole tool in a process of its own: shares are asked for, and read from a pipe. */
describe('those who hold shares, and no token', () => {
  let server: RunningServer
  let desk: Desk
  let keys: readonly string[] = []
  const run = (words: readonly string[], stdin?: string, env: Readonly<Record<string, string>> = {}): Promise<Printed> =>
    desk.run({ words, env, stdin, keep: undefined })
  const json = async (
    words: readonly string[],
    stdin?: string,
    env?: Readonly<Record<string, string>>,
  ): Promise<Record<string, unknown>> => {
    const { stdout, stderr, code } = await run([...words, '-format=json'], stdin, env)
    expect(code, stderr).toBe(0)
    return JSON.parse(stdout) as Record<string, unknown>
  }

  beforeAll(async () => {
    server = await startOurs('inmem', {
      listener: '  disable_unauthed_generate_root_endpoints = false\n  disable_unauthed_rekey_endpoints = false\n',
    })
    desk = openDesk(theirs(lockstep), { BAO_ADDR: server.address })
    const made = await json(['operator', 'init', '-key-shares=5', '-key-threshold=3'])
    keys = made['unseal_keys_b64'] as readonly string[]
    for (const key of keys.slice(0, 3)) await run(['operator', 'unseal', key])
    expect((await run(['token', 'revoke', '-self'], '', { BAO_TOKEN: made['root_token'] as string })).code).toBe(0)
    expect((await run(['read', 'sys/mounts'], '', { BAO_TOKEN: made['root_token'] as string })).code).toBe(2)
  }, 120_000)
  afterAll(async () => {
    desk[Symbol.dispose]()
    await server.stop()
  })

  it('get a root token by a quorum when every root token is revoked', async () => {
    const { nonce, otp } = await json(['operator', 'generate-root', '-init'])
    // One by argument, one from stdin, and one that is asked for; even a token that is no good does not stand in the way.
    await json(['operator', 'generate-root', `-nonce=${String(nonce)}`, keys[4] as string])
    await json(['operator', 'generate-root', `-nonce=${String(nonce)}`, '-'], `${keys[1] as string}\n`, { BAO_TOKEN: 'hvs.gone' })
    const done = await json(['operator', 'generate-root'], `${keys[2] as string}\n`)
    expect(done).toMatchObject({ complete: true, progress: 3, required: 3 })
    const { token } = await json(['operator', 'generate-root', `-decode=${String(done['encoded_token'])}`, `-otp=${String(otp)}`])
    expect((await json(['token', 'lookup'], '', { BAO_TOKEN: String(token) }))['data']).toMatchObject({ policies: ['root'] })
  }, 60_000)

  it('are refused with shares of which one is wrong', async () => {
    const { nonce } = await json(['operator', 'generate-root', '-init'])
    const wrong = Buffer.concat([Buffer.alloc(32, 7), Buffer.from([9])]).toString('base64')
    for (const key of [keys[0] as string, keys[1] as string]) await json(['operator', 'generate-root', `-nonce=${String(nonce)}`, key])
    const { code, stderr } = await run(['operator', 'generate-root', `-nonce=${String(nonce)}`, wrong])
    expect(code).toBe(2)
    expect(stderr).toContain('root generation aborted: unable to authenticate')
    expect((await run(['operator', 'generate-root', '-cancel'])).code).toBe(0)
  }, 60_000)

  it('make new shares, which unseal the server once they were given back', async () => {
    const { nonce } = await json(['operator', 'rekey', '-init', '-key-shares=2', '-key-threshold=2', '-verify'])
    for (const key of keys.slice(0, 2)) await json(['operator', 'rekey', `-nonce=${String(nonce)}`, key])
    const made = await json(['operator', 'rekey', `-nonce=${String(nonce)}`, keys[3] as string])
    const [one, two] = made['keys_base64'] as readonly [string, string]
    const back = String(made['verification_nonce'])
    expect(await json(['operator', 'rekey', '-verify', `-nonce=${back}`, one])).toMatchObject({ progress: 1, started: true })
    expect(await json(['operator', 'rekey', '-verify'], `${two}\n`)).toMatchObject({ complete: true })
    expect((await run(['operator', 'rekey', '-status'])).stdout).toMatch(/Started +false/)
    expect(await json(['status'])).toMatchObject({ t: 2, n: 2 })
  }, 60_000)
})
