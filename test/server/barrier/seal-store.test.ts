import { describe, expect, it } from 'vitest'
import { createSealStore } from '../../../src/server/barrier/index.ts'
import { openMemory } from '../../../src/server/storage/memory/index.ts'
import { bytes, TroubledStorage } from './fixture.ts'

describe('seal store', () => {
  it('gives back what was stored, to the next process as well', async () => {
    const storage = openMemory()
    const store = createSealStore(storage)
    expect(await store.read()).toBeUndefined()
    expect(await store.replace({ type: 'shamir', shares: 5 })).toBe(true)
    expect(await createSealStore(storage).read()).toEqual({ type: 'shamir', shares: 5 })
    expect(await store.replace({ type: 'shamir', shares: 3 })).toBe(true)
    expect(await store.read()).toEqual({ type: 'shamir', shares: 3 })
  })

  it('does not replace what it has not read', async () => {
    const storage = openMemory()
    const [first, second] = [createSealStore(storage), createSealStore(storage)]
    await first.read()
    await second.read()
    expect(await first.replace('first')).toBe(true)
    expect(await second.replace('second')).toBe(false)
    expect(await second.read()).toBe('first')
    expect(await second.replace('second')).toBe(true)
  })

  it('refuses what is no configuration', async () => {
    const storage = openMemory()
    await storage.commit({ put: [['core/seal', bytes('{"type":')]] })
    await expect(createSealStore(storage).read()).rejects.toMatchObject({ code: 'recordUnreadable' })
  })

  it('takes a write whose answer was lost for what it was', async () => {
    const storage = new TroubledStorage()
    const store = createSealStore(storage)
    expect(await store.replace('first')).toBe(true)
    storage.trouble('applyAndFail')
    expect(await store.replace('second')).toBe(true)
    expect(await store.replace('third')).toBe(true)
    expect(await createSealStore(storage).read()).toBe('third')
  })

  it('is not stuck after a write of which nobody knew whether it came through', async () => {
    for (const how of ['applyAndFail', 'fail'] as const) {
      const storage = new TroubledStorage()
      const store = createSealStore(storage)
      expect(await store.replace('first')).toBe(true)
      storage.trouble(how)
      const get = storage.get.bind(storage)
      storage.get = () => Promise.reject(new Error('away'))
      await expect(store.replace('second')).rejects.toMatchObject({ code: 'storageFailed' })
      storage.get = get
      expect(await store.replace('third')).toBe(true)
      expect(await createSealStore(storage).read()).toBe('third')
    }
  })

  it('answers a failure of the store with one fault', async () => {
    const storage = new TroubledStorage()
    const store = createSealStore(storage)
    storage.trouble('fail')
    await expect(store.replace({})).rejects.toMatchObject({ code: 'storageFailed' })
    await storage.close()
    await expect(store.read()).rejects.toMatchObject({ code: 'storageFailed' })
  })
})
