import { describe, expect, it } from 'vitest'
import { seconds } from '../../../../src/kernel/index.ts'
import { approle } from '../../../../src/server/auth/approle/index.ts'
import { isFault, memoryView, type Caller, type Grant, type View } from '../../../../src/server/logical/index.ts'
import { callerWith, Mounted, someone, type Answer } from '../../../conformance/engine-replay.ts'
import { unsealedBarrier } from '../../barrier/fixture.ts'

const INVALID = { status: 400, reply: { errors: ['invalid role or secret ID'] } }
const dataOf = (answer: Answer): Readonly<Record<string, string>> =>
  (answer.reply as { readonly data: Readonly<Record<string, string>> }).data
const grantOf = (answer: Answer): Grant => (answer.reply as { readonly auth: Grant }).auth

/** A mount with one role, `r`, whose role id is `rid`. */
async function withRole(settings: object = {}, view: View = memoryView()): Promise<Mounted> {
  const at = new Mounted(approle, {}, view)
  expect(await at.ask('write', 'role/r', { role_id: 'rid', ...settings })).toMatchObject({ status: 204 })
  return at
}
const secretOf = async (at: Mounted, terms: object = {}): Promise<string> =>
  dataOf(await at.ask('write', 'role/r/secret-id', { ...terms }))['secret_id'] ?? expect.unreachable()
const logIn = (at: Mounted, secretId: string, caller: Caller = someone): Promise<Answer> =>
  at.ask('write', 'login', { role_id: 'rid', secret_id: secretId }, caller)
const from = (address: string): Caller => callerWith({}, address)

/** Every key and every value that the mount has stored. */
async function stored(view: View, folder = ''): Promise<string> {
  let all = ''
  for (const name of await view.list(folder)) {
    if (name.endsWith('/')) all += await stored(view, folder + name)
    else all += `${folder}${name} ${Buffer.from((await view.get(folder + name)) ?? []).toString()}\n`
  }
  return all
}

