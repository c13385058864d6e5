import { readFileSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ManualClock, silentLog, type Random } from '../../../src/kernel/index.ts'
import { createBarrier, createSealStore } from '../../../src/server/barrier/index.ts'
import { Unseal } from '../../../src/server/core/unseal.ts'
import { decodeRootToken } from '../../../src/server/core/root-generation.ts'
import { wrongShares } from '../../../src/server/core/shares.ts'
import { combine, split } from '../../../src/server/seal/shamir/index.ts'
import type { Storage } from '../../../src/server/storage/index.ts'
import { openMemory } from '../../../src/server/storage/memory/index.ts'
import type { HttpHandlerOptions } from '../../../src/server/http/index.ts'
import { serving } from '../http/serving.ts'
import { open, random, running, type Running } from './running.ts'

const start = (at: Running, pad: string = ''): { readonly nonce: string; readonly otp: string } =>
  at.server.core.operator.rootGeneration().start({ otp: pad, pgpKey: '' })

describe('a root token for a quorum', () => {
  it('is the way back when every root token is revoked', async () => {
    const at = await running({ shares: 5, threshold: 3 })
    await at.ask('write', 'auth/token/revoke-self')
    expect((await at.ask('read', 'sys/mounts')).status).toBe(403)
    const generation = at.server.core.operator.rootGeneration()
    const { nonce, otp } = start(at)
    await generation.update(at.keys[4] as string, nonce)
    await generation.update(at.keys[0] as string, nonce)
    const { encodedToken = '' } = await generation.update(at.keys[2] as string, nonce)
    expect((await at.as(decodeRootToken(encodedToken, otp))('read', 'sys/mounts')).status).toBe(200)
  })

  it('leaves under the pad only', async () => {
    const at = await running()
    const { nonce, otp } = start(at)
    const { encodedToken = '' } = await at.server.core.operator.rootGeneration().update(at.keys[0] as string, nonce)
    const token = decodeRootToken(encodedToken, otp)
    expect(Buffer.from(encodedToken, 'base64').toString('latin1')).not.toContain('hvs.')
    expect(token).toMatch(/^hvs\./)
  })

  it('is not shown the pad again, nor one that was brought', async () => {
    const at = await running()
    const generation = at.server.core.operator.rootGeneration()
    expect(start(at, 'p'.repeat(generation.otpLength)).otp).toBe('')
    expect(Object.keys(generation.status())).not.toContain('otp')
  })

  it('is refused to shares of which one is wrong, and all of them have to come again', async () => {
    const at = await running({ shares: 3, threshold: 2 })
    const generation = at.server.core.operator.rootGeneration()
    const { nonce } = start(at)
    await generation.update(at.keys[0] as string, nonce)
    await expect(generation.update(`${'ab'.repeat(32)}77`, nonce)).rejects.toMatchObject({ status: 400 })
    expect(generation.status()).toMatchObject({ started: true, progress: 0 })
  })

  it('is given once', async () => {
    const at = await running({ shares: 3, threshold: 2 })
    const generation = at.server.core.operator.rootGeneration()
    const { nonce } = start(at)
    await generation.update(at.keys[0] as string, nonce)
    const both = await Promise.allSettled([generation.update(at.keys[1] as string, nonce), generation.update(at.keys[2] as string, nonce)])
    expect(both.filter(it => it.status === 'fulfilled')).toHaveLength(1)
  })

  it('cannot be started, ended or asked about without a token unless the listener lets it, and then it is audited (CVE-2026-5807)', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'audit-'))
    const path = join(folder, 'log')
    const device = { path: 'a', type: 'file', description: '', local: false, options: { file_path: path } }
    const at = await running({ audit: { devices: [device], apiCreation: false, prefixAllowed: false } })
    const status = async (withoutToken: HttpHandlerOptions['withoutToken'], method: string, path: string): Promise<number> => {
      const server = await serving({ handler: { core: at.server.core, ...(withoutToken && { withoutToken }) } })
      try {
        return (await fetch(`http://127.0.0.1:${server.port}/v1/${path}`, { method })).status
      } finally {
        await server.close()
      }
    }
    for (const method of ['GET', 'POST', 'DELETE']) {
      expect(await status(undefined, method, 'sys/generate-root/attempt')).toBe(405)
      expect(await status({ rekey: false, generateRoot: true }, method, 'sys/rekey/init')).toBe(405)
    }
    expect(await status({ rekey: false, generateRoot: true }, 'DELETE', 'sys/generate-root/attempt')).toBe(204)
    const entries = (await readFile(path, 'utf8'))
      .trimEnd()
      .split('\n')
      .map(it => JSON.parse(it) as { request: { path: string } })
    expect(entries.filter(it => it.request.path === 'sys/generate-root/attempt')).toHaveLength(2)
    await rm(folder, { recursive: true })
  })

  it('decodes to what was encoded, whatever that is', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme-ascii', minLength: 1 }),
        fc.infiniteStream(fc.integer({ min: 32, max: 126 })),
        (token, stream) => {
          const pad = String.fromCharCode(...Array.from(Buffer.from(token), () => stream.next().value as number))
          const encoded = Buffer.from([...Buffer.from(token)].map((byte, at) => byte ^ pad.charCodeAt(at)))
            .toString('base64')
            .replace(/=+$/, '')
          expect(decodeRootToken(encoded, pad)).toBe(token)
        },
      ),
    )
  })
})

