import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { ManualClock, SecretBytes } from '../../../src/kernel/index.ts'
import { createBarrier } from '../../../src/server/barrier/index.ts'
import { openMemory } from '../../../src/server/storage/memory/index.ts'
import { bytes, reopened, systemRandom, tamper, text, TroubledStorage, unsealedBarrier } from './fixture.ts'

describe('barrier', () => {
  describe('states', () => {
    it('goes from uninitialised over sealed to unsealed and back', async () => {
      const storage = openMemory()
      const barrier = createBarrier({ storage, random: systemRandom, clock: new ManualClock(new Date(0)) })
      const root = SecretBytes.from(randomBytes(32))
      expect(barrier.state).toBe('uninitialised')
      await barrier.open()
      expect(barrier.state).toBe('uninitialised')
      await expect(barrier.unseal(root)).rejects.toMatchObject({ code: 'uninitialised' })
      await barrier.initialise(root)
      expect(barrier.state).toBe('sealed')
      await barrier.unseal(root)
      expect(barrier.state).toBe('unsealed')
      barrier.seal()
      expect(barrier.state).toBe('sealed')
    })

    it('tells a sealed store from an empty one', async () => {
      const { storage } = await unsealedBarrier()
      const barrier = createBarrier({ storage, random: systemRandom, clock: new ManualClock(new Date(0)) })
      await barrier.open()
      expect(barrier.state).toBe('sealed')
    })

    it('refuses to be initialised twice, and keeps the first key ring', async () => {
      const { barrier, storage, root } = await unsealedBarrier()
      await barrier.view('').put('a', bytes('1'))
      const second = createBarrier({ storage, random: systemRandom, clock: new ManualClock(new Date(0)) })
      await expect(second.initialise(SecretBytes.from(randomBytes(32)))).rejects.toMatchObject({
        code: 'refused',
        wire: ['Vault is already initialized'],
      })
      expect(text(await (await reopened({ storage, root })).view('').get('a'))).toBe('1')
    })

    it.each([
      ['another key', randomBytes(32)],
      ['a key that is too short', randomBytes(31)],
      ['no key', Buffer.alloc(0)],
    ])('refuses to be unsealed with %s', async (_, key) => {
      const { barrier, root } = await unsealedBarrier()
      barrier.seal()
      await expect(barrier.unseal(SecretBytes.from(key))).rejects.toMatchObject({ code: 'barrierRootKeyWrong' })
      expect(barrier.state).toBe('sealed')
      await barrier.unseal(root)
      expect(barrier.state).toBe('unsealed')
    })

    it('accepts a second unseal, which changes nothing', async () => {
      const { barrier, root } = await unsealedBarrier()
      await barrier.view('').put('a', bytes('1'))
      await barrier.unseal(root)
      expect(text(await barrier.view('').get('a'))).toBe('1')
    })

    it('refuses everything while it is sealed', async () => {
      const { barrier } = await unsealedBarrier()
      const view = barrier.view('logical/')
      await view.put('a', bytes('1'))
      barrier.seal()
      const sealed = { code: 'sealed', status: 503, wire: ['Vault is sealed'] }
      await expect(view.get('a')).rejects.toMatchObject(sealed)
      await expect(view.put('a', bytes('2'))).rejects.toMatchObject(sealed)
      await expect(view.delete('a')).rejects.toMatchObject(sealed)
      await expect(view.list('')).rejects.toMatchObject(sealed)
      await expect(view.sub('b/').get('a')).rejects.toMatchObject(sealed)
      await expect(view.transact(async tx => tx.get('a'))).rejects.toMatchObject(sealed)
      await expect(barrier.rotate()).rejects.toMatchObject(sealed)
      await expect(barrier.rekey(SecretBytes.from(randomBytes(32)))).rejects.toMatchObject(sealed)
      expect(() => barrier.term()).toThrow(expect.objectContaining(sealed))
    })

    it('gives views that live on over a seal and an unseal', async () => {
      const { barrier, root } = await unsealedBarrier()
      const view = barrier.view('logical/')
      await view.put('a', bytes('1'))
      barrier.seal()
      await barrier.unseal(root)
      expect(text(await view.get('a'))).toBe('1')
    })

    it('stops a transaction that it is sealed under', async () => {
      const { barrier, root } = await unsealedBarrier()
      const view = barrier.view('')
      const work = view.transact(async tx => {
        await tx.put('a', bytes('1'))
        barrier.seal()
        await tx.put('b', bytes('1'))
      })
      await expect(work).rejects.toMatchObject({ code: 'sealed' })
      await barrier.unseal(root)
      expect(await view.list('')).toEqual(['core/'])
    })

    it('never hands out what a seal has wiped', async () => {
      const { barrier, storage, root } = await unsealedBarrier()
      const view = barrier.view('')
      await view.put('a', bytes('secret'))
      barrier.seal()
      await barrier.unseal(root)
      const reading = view.get('a')
      const second = view.get('a')
      // The read is on its way to the store and back; what it decrypts is dropped.
      await storage.get('a')
      barrier.seal()
      for (const outcome of await Promise.allSettled([reading, second])) {
        if (outcome.status === 'fulfilled') expect(text(outcome.value)).toBe('secret')
        else expect(outcome.reason).toMatchObject({ code: 'sealed' })
      }
    })

    it('does not let a commit of the period before surprise the next one', async () => {
      const storage = new TroubledStorage()
      const { barrier, root, clock } = await unsealedBarrier({ storage })
      const view = barrier.view('')
      // With the counts written down, sealing has nothing to write that the unsealing would wait for anyway.
      clock.advance(60_000)
      await view.put('a', bytes('old'))
      await barrier.rotate()
      const letGo = storage.hold()
      const late = view.delete('a')
      barrier.seal()
      let over = false
      const unsealing = barrier.unseal(root).then(() => (over = true))
      await new Promise(resolve => void setImmediate(resolve))
      expect(over).toBe(false)
      letGo()
      await Promise.all([late, unsealing])
      expect(await view.get('a')).toBeUndefined()
    })
  })

  describe('key ring', () => {
    it('writes with a new term after a rotation, and still reads what is older', async () => {
      const { barrier, storage, root, clock } = await unsealedBarrier()
      const view = barrier.view('')
      await view.put('old', bytes('1'))
      expect(barrier.term()).toEqual({ term: 1, installTime: new Date('2026-11-24T00:00:00Z'), encryptions: 1 })
      clock.advance(3_600_000)
      expect(await barrier.rotate()).toEqual({ term: 2, installTime: new Date('2026-11-24T01:00:00Z'), encryptions: 0 })
      await view.put('new', bytes('2'))
      expect((await storage.get('old'))?.subarray(0, 4)).toEqual(Buffer.from([0, 0, 0, 1]))
      expect((await storage.get('new'))?.subarray(0, 4)).toEqual(Buffer.from([0, 0, 0, 2]))
      const again = (await reopened({ storage, root })).view('')
      expect(text(await again.get('old'))).toBe('1')
      expect(text(await again.get('new'))).toBe('2')
    })

    it('keeps every term through many rotations, also when they are asked for at once', async () => {
      const { barrier, storage, root } = await unsealedBarrier()
      const view = barrier.view('')
      for (let i = 1; i <= 5; i++) {
        await view.put(`at/${i}`, bytes(String(i)))
        await barrier.rotate()
      }
      const terms = await Promise.all([barrier.rotate(), barrier.rotate(), barrier.rotate()])
      expect(terms.map(it => it.term)).toEqual([7, 8, 9])
      const again = await reopened({ storage, root })
      expect(again.term().term).toBe(9)
      for (let i = 1; i <= 5; i++) expect(text(await again.view('').get(`at/${i}`))).toBe(String(i))
    })

    it('opens with the next root key only, once it has been rekeyed', async () => {
      const { barrier, storage, root } = await unsealedBarrier()
      await barrier.view('').put('a', bytes('1'))
      const next = SecretBytes.from(randomBytes(32))
      await barrier.rekey(next)
      expect(text(await barrier.view('').get('a'))).toBe('1')
      await barrier.rotate()
      await expect(reopened({ storage, root })).rejects.toMatchObject({ code: 'barrierRootKeyWrong' })
      const again = await reopened({ storage, root: next })
      expect(text(await again.view('').get('a'))).toBe('1')
      expect(again.term().term).toBe(2)
    })

    it('needs the root key for the call only', async () => {
      const { barrier, storage } = await unsealedBarrier()
      const next = SecretBytes.from(randomBytes(32))
      const kept = SecretBytes.from(next.reveal())
      await barrier.rekey(next)
      next.wipe()
      await barrier.rotate()
      expect((await reopened({ storage, root: kept })).term().term).toBe(2)
    })

    it('does not rotate over a key ring that another process has changed', async () => {
      const first = await unsealedBarrier()
      const second = await reopened(first)
      await second.rotate()
      await expect(first.barrier.rotate()).rejects.toMatchObject({ code: 'storageFailed' })
      expect(first.barrier.term().term).toBe(1)
      expect((await reopened(first)).term().term).toBe(2)
    })

    it('encrypts nothing with a term that is not durable', async () => {
      const storage = new TroubledStorage()
      const { barrier, root } = await unsealedBarrier({ storage })
      storage.trouble('fail')
      await expect(barrier.rotate()).rejects.toMatchObject({ code: 'storageFailed' })
      await barrier.view('').put('a', bytes('1'))
      expect((await storage.get('a'))?.subarray(0, 4)).toEqual(Buffer.from([0, 0, 0, 1]))
      expect(text(await (await reopened({ storage, root })).view('').get('a'))).toBe('1')
      expect((await barrier.rotate()).term).toBe(2)
    })

    it('takes a rotation for done that is durable although its commit failed', async () => {
      const storage = new TroubledStorage()
      const { barrier, root } = await unsealedBarrier({ storage })
      storage.trouble('applyAndFail')
      expect((await barrier.rotate()).term).toBe(2)
      await barrier.view('').put('a', bytes('1'))
      expect(text(await (await reopened({ storage, root })).view('').get('a'))).toBe('1')
    })

    it('refuses records of a term that a key ring put back does not know', async () => {
      const { barrier, storage, root } = await unsealedBarrier()
      const old = Buffer.from((await storage.get('core/keyring')) ?? [])
      await barrier.view('').put('before', bytes('1'))
      await barrier.rotate()
      await barrier.view('').put('after', bytes('2'))
      await storage.commit({ put: [['core/keyring', old]] })
      const rolledBack = await reopened({ storage, root })
      expect(text(await rolledBack.view('').get('before'))).toBe('1')
      await expect(rolledBack.view('').get('after')).rejects.toMatchObject({ code: 'recordUnreadable' })
      // Nor does a new key under the same number open them.
      await rolledBack.rotate()
      await expect(rolledBack.view('').get('after')).rejects.toMatchObject({ code: 'recordUnreadable' })
    })

    it('refuses a key ring that was cut off or is of another kind', async () => {
      const { barrier, storage, root } = await unsealedBarrier()
      barrier.seal()
      const ring = Buffer.from((await storage.get('core/keyring')) ?? [])
      for (const damaged of [ring.subarray(0, 10), Buffer.alloc(0), Buffer.concat([Buffer.from([0, 0, 0, 1]), ring.subarray(4)])]) {
        await storage.commit({ put: [['core/keyring', damaged]] })
        await expect(barrier.unseal(root)).rejects.toMatchObject({ code: 'recordUnreadable' })
      }
      for (let at = 5; at < ring.length; at++) {
        await tamper(storage, 'core/keyring', () => ring.map((byte, i) => (i === at ? byte ^ 1 : byte)))
        await expect(barrier.unseal(root)).rejects.toMatchObject({ code: 'barrierRootKeyWrong' })
      }
      await storage.commit({ put: [['core/keyring', ring]] })
      await barrier.unseal(root)
    })

    it('is out of reach of every view', async () => {
      const { barrier } = await unsealedBarrier()
      await expect(barrier.view('core/').get('keyring')).rejects.toThrow('key ring')
      await expect(barrier.view('').put('core/keyring', bytes('x'))).rejects.toThrow('key ring')
      await expect(barrier.view('').sub('core/').delete('keyring')).rejects.toThrow('key ring')
      await expect(barrier.view('core/').put('seal', bytes('x'))).rejects.toThrow('the seal')
      await expect(barrier.view('').transact(tx => tx.put('core/keyring', bytes('x')))).rejects.toThrow('key ring')
    })

    it('counts encryptions, and remembers the count over a seal', async () => {
      const { barrier, storage, root } = await unsealedBarrier()
      const view = barrier.view('')
      await view.put('a', bytes('1'))
      await view.transact(async tx => {
        await tx.put('b', bytes('1'))
        await tx.put('c', bytes('1'))
        await tx.delete('a')
      })
      expect(barrier.term().encryptions).toBe(3)
      barrier.seal()
      expect((await reopened({ storage, root })).term().encryptions).toBe(3)
    })

    it('writes the count down after a minute, without a seal', async () => {
      const { barrier, storage, root, clock } = await unsealedBarrier()
      const view = barrier.view('')
      await view.put('a', bytes('1'))
      expect((await reopened({ storage, root })).term().encryptions).toBe(0)
      clock.advance(60_000)
      await view.put('a', bytes('2'))
      await view.put('b', bytes('3'))
      expect((await reopened({ storage, root })).term().encryptions).toBe(2)
    })
  })

  describe('view', () => {
    it('is confined to its prefix', async () => {
      const { barrier } = await unsealedBarrier()
      const one = barrier.view('logical/1/')
      const two = barrier.view('logical/2/')
      await one.put('a', bytes('one'))
      await two.put('a', bytes('two'))
      await one.put('../2/a', bytes('not two'))
      expect(text(await one.get('a'))).toBe('one')
      expect(text(await two.get('a'))).toBe('two')
      expect(await two.list('')).toEqual(['a'])
      expect(text(await barrier.view('logical/').sub('1/').get('a'))).toBe('one')
    })

    it('refuses a prefix that is no folder', async () => {
      const { barrier } = await unsealedBarrier()
      expect(() => barrier.view('logical')).toThrow('prefix')
      expect(() => barrier.view('').sub('logical')).toThrow('prefix')
      await expect(barrier.view('').list('logical')).rejects.toThrow('prefix')
    })

    it('keeps values of every size apart from none', async () => {
      const { barrier, storage, root } = await unsealedBarrier()
      const view = barrier.view('')
      for (const size of [0, 1, 15, 16, 17, 4_096, 8 * 1024 * 1024]) {
        const value = randomBytes(size)
        await view.put(`size/${size}`, value)
        const again = (await reopened({ storage, root })).view('')
        for (const each of [view, again]) expect(value.equals((await each.get(`size/${size}`)) ?? Buffer.from('none'))).toBe(true)
      }
      expect(await view.get('none')).toBeUndefined()
    })

    it('deletes, also what is not there', async () => {
      const { barrier } = await unsealedBarrier()
      const view = barrier.view('')
      await view.put('a', bytes('1'))
      await view.delete('a')
      await view.delete('a')
      expect(await view.get('a')).toBeUndefined()
    })

    it('answers a failure of the store with one fault and its cause', async () => {
      const storage = new TroubledStorage()
      const { barrier } = await unsealedBarrier({ storage })
      storage.trouble('fail')
      await expect(barrier.view('').put('a', bytes('1'))).rejects.toMatchObject({
        code: 'storageFailed',
        wire: ['internal error'],
        cause: { code: 'failed' },
      })
      await storage.close()
      await expect(barrier.view('').get('b')).rejects.toMatchObject({ code: 'storageFailed', cause: { code: 'closed' } })
      await expect(barrier.view('').list('')).rejects.toMatchObject({ code: 'storageFailed' })
    })
  })
})
