import { describe, expect, it } from 'vitest'
import { userpass } from '../../../../src/server/auth/userpass/index.ts'
import { memoryView, type Grant, type View } from '../../../../src/server/logical/index.ts'
import { callerWith, Mounted, someone, type Answer } from '../../../conformance/engine-replay.ts'
import { unsealedBarrier } from '../../barrier/fixture.ts'

const INVALID = { status: 400, reply: { errors: ['invalid username or password'] } }
const grantOf = (answer: Answer): Grant => (answer.reply as { readonly auth: Grant }).auth

async function withUser(settings: object = {}, view: View = memoryView()): Promise<Mounted> {
  const at = new Mounted(userpass, {}, view)
  expect(await at.ask('write', 'users/ann', { password: 'green tea', ...settings })).toMatchObject({ status: 204 })
  return at
}
const logIn = (at: Mounted, password: string, name = 'ann'): Promise<Answer> => at.ask('write', `login/${name}`, { password })

const renew = (at: Mounted, grant: Grant): Promise<Partial<Grant> | undefined> =>
  at.backend.renewGrant?.(grant, { now: at.clock.now(), signal: new AbortController().signal }) ?? expect.unreachable()

describe('a password', () => {
  it('is nowhere in the store, nor told by any answer', async () => {
    const at = await withUser()
    const stored = Buffer.from((await at.view.get('user/ann')) ?? []).toString()
    expect(stored).toContain('$2b$10$')
    expect(stored).not.toContain('green tea')
    expect(JSON.stringify(await at.ask('read', 'users/ann'))).not.toMatch(/green|\$2b/)
  })

  it('of more than 72 bytes is not taken for its beginning', async () => {
    const at = await withUser({ password: 'a'.repeat(72) })
    expect(await logIn(at, 'a'.repeat(72))).toMatchObject({ status: 200 })
    expect(await logIn(at, 'a'.repeat(73))).toEqual(INVALID)
    expect(await logIn(at, 'a'.repeat(71))).toEqual(INVALID)
  })

  it('cannot be given as a hash that would keep the server busy for hours at each login', async () => {
    const hash = (cost: string): string => `$2b$${cost}$SE6aC00IsC9uKYxlH7Cs/u/p2JOb2rJKqWE.ZfrBqEEU0LL2zZpgO`
    const at = await withUser()
    for (const cost of ['16', '20', '31'])
      for (const path of ['users/ann', 'users/bob', 'users/ann/password'])
        expect(await at.ask('write', path, { password_hash: hash(cost) }), `${path}, ${cost}`).toMatchObject({ status: 400 })
    for (const cost of ['04', '12', '15'])
      expect(await at.ask('write', 'users/eve', { password_hash: hash(cost) })).toMatchObject({ status: 204 })
  })

  it('is no different for a user that is not there', async () => {
    const at = await withUser()
    expect(await logIn(at, 'green tea', 'bob')).toEqual(INVALID)
    expect(await logIn(at, 'black tea')).toEqual(INVALID)
  })

  it('that is changed while others change the rest loses nothing of either', async () => {
    const { barrier } = await unsealedBarrier()
    const at = await withUser({}, barrier.view('auth/userpass/'))
    await Promise.all([
      at.ask('write', 'users/ann/password', { password: 'mint' }),
      at.ask('write', 'users/ann', { token_ttl: '5m' }),
      at.ask('write', 'users/ann/policies', { token_policies: 'p' }),
    ])
    expect(grantOf(await logIn(at, 'mint'))).toMatchObject({ policies: ['p'], ttl: 300 })
  })

  it('is asked for again when its user was deleted meanwhile', async () => {
    const at = await withUser()
    await at.ask('delete', 'users/ann')
    expect(await at.ask('write', 'users/ann', { token_ttl: '5m' })).toMatchObject({ status: 400 })
    expect(await logIn(at, 'green tea')).toEqual(INVALID)
  })
})

describe('a token of a user', () => {
  it('is bound to where its login came from, when it shall be', async () => {
    const at = await withUser({ token_strictly_bind_ip: true })
    const answer = await at.ask('write', 'login/ann', { password: 'green tea' }, callerWith({}, '10.1.2.3'))
    expect(grantOf(answer)).toMatchObject({ boundCidrs: ['10.1.2.3'] })
  })

  it('is granted only to callers from where it could be used', async () => {
    const at = await withUser({ token_bound_cidrs: ['10.0.0.0/8', 'fd00::/8'] })
    for (const [address, status] of [
      ['10.9.9.9', 200],
      ['fd00::1', 200],
      ['127.0.0.1', 403],
      ['::1', 403],
    ] as const)
      expect((await at.ask('write', 'login/ann', { password: 'green tea' }, callerWith({}, address))).status).toBe(status)
  })

  it('is renewed on the terms of now, and not with other policies or without its user', async () => {
    const at = await withUser({ token_policies: ['p', 'default'], token_ttl: '5m' })
    const grant = grantOf(await at.ask('write', 'login/ann', { password: 'green tea' }, someone))
    const granted = { ...grant, policies: ['default', 'p'] }
    await at.ask('write', 'users/ann', { token_ttl: '10m' })
    expect(await renew(at, granted)).toMatchObject({ ttl: 600 })
    await at.ask('write', 'users/ann/policies', { token_policies: 'p,q' })
    await expect(renew(at, granted)).rejects.toThrow('policies have changed, not renewing')
    await at.ask('delete', 'users/ann')
    await expect(renew(at, granted)).rejects.toThrow('the user no longer exists, not renewing')
  })
})