describe('new shares', () => {
  it('open the store, and the old ones no longer do', async () => {
    const at = await running({ shares: 3, threshold: 2 })
    const { rekey, unseal } = { rekey: at.server.core.operator.rekey(), unseal: at.server.core.operator.unseal }
    const { nonce } = (await rekey.start({ shares: 5, threshold: 4, pgpKeys: [], backup: false, verify: false })).status
    await rekey.update(at.keys[0] as string, nonce)
    const done = await rekey.update(at.keys[2] as string, nonce)
    const shares = done.complete ? done.shares.map(it => Buffer.from(it).toString('hex')) : []
    expect(shares).toHaveLength(5)
    await at.ask('write', 'sys/seal')
    for (const key of at.keys.slice(0, 3)) await unseal(key).catch(() => undefined)
    expect(at.server.core.operator.sealStatus().sealed).toBe(true)
    at.server.core.operator.resetUnseal()
    for (const key of shares.slice(1)) await unseal(key)
    expect((await at.ask('read', 'sys/mounts')).status).toBe(200)
  })

  it('are not in force before enough of them were given back', async () => {
    const at = await running({ shares: 3, threshold: 2 })
    const { operator } = at.server.core
    const rekey = operator.rekey()
    const { nonce } = (await rekey.start({ shares: 1, threshold: 1, pgpKeys: [], backup: false, verify: true })).status
    await rekey.update(at.keys[0] as string, nonce)
    await rekey.update(at.keys[1] as string, nonce)
    await at.ask('write', 'sys/seal')
    for (const key of at.keys.slice(1)) await operator.unseal(key)
    expect((await at.ask('read', 'sys/mounts')).status).toBe(200)
    expect(operator.rekey().status().started).toBe(false)
  })

  it('never leave the server for a number of them that nobody can give', () => {
    fc.assert(
      fc.property(fc.integer({ min: -5, max: 300 }), fc.integer({ min: -5, max: 300 }), (shares, threshold) => {
        const possible = threshold >= 1 && threshold <= shares && shares <= 255 && !(threshold === 1 && shares > 1)
        expect(wrongShares(shares, threshold) === undefined).toBe(possible)
      }),
    )
  })
})