describe('a secret id', () => {
  it('is nowhere in the store, and neither is its accessor among the names', async () => {
    const at = await withRole()
    const made = dataOf(await at.ask('write', 'role/r/secret-id'))
    await at.ask('write', 'role/r/custom-secret-id', { secret_id: 'my own secret' })
    const all = await stored(at.view)
    expect(all).not.toContain(made['secret_id'])
    expect(all).not.toContain('my own secret')
    const names = all.split('\n').map(line => line.split(' ')[0])
    expect(names.join()).not.toContain(made['secret_id_accessor'])
    expect(names.join()).not.toContain('rid')
  })

  it('is used as often as it may be, however many come at once', async () => {
    const { barrier } = await unsealedBarrier()
    const at = await withRole({ secret_id_num_uses: 5 }, barrier.view('auth/approle/'))
    const secretId = await secretOf(at)
    const answers = await Promise.all(Array.from({ length: 20 }, () => logIn(at, secretId)))
    expect(answers.filter(it => it.status === 200)).toHaveLength(5)
    expect(answers.filter(it => it.status !== 200)).toEqual(Array.from({ length: 15 }, () => INVALID))
    expect(await at.ask('list', 'role/r/secret-id')).toEqual({ status: 404, reply: { errors: [] } })
  })

  it('loses no use to a login that is refused', async () => {
    const at = await withRole()
    const secretId = await secretOf(at, { num_uses: 2, cidr_list: '10.0.0.0/8' })
    expect((await logIn(at, secretId)).status).toBe(400)
    expect(dataOf(await at.ask('write', 'role/r/secret-id/lookup', { secret_id: secretId }))['secret_id_num_uses']).toBe(2)
    expect((await logIn(at, secretId, from('10.1.2.3'))).status).toBe(200)
    expect((await logIn(at, secretId, from('::ffff:10.1.2.3'))).status).toBe(200)
    expect(await logIn(at, secretId, from('10.1.2.3'))).toEqual(INVALID)
  })

  it('ends at its time to the millisecond, for every way to ask for it', async () => {
    const at = await withRole({ secret_id_ttl: '10s' })
    const { secret_id: secretId = '', secret_id_accessor: accessor } = dataOf(await at.ask('write', 'role/r/secret-id'))
    at.clock.advance(9_998)
    expect((await logIn(at, secretId)).status).toBe(200)
    expect(await logIn(at, secretId)).toEqual(INVALID)
    expect((await at.ask('write', 'role/r/secret-id/lookup', { secret_id: secretId })).status).toBe(204)
    expect((await at.ask('write', 'role/r/secret-id-accessor/lookup', { secret_id_accessor: accessor })).status).toBe(204)
    expect((await at.ask('list', 'role/r/secret-id')).status).toBe(404)
  })

  it('may be chosen again once it has expired', async () => {
    const at = await withRole({ secret_id_ttl: '10s' })
    const make = (): Promise<Answer> => at.ask('write', 'role/r/custom-secret-id', { secret_id: 'chosen' })
    expect((await make()).status).toBe(200)
    expect((await make()).status).toBe(500)
    at.clock.advance(10_000)
    expect((await make()).status).toBe(200)
    expect((await at.view.list('accessor/')).length).toBe(1)
  })

  it('is cut to the longest lease of the mount, and shows what was wished', async () => {
    const at = await withRole({ secret_id_ttl: '900h' })
    const made = dataOf(await at.ask('write', 'role/r/secret-id'))
    expect(made['secret_id_ttl']).toBe(2_764_800)
    expect(dataOf(await at.ask('write', 'role/r/secret-id/lookup', { secret_id: made['secret_id'] }))['secret_id_ttl']).toBe(3_240_000)
    at.clock.advance(2_764_800_000)
    expect(await logIn(at, made['secret_id'] ?? '')).toEqual(INVALID)
  })

  it('stays with its role: another role, or the same name made again, does not know it', async () => {
    const at = await withRole()
    const secretId = await secretOf(at)
    await at.ask('write', 'role/other', { role_id: 'other' })
    expect(await at.ask('write', 'login', { role_id: 'other', secret_id: secretId })).toEqual(INVALID)
    await at.ask('delete', 'role/r')
    expect(await stored(at.view, 'secret_id/')).toBe('')
    expect(await stored(at.view, 'accessor/')).toBe('')
    await at.ask('write', 'role/r', { role_id: 'rid' })
    expect(await logIn(at, secretId)).toEqual(INVALID)
  })

  it('of a role with local secret ids lies apart', async () => {
    const at = await withRole({ local_secret_ids: true })
    const secretId = await secretOf(at)
    expect(await at.view.list('')).toEqual(['accessor_local/', 'role/', 'role_id/', 'salt', 'secret_id_local/'])
    expect((await logIn(at, secretId)).status).toBe(200)
  })
})

