import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { send } from './harness/http.ts'
import { lastingServer, type LastingServer } from './harness/lasting.ts'
import { startOurs, startPeer, type RunningServer } from './harness/server.ts'

type Json = Readonly<Record<string, unknown>>

async function ask(address: string, method: string, path: string, body?: Json, token = ''): Promise<{ status: number; json: Json }> {
  const { status, text } = await send(address, {
    method,
    path: `/v1/${path}`,
    headers: token === '' ? {} : { 'x-vault-token': token },
    ...(body && { body: JSON.stringify(body) }),
  })
  return { status, json: text === '' ? {} : (JSON.parse(text) as Json) }
}

const staticSeal = (byte: number, more = ''): string =>
  `seal "static" {\n  current_key = "${Buffer.alloc(32, byte).toString('hex')}"\n  current_key_id = "k${byte}"\n  ${more}\n}\n`
const transitSeal = (address: string, more = ''): string =>
  `seal "transit" {\n  address = "${address}"\n  token = "env://KMS_TOKEN"\n  key_name = "unseal"\n  mount_path = "transit/"\n  ${more}\n}\n`
const disabled = 'disabled = "true"'
const environment = { KMS_TOKEN: 'root' }

describe.each([
  ['our own server', startOurs],
  ['OpenBao', startPeer],
])(
  'a seal whose key is kept by %s',
  (_name, startKms) => {
    let kms: RunningServer
    let server: LastingServer
    let shares: readonly string[] = []
    let token = ''
    const get = (path: string): Promise<{ status: number; json: Json }> => ask(server.address, 'GET', path, undefined, token)
    const status = async (): Promise<Json> => (await get('sys/seal-status')).json
    const untilUnsealed = async (): Promise<void> => {
      for (const end = performance.now() + 20_000; (await status())['sealed'] !== false;) {
        if (performance.now() > end) throw new Error(`it stays sealed\n${server.log()}`)
        await new Promise(done => setTimeout(done, 100))
      }
    }
    const give = async (migrate: boolean): Promise<Json> => {
      let last: Json = {}
      for (const key of shares.slice(0, 2))
        last = (await ask(server.address, 'PUT', 'sys/unseal', { key, ...(migrate && { migrate }) })).json
      return last
    }
    /** What was stored before is there, and the shares prove a quorum. */
    const works = async (): Promise<void> => {
      expect((await get('kv/a')).json).toMatchObject({ data: { x: 'kept' } })
      const { json } = await ask(server.address, 'PUT', 'sys/generate-root/attempt', {})
      let last: Json = {}
      for (const key of shares.slice(1, 3))
        last = (await ask(server.address, 'PUT', 'sys/generate-root/update', { key, nonce: json['nonce'] as string })).json
      expect(last).toMatchObject({ complete: true })
    }

    beforeAll(async () => {
      kms = await startKms('dev')
      await ask(kms.address, 'POST', 'sys/mounts/transit', { type: 'transit' }, 'root')
      await ask(kms.address, 'POST', 'transit/keys/unseal', {}, 'root')
      server = await lastingServer()
      await server.start('')
      const { json } = await ask(server.address, 'PUT', 'sys/init', { secret_shares: 3, secret_threshold: 2 })
      shares = json['keys'] as readonly string[]
      token = json['root_token'] as string
      await give(false)
      await ask(server.address, 'POST', 'sys/mounts/kv', { type: 'kv' }, token)
      await ask(server.address, 'POST', 'kv/a', { x: 'kept' }, token)
    }, 120_000)
    afterAll(async () => {
      await server.close()
      await kms.stop()
    })

    it('is entered from shares: not without saying so, and then for good', async () => {
      await server.start(transitSeal(kms.address), environment)
      expect(await status()).toMatchObject({
        type: 'transit',
        sealed: true,
        migration: true,
        recovery_seal: true,
        recovery_seal_type: 'shamir',
        t: 2,
        n: 3,
      })
      expect(await give(false)).toEqual({ errors: ['migrate option not provided and seal migration is pending'] })
      expect((await ask(server.address, 'PUT', 'sys/unseal', { key: `${'ab'.repeat(32)}00`, migrate: true })).json).toMatchObject({
        progress: 1,
      })
      expect((await ask(server.address, 'PUT', 'sys/unseal', { key: shares[0] as string, migrate: true })).json).toEqual({
        errors: ['unable to retrieve stored keys: invalid key: failed to decrypt keys from storage: cipher: message authentication failed'],
      })
      expect(await give(true)).toMatchObject({ type: 'transit', sealed: false })
      expect(await status()).toMatchObject({ migration: false })
      await works()
      expect((await ask(server.address, 'PUT', 'sys/unseal', { key: shares[0] as string })).status).toBe(200)
    })

    it('opens at the next start by itself', async () => {
      await server.start(transitSeal(kms.address), environment)
      await untilUnsealed()
      expect(await status()).toMatchObject({ type: 'transit', migration: false, t: 2, n: 3 })
      await works()
    })

    it('is under the newest version of the key after a start', async () => {
      await ask(kms.address, 'POST', 'transit/keys/unseal/rotate', {}, 'root')
      await server.start(transitSeal(kms.address), environment)
      await untilUnsealed()
      expect(server.log()).toMatch(/the stored key is under the newest key of the seal now: from=v1 to=v2/)
      await ask(kms.address, 'POST', 'transit/keys/unseal/config', { min_decryption_version: 2 }, 'root')
      await server.start(transitSeal(kms.address), environment)
      await untilUnsealed()
    })

    it('does not let the server start when it is taken out of the configuration', async () => {
      const { code, said } = await server.fails(staticSeal(5))
      expect(code).not.toBe(0)
      expect(said).toContain('cannot seal migrate from "transit" to "static", no disabled seal in configuration')
      expect((await server.fails('')).said).toContain('cannot seal migrate from "transit" to Shamir, no disabled seal in configuration')
    })

    it('is left for another that unseals by itself', async () => {
      const both = transitSeal(kms.address, disabled) + staticSeal(5)
      await server.start(both, environment)
      expect(await status()).toMatchObject({ type: 'static', sealed: true, migration: true })
      expect(await give(true)).toMatchObject({ type: 'static', sealed: false })
      await works()
      // The old block may stay.
      await server.start(both, environment)
      await untilUnsealed()
      expect(await status()).toMatchObject({ type: 'static', migration: false })
    })

    it('can be changed to another key of the same kind', async () => {
      const before = `previous_key = "${Buffer.alloc(32, 5).toString('hex')}"\n  previous_key_id = "k5"`
      await server.start(staticSeal(6, before))
      await untilUnsealed()
      await server.start(staticSeal(6))
      await untilUnsealed()
      await works()
      await server.start(staticSeal(5))
      expect(await status()).toMatchObject({ type: 'static', initialized: true, sealed: true })
      expect((await get('sys/health')).status).toBe(503)
      expect(await give(false)).toEqual({
        errors: ['invalid key: failed to verify recovery key: failed to decrypt encrypted stored keys: unknown key id for data: `k6`'],
      })
      expect(server.log()).toMatch(/the server cannot unseal itself yet, and tries again: error="?unknown key id for data: `k6`/)
    })

    it('is left for shares again', async () => {
      await server.start(staticSeal(6, disabled))
      expect(await status()).toMatchObject({ type: 'shamir', sealed: true, migration: true, recovery_seal: false, t: 2, n: 3 })
      expect(await give(true)).toMatchObject({ type: 'shamir', sealed: false })
      await works()
      await server.start('')
      expect(await status()).toMatchObject({ type: 'shamir', sealed: true, migration: false })
      expect(await give(false)).toMatchObject({ sealed: false })
      await works()
    })

    it('waits for a keeper that cannot be reached, and unseals when it can', async () => {
      await server.start(transitSeal(kms.address), environment)
      expect(await give(true)).toMatchObject({ sealed: false })
      // A token that the keeper does not take is like a keeper that is away: it may be put right there.
      await server.start(transitSeal(kms.address), { KMS_TOKEN: 'later' })
      expect(await status()).toMatchObject({ type: 'transit', initialized: true, sealed: true, migration: false })
      expect((await get('sys/health')).status).toBe(503)
      expect(server.log()).toContain('the server cannot unseal itself yet, and tries again')
      expect(JSON.stringify(await give(false))).toContain(
        'invalid key: failed to verify recovery key: failed to decrypt encrypted stored keys: ',
      )
      await ask(kms.address, 'POST', 'auth/token/create', { id: 'later', policies: ['root'] }, 'root')
      await untilUnsealed()
      await works()
    })
  },
  120_000,
)