describe('what was asked for encrypted', () => {
  const { keeper, signer } = JSON.parse(readFileSync(new URL('../../vectors/openpgp/public-keys.json', import.meta.url), 'utf8')) as {
    readonly keeper: { readonly key: string; readonly fingerprint: string }
    readonly signer: { readonly key: string }
  }

  it.each([
    [{ pgpKeys: [signer.key] }, 'because it has no valid encryption keys'],
    [{ pgpKeys: ['x'] }, 'illegal base64 data'],
    [{ pgpKeys: [keeper.key, keeper.key] }, 'count mismatch between number of provided PGP keys and number of shares'],
    [{ rootTokenPgpKey: 'keybase:ann' }, 'keys are not fetched from Keybase'],
  ])('is not made when it cannot be encrypted: %#', async (more, why) => {
    const { server } = await open()
    const refused: unknown = await server.core.operator
      .initialise({ secretShares: 1, secretThreshold: 1, ...more })
      .catch((it: unknown) => it)
    expect((refused as { wire: readonly string[] }).wire[0]).toContain(why)
    expect(await server.core.operator.initialised()).toBe(false)
  })

  it('leaves in messages only', async () => {
    const { server } = await open()
    const { keys, rootToken } = await server.core.operator.initialise({
      secretShares: 2,
      secretThreshold: 2,
      pgpKeys: [keeper.key, keeper.key],
      rootTokenPgpKey: keeper.key,
    })
    // A session key for the subkey, by ECDH.
    for (const key of [...keys, Buffer.from(rootToken, 'base64').toString('hex')]) expect(key).toMatch(/^c15e03[0-9a-f]{16}12/)
  })
})

