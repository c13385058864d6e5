import { describe, expect, it } from 'vitest'
import { bytes, text, TroubledStorage, unsealedBarrier } from './fixture.ts'

describe('what the barrier knows of the store', () => {
  const start = async (cacheBytes?: number) => {
    const storage = new TroubledStorage()
    const { barrier, root } = await unsealedBarrier({ storage, ...(cacheBytes !== undefined && { cacheBytes }) })
    const view = barrier.view('')
    storage.gets = 0
    return { storage, barrier, root, view }
  }

  it('asks the store once for a record that is read often', async () => {
    const { storage, barrier, root, view } = await start()
    await view.put('a', bytes('1'))
    barrier.seal()
    await barrier.unseal(root)
    storage.gets = 0
    for (let i = 0; i < 10; i++) expect(text(await view.get('a'))).toBe('1')
    expect(storage.gets).toBe(1)
  })

  it('asks once for many who read at the same time', async () => {
    const { storage, view } = await start()
    const answers = await Promise.all(Array.from({ length: 20 }, () => view.get('nothing')))
    expect(new Set(answers)).toEqual(new Set([undefined]))
    expect(storage.gets).toBe(1)
  })

  it('knows what was written without asking', async () => {
    const { storage, view } = await start()
    await view.put('a', bytes('1'))
    expect(text(await view.get('a'))).toBe('1')
    await view.delete('a')
    expect(await view.get('a')).toBeUndefined()
    expect(storage.gets).toBe(0)
  })

  it('knows that nothing is there, until something is', async () => {
    const { storage, view } = await start()
    expect(await view.get('a')).toBeUndefined()
    expect(await view.get('a')).toBeUndefined()
    expect(storage.gets).toBe(1)
    await view.put('a', bytes('1'))
    expect(text(await view.get('a'))).toBe('1')
  })

  it('lends copies: nobody can change what others read', async () => {
    const { view } = await start()
    const value = bytes('before')
    await view.put('a', value)
    value.fill(0)
    const read = (await view.get('a')) ?? bytes('')
    expect(text(read)).toBe('before')
    read.fill(0)
    expect(text(await view.get('a'))).toBe('before')
  })

  it('shows the old value until the new one is durable', async () => {
    const { storage, view } = await start()
    await view.put('a', bytes('old'))
    const letGo = storage.hold()
    const writing = view.put('a', bytes('new'))
    expect(text(await view.get('a'))).toBe('old')
    letGo()
    await writing
    expect(text(await view.get('a'))).toBe('new')
  })

  it('does not keep what a write has overtaken on its way from the store', async () => {
    const { storage, barrier, root, view } = await start()
    await view.put('a', bytes('old'))
    barrier.seal()
    await barrier.unseal(root)
    const reading = view.get('a')
    const writing = view.put('a', bytes('new'))
    await Promise.all([reading, writing])
    expect(text(await view.get('a'))).toBe('new')
    expect(storage.gets).toBeGreaterThan(0)
  })

  it.each(['fail', 'applyAndFail'] as const)('asks the store what became of a commit that failed (%s)', async trouble => {
    const { storage, view } = await start()
    await view.put('a', bytes('old'))
    storage.trouble(trouble)
    await expect(view.put('a', bytes('new'))).rejects.toMatchObject({ code: 'storageFailed' })
    expect(text(await view.get('a'))).toBe(trouble === 'fail' ? 'old' : 'new')
  })

  it('stays within its bounds, and keeps what is used', async () => {
    const { storage, view } = await start(64 * 1024)
    await view.put('hot', Buffer.alloc(200))
    for (let i = 0; i < 1_000; i++) {
      await view.put(`cold/${i}`, Buffer.alloc(200))
      await view.get('hot')
    }
    expect(storage.gets).toBe(0)
    await view.get('cold/0')
    expect(storage.gets).toBe(1)
    await view.get('cold/999')
    await view.get('hot')
    expect(storage.gets).toBe(1)
  })

  it('is not emptied by one record that is larger than all others', async () => {
    const { storage, view } = await start(64 * 1024)
    await view.put('small', bytes('1'))
    await view.put('large', Buffer.alloc(60 * 1024))
    await view.get('small')
    expect(storage.gets).toBe(0)
    expect(await view.get('large')).toHaveLength(60 * 1024)
    expect(storage.gets).toBe(1)
  })

  it('keeps nothing when told so', async () => {
    const { storage, view } = await start(0)
    await view.put('a', bytes('1'))
    await view.get('a')
    await view.get('a')
    expect(storage.gets).toBe(2)
  })
})