describe('a login', () => {
  it('looks the same for an unknown role and a wrong secret id, also before anything was written', async () => {
    expect(await logIn(new Mounted(approle), 'x')).toEqual(INVALID)
    const at = await withRole()
    expect(await logIn(at, 'x')).toEqual(INVALID)
    expect(await at.ask('write', 'login', { role_id: 'nobody', secret_id: 'x' })).toEqual(INVALID)
  })

  it.each(['read', 'patch', 'delete'] as const)('by %s is none, and first asks who comes', async op => {
    const at = await withRole()
    expect(await at.ask(op, 'login')).toEqual({ status: 500, reply: { errors: ['missing role_id'] } })
    expect((await at.ask(op, 'login', { role_id: 'rid' })).status).toBe(405)
  })

  it('grants what the role says, and names the role', async () => {
    const at = await withRole({
      token_policies: 'a,b',
      token_ttl: '10m',
      token_max_ttl: '20m',
      token_num_uses: 4,
      token_explicit_max_ttl: '5h',
    })
    const secretId = await secretOf(at, { metadata: '{"team":"x","role_name":"no"}' })
    expect(grantOf(await logIn(at, secretId))).toEqual({
      policies: ['a', 'b'],
      displayName: '',
      metadata: { team: 'x', role_name: 'r' },
      alias: { name: 'rid', metadata: { team: 'x', role_name: 'r' } },
      ttl: 600,
      maxTtl: 1200,
      period: 0,
      explicitMaxTtl: 18_000,
      numUses: 4,
      tokenType: 'default',
      boundCidrs: [],
      noDefaultPolicy: false,
      internal: { role_name: 'r' },
    })
  })

  it('binds the token to the blocks of the secret id, else to those of the role', async () => {
    const at = await withRole({ token_bound_cidrs: '10.0.0.0/8' })
    expect(grantOf(await logIn(at, await secretOf(at))).boundCidrs).toEqual(['10.0.0.0/8'])
    expect(grantOf(await logIn(at, await secretOf(at, { token_bound_cidrs: '10.1.0.0/16' }))).boundCidrs).toEqual(['10.1.0.0/16'])
  })

  it('binds the token to the address that it came from where the role asks for that', async () => {
    const at = await withRole({ token_strictly_bind_ip: true })
    expect(grantOf(await logIn(at, await secretOf(at), from('10.1.2.3'))).boundCidrs).toEqual(['10.1.2.3'])
    expect(grantOf(await logIn(at, await secretOf(at, { token_bound_cidrs: '0.0.0.0/0' }), from('10.1.2.3'))).boundCidrs).toEqual([
      '10.1.2.3',
    ])
  })

  it('does without a secret id where the role says so, but not from anywhere', async () => {
    const at = await withRole({ bind_secret_id: false, secret_id_bound_cidrs: '10.0.0.0/8' })
    expect((await at.ask('write', 'login', { role_id: 'rid' }, from('10.9.9.9'))).status).toBe(200)
    expect((await at.ask('write', 'login', { role_id: 'rid' }, from('11.9.9.9'))).status).toBe(400)
    expect((await at.ask('write', 'login', { role_id: 'rid' }, from('::1'))).status).toBe(400)
  })

  it('by an IPv6 host bound to itself admits no neighbour', async () => {
    const at = await withRole({ token_bound_cidrs: '2001:db8::1' })
    expect((await at.ask('write', 'role/r/secret-id', { token_bound_cidrs: '2001:db8::1/128' })).status).toBe(200)
    expect((await at.ask('write', 'role/r/secret-id', { token_bound_cidrs: '2001:db8::2/128' })).status).toBe(500)
  })
})

describe('the renewal of a token', () => {
  const renew = (at: Mounted, grant: Grant): Promise<Partial<Grant> | undefined> =>
    at.backend.renewGrant?.(grant, { now: at.clock.now(), signal: new AbortController().signal }) ?? expect.unreachable()

  it('goes by what the role says now', async () => {
    const at = await withRole()
    const grant = grantOf(await logIn(at, await secretOf(at)))
    await at.ask('write', 'role/r', { token_ttl: '5m', token_max_ttl: '10m', token_period: '7m' })
    expect(await renew(at, grant)).toEqual({ ttl: seconds(300), maxTtl: seconds(600), period: seconds(420) })
  })

  it('is refused once the role is gone', async () => {
    const at = await withRole()
    const grant = grantOf(await logIn(at, await secretOf(at)))
    await at.ask('delete', 'role/r')
    await expect(renew(at, grant)).rejects.toSatisfy(it => isFault(it) && it.wire[0] === 'role "r" does not exist during renewal')
  })
})