describe('another root key', () => {
  const parts = (storage: Storage, source: Random = random): Unseal =>
    new Unseal({
      barrier: createBarrier({ storage, random: source, clock: new ManualClock(new Date('2026-01-01T00:00:00Z')) }),
      store: createSealStore(storage),
      shares: { split, combine },
      random: source,
      log: silentLog,
      storageType: 'inmem',
    })

  /** The store as it is after so many commits, whatever comes later. */
  function cutAfter(storage: Storage, commits: number): Storage {
    let left = commits
    return {
      ...storage,
      get: key => storage.get(key),
      list: (prefix, page) => storage.list(prefix, page),
      commit: batch => (left-- > 0 ? storage.commit(batch) : Promise.reject(new Error('the machine is off'))),
      close: () => storage.close(),
    }
  }

  it.each([0, 1, 2, 3])('is whole or not there after a crash behind %i writes: the shares open the store', async commits => {
    const storage = openMemory()
    const first = parts(storage)
    await first.open()
    const made = await first.initialise({ secretShares: 3, secretThreshold: 2 })
    const shares = made.shares.map(it => Buffer.from(it).toString('hex'))
    const running = parts(cutAfter(storage, commits))
    await running.open()
    for (const share of shares.slice(0, 2)) await running.give(share)
    await running.rotateRoot().catch(() => undefined)
    const after = parts(storage)
    await after.open()
    expect(await after.give(shares[1] as string)).toBe(false)
    expect(await after.give(shares[2] as string)).toBe(true)
    // And what was left half done is settled now: a second rotation goes through.
    await after.rotateRoot()
    const last = parts(storage)
    await last.open()
    await last.give(shares[0] as string)
    expect(await last.give(shares[1] as string)).toBe(true)
  })

  /** An unsealed store, two shares of three, with the storage that a test may hold up. */
  async function unsealedBy(
    hold: (storage: Storage) => Partial<Storage> = () => ({}),
  ): Promise<{ at: Unseal; storage: Storage; shares: readonly string[] }> {
    const storage = openMemory()
    const first = parts(storage)
    await first.open()
    const shares = (await first.initialise({ secretShares: 3, secretThreshold: 2 })).shares.map(it => Buffer.from(it).toString('hex'))
    const held: Storage = {
      ...storage,
      get: key => storage.get(key),
      list: (prefix, page) => storage.list(prefix, page),
      commit: batch => storage.commit(batch),
      close: () => storage.close(),
      ...hold(storage),
    }
    const at = parts(held)
    await at.open()
    for (const share of shares.slice(0, 2)) await at.give(share)
    return { at, storage, shares }
  }
  const opens = async (storage: Storage, shares: readonly string[]): Promise<boolean> => {
    const at = parts(storage)
    await at.open()
    for (const share of shares.slice(0, -1)) await at.give(share)
    return at.give(shares.at(-1) as string).catch(() => false)
  }
  const bytes = (shares: readonly string[]): readonly Uint8Array[] => shares.map(it => Buffer.from(it, 'hex'))

  it('and new shares at one time leave a store that one set of shares opens: those that were told to be in force', async () => {
    for (const waits of [0, 1, 2, 3, 5, 8]) {
      const { at, storage, shares } = await unsealedBy(to => ({
        commit: async batch => {
          await Promise.resolve()
          return to.commit(batch)
        },
      }))
      const rotation = at.rotateRoot()
      for (let turn = 0; turn < waits; turn++) await Promise.resolve()
      const root = at.openRoot(bytes(shares.slice(0, 2)))
      const made = at.divide(5, 2)
      const rekeyed = at.replaceKey(made.key, root, 5, 2).then(
        () => true,
        () => false,
      )
      await rotation
      const fresh = made.shares.slice(3).map(it => Buffer.from(it).toString('hex'))
      expect(await opens(storage, (await rekeyed) ? fresh : shares.slice(1)), `behind ${waits} turns`).toBe(true)
    }
  })

  it('makes no use of a root key that was opened before it', async () => {
    const { at, storage, shares } = await unsealedBy()
    const stale = at.openRoot(bytes(shares.slice(0, 2)))
    await at.rotateRoot()
    await expect(at.replaceKey(at.divide(3, 2).key, stale, 3, 2)).rejects.toMatchObject({ status: 400 })
    expect(await opens(storage, shares.slice(1))).toBe(true)
  })

  it('that failed, nobody knows how far, survives another try and new shares', async () => {
    // The key ring is written, but that is not to be learnt.
    const lost = { now: false }
    const { at, storage, shares } = await unsealedBy(to => ({
      get: key => (lost.now && key === 'core/keyring' ? Promise.reject(new Error('the disk is gone')) : to.get(key)),
      commit: async batch => {
        const done = await to.commit(batch)
        if (lost.now && batch.put?.some(([key]) => key === 'core/keyring') === true) throw new Error('the disk is gone')
        return done
      },
    }))
    lost.now = true
    await expect(at.rotateRoot()).rejects.toMatchObject({ code: 'storageFailed' })
    lost.now = false
    await at.rotateRoot().catch(() => undefined)
    const made = at.divide(3, 2)
    await at.replaceKey(made.key, at.openRoot(bytes(shares.slice(0, 2))), 3, 2)
    expect(
      await opens(
        storage,
        made.shares.slice(1).map(it => Buffer.from(it).toString('hex')),
      ),
    ).toBe(true)
  })

  it('is not spoilt by who wipes the new key while it is written', async () => {
    const { at, storage, shares } = await unsealedBy()
    const made = at.divide(3, 2)
    const root = at.openRoot(bytes(shares.slice(0, 2)))
    const done = at.replaceKey(made.key, root, 3, 2)
    made.key.wipe()
    root.wipe()
    await done
    await at.rotateRoot()
    expect(
      await opens(
        storage,
        made.shares.slice(1).map(it => Buffer.from(it).toString('hex')),
      ),
    ).toBe(true)
  })
})

describe('the encryption key', () => {
  it('is rotated by itself when it is old enough', async () => {
    const at = await running()
    const term = async (): Promise<unknown> => (await at.ask('read', 'sys/key-status')).body?.['term']
    await at.ask('write', 'sys/rotate/config', { interval: '24h' })
    await at.pass(23 * 3600)
    expect(await term()).toBe(1)
    await at.pass(3600)
    for (let looks = 0; looks < 4; looks++) await at.pass(5)
    expect(await term()).toBe(2)
  })

  it('stays when it was told to', async () => {
    const at = await running()
    await at.ask('write', 'sys/rotate/config', { interval: '24h', enabled: false })
    await at.pass(100 * 3600)
    expect((await at.ask('read', 'sys/key-status')).body?.['data']).toMatchObject({ term: 1 })
  })
})
