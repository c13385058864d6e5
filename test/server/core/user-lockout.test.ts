import { describe, expect, it } from 'vitest'
import { open, running, asking, type Running } from './running.ts'

const login = async (server: Running, user: string, password: string): Promise<number> =>
  (await server.ask('write', `auth/userpass/login/${user}`, { password }, { token: '' })).status

async function withUser(): Promise<Running> {
  const server = await running()
  await server.ask('write', 'sys/auth/userpass', { type: 'userpass' })
  await server.ask('write', 'auth/userpass/users/ann', { password: 'right' })
  return server
}
const wrongTimes = async (server: Running, times: number): Promise<void> => {
  for (let i = 0; i < times; i++) expect(await login(server, 'ann', 'wrong')).toBe(400)
}
const totalOf = async (server: Running): Promise<unknown> => (await server.ask('read', 'sys/locked-users')).body?.['data']

describe('a user who gives wrong passwords', () => {
  it('is locked out for 15 minutes after five', async () => {
    const server = await withUser()
    await wrongTimes(server, 5)
    expect(await login(server, 'ann', 'right')).toBe(403)
    await server.pass(899)
    expect(await login(server, 'ann', 'right')).toBe(403)
    await server.pass(2)
    expect(await login(server, 'ann', 'right')).toBe(200)
    await wrongTimes(server, 4)
    expect(await login(server, 'ann', 'right')).toBe(200)
  })

  it('is counted anew after 15 minutes without a failure', async () => {
    const server = await withUser()
    await wrongTimes(server, 4)
    await server.pass(901)
    await wrongTimes(server, 4)
    expect(await login(server, 'ann', 'right')).toBe(200)
  })

  it('stays locked out over a seal and an unseal', async () => {
    const { server, clock } = await open()
    const { core } = server
    const { keys, rootToken } = await core.operator.initialise({ secretShares: 1, secretThreshold: 1 })
    const [key = ''] = keys
    await core.operator.unseal(key)
    const asks = asking(server, clock, rootToken, keys)
    await asks.ask('write', 'sys/auth/userpass', { type: 'userpass' })
    await asks.ask('write', 'auth/userpass/users/ann', { password: 'right' })
    await wrongTimes(asks, 5)
    await asks.ask('write', 'sys/seal')
    await core.operator.unseal(key)
    expect(await totalOf(asks)).toMatchObject({ total: 1 })
    expect(await login(asks, 'ann', 'right')).toBe(403)
    clock.advance(901_000)
    expect(await login(asks, 'ann', 'right')).toBe(200)
    expect(await totalOf(asks)).toMatchObject({ total: 0 })
  })

  it('obeys the settings of the mount over all others; one failure more locks again', async () => {
    const server = await withUser()
    await server.ask('write', 'sys/auth/userpass/tune', { user_lockout_config: { lockout_threshold: 2, lockout_duration: '1m' } })
    await wrongTimes(server, 2)
    expect(await login(server, 'ann', 'right')).toBe(403)
    await server.pass(61)
    await wrongTimes(server, 1)
    expect(await login(server, 'ann', 'right')).toBe(403)
    await server.pass(61)
    expect(await login(server, 'ann', 'right')).toBe(200)
  })
})