describe('a role', () => {
  it('keeps its role id to itself, whoever else asks for it at once', async () => {
    const { barrier } = await unsealedBarrier()
    const at = new Mounted(approle, {}, barrier.view('auth/approle/'))
    const answers = await Promise.all(Array.from({ length: 10 }, (_, n) => at.ask('write', `role/r${n}`, { role_id: 'same' })))
    expect(answers.filter(it => it.status === 204)).toHaveLength(1)
    expect((await at.ask('list', 'role')).reply).toMatchObject({ data: { keys: [expect.any(String)] } })
  })

  it('frees a role id that it no longer has', async () => {
    const at = await withRole()
    await at.ask('write', 'role/r/role-id', { role_id: 'new' })
    expect((await at.ask('write', 'role/other', { role_id: 'rid' })).status).toBe(204)
    expect((await at.view.list('role_id/')).length).toBe(2)
    await at.ask('delete', 'role/r')
    expect((await at.view.list('role_id/')).length).toBe(1)
  })

  it('may have a name of 4096 bytes, and no longer one', async () => {
    const at = new Mounted(approle)
    expect((await at.ask('write', `role/${'x'.repeat(4096)}`)).status).toBe(204)
    const errors = ['role_name is longer than maximum of 4096 bytes']
    expect(await at.ask('write', `role/${'x'.repeat(4097)}`)).toEqual({ status: 400, reply: { errors } })
  })

  it('shows and changes under bind-secret-id whether it binds one', async () => {
    const at = await withRole({ token_bound_cidrs: '127.0.0.1' })
    expect(await at.ask('read', 'role/r/bind-secret-id')).toEqual({ status: 200, reply: { data: { bind_secret_id: true } } })
    expect(await at.ask('write', 'role/r/bind-secret-id', {})).toEqual({ status: 400, reply: { errors: ['missing bind_secret_id'] } })
    expect((await at.ask('write', 'role/r/bind-secret-id', { bind_secret_id: 'false' })).status).toBe(204)
    expect((await at.ask('delete', 'role/r/token-bound-cidrs')).status).toBe(500)
    expect((await at.ask('delete', 'role/r/bind-secret-id')).status).toBe(204)
    expect(await at.ask('read', 'role/r/bind-secret-id')).toEqual({ status: 200, reply: { data: { bind_secret_id: true } } })
    expect((await at.ask('read', 'role/none/bind-secret-id')).status).toBe(404)
  })

  it('refuses as an address what is none, though it has a slash', async () => {
    const at = await withRole()
    const why = 'error parsing address "10.0.0.0/33": Unable to convert "10.0.0.0/33" to an IPv4 or IPv6 address, or a UNIX Socket'
    expect(await at.ask('write', 'role/r', { token_bound_cidrs: '10.0.0.0/33' })).toEqual({ status: 400, reply: { errors: [why] } })
  })
})

describe('tidying', () => {
  it('takes away what has expired, with its accessor, and nothing else', async () => {
    const at = await withRole({ secret_id_ttl: '10s' })
    for (let i = 0; i < 300; i++) await secretOf(at)
    at.clock.advance(10_000)
    const living = await secretOf(at)
    expect(await at.ask('write', 'tidy/secret-id')).toMatchObject({ status: 202 })
    await at.backend.close()
    const [folder] = await at.view.list('secret_id/')
    expect((await at.view.list(`secret_id/${folder}`)).length).toBeLessThanOrEqual(301)
    await at.reopen()
    await at.backend.tick?.(at.clock.now(), new AbortController().signal)
    expect((await at.view.list(`secret_id/${folder}`)).length).toBe(1)
    expect((await at.view.list('accessor/')).length).toBe(1)
    expect((await logIn(at, living)).status).toBe(200)
  })

  it('takes away what a crash has left of a deleted role', async () => {
    const at = await withRole()
    await secretOf(at)
    const left = await stored(at.view, 'secret_id/')
    await at.view.delete('role/r')
    await at.backend.tick?.(at.clock.now(), new AbortController().signal)
    expect(left).not.toBe('')
    expect(await stored(at.view, 'secret_id/')).toBe('')
    expect(await stored(at.view, 'accessor/')).toBe('')
  })

  it('runs by itself every ten minutes at most', async () => {
    const at = await withRole({ secret_id_ttl: '10s' })
    const tick = async (): Promise<void> => at.backend.tick?.(at.clock.now(), new AbortController().signal)
    await tick()
    await secretOf(at)
    at.clock.advance(60_000)
    await tick()
    expect((await at.view.list('accessor/')).length).toBe(1)
    at.clock.advance(600_000)
    await tick()
    expect(await at.view.list('accessor/')).toEqual([])
  })

  it('says when it is running already', async () => {
    const { barrier } = await unsealedBarrier()
    const at = await withRole({}, barrier.view('auth/approle/'))
    const answers = await Promise.all([at.ask('write', 'tidy/secret-id'), at.ask('write', 'tidy/secret-id')])
    expect(answers[1]).toEqual({ status: 200, reply: { data: null, warnings: ['Tidy operation already in progress.'] } })
    await at.backend.close()
  })
})
