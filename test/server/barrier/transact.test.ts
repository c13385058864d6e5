import { describe, expect, it } from 'vitest'
import type { View } from '../../../src/server/logical/index.ts'
import { bytes, reopened, text, TroubledStorage, unsealedBarrier } from './fixture.ts'

const start = async () => {
  const storage = new TroubledStorage()
  const { barrier, root } = await unsealedBarrier({ storage })
  storage.gets = storage.commits = 0
  return { storage, barrier, root, view: barrier.view('v/') }
}
const count = async (view: View, key = 'n'): Promise<number> => Number(text(await view.get(key)) ?? '0')
const increment = async (tx: View): Promise<number> => {
  const next = (await count(tx)) + 1
  await tx.put('n', bytes(String(next)))
  return next
}

describe('transact', () => {
  it('makes everything durable in one commit and gives the result', async () => {
    const { storage, barrier, root, view } = await start()
    await view.put('old', bytes('1'))
    storage.commits = 0
    const result = await view.transact(async tx => {
      await tx.put('a', bytes('1'))
      await tx.put('b/c', bytes('2'))
      await tx.delete('old')
      return 'done'
    })
    expect(result).toBe('done')
    expect(storage.commits).toBe(1)
    barrier.seal()
    const again = (await reopened({ storage, root })).view('v/')
    expect(await again.list('')).toEqual(['a', 'b/'])
  })

  it('changes nothing when its work throws', async () => {
    const { storage, view } = await start()
    await view.put('a', bytes('1'))
    const work = view.transact(async tx => {
      await tx.put('a', bytes('2'))
      await tx.delete('a')
      throw new Error('no')
    })
    await expect(work).rejects.toThrow('no')
    expect(text(await view.get('a'))).toBe('1')
    expect(storage.commits).toBe(1)
  })

  it('sees its own writes, and nobody else does before the end', async () => {
    const { view } = await start()
    await view.put('a', bytes('1'))
    await view.transact(async tx => {
      await tx.put('a', bytes('2'))
      await tx.put('b', bytes('2'))
      expect(text(await tx.get('a'))).toBe('2')
      expect(text(await view.get('a'))).toBe('1')
      expect(await view.get('b')).toBeUndefined()
      await tx.delete('a')
      expect(await tx.get('a')).toBeUndefined()
      await tx.put('a', bytes('3'))
    })
    expect(text(await view.get('a'))).toBe('3')
  })

  it('keeps its own copy of what it is given', async () => {
    const { view } = await start()
    await view.transact(async tx => {
      const value = bytes('before')
      await tx.put('a', value)
      value.fill(0)
      const read = (await tx.get('a')) ?? bytes('')
      read.fill(0)
      expect(text(await tx.get('a'))).toBe('before')
    })
    expect(text(await view.get('a'))).toBe('before')
  })

  it('lists what will be there', async () => {
    const { view } = await start()
    for (const key of ['a', 'c', 'full/1', 'full/2', 'single/1', 'z']) await view.put(key, bytes('x'))
    await view.transact(async tx => {
      await tx.put('b', bytes('x'))
      await tx.put('new/deep/1', bytes('x'))
      await tx.delete('c')
      await tx.delete('full/1')
      await tx.delete('single/1')
      await tx.delete('not/there')
      expect(await tx.list('')).toEqual(['a', 'b', 'full/', 'new/', 'z'])
      expect(await tx.list('full/')).toEqual(['2'])
      expect(await tx.list('single/')).toEqual([])
      expect(await tx.list('new/')).toEqual(['deep/'])
      expect(await tx.list('', { limit: 2 })).toEqual(['a', 'b'])
      expect(await tx.list('', { after: 'b', limit: 2 })).toEqual(['full/', 'new/'])
      expect(await tx.list('', { after: 'full/' })).toEqual(['new/', 'z'])
      expect(await tx.sub('new/').list('deep/')).toEqual(['1'])
    })
    expect(await view.list('')).toEqual(['a', 'b', 'full/', 'new/', 'z'])
  })

  it('costs no commit when it only reads what has not changed', async () => {
    const { storage, view } = await start()
    await view.put('a', bytes('1'))
    await view.put('b', bytes('2'))
    storage.commits = 0
    expect(await view.transact(async tx => [text(await tx.get('a')), text(await tx.get('b')), await tx.list('')])).toEqual([
      '1',
      '2',
      ['a', 'b'],
    ])
    expect(storage.commits).toBe(0)
  })

  describe('nested', () => {
    it('joins the outer one', async () => {
      const { storage, view } = await start()
      await view.transact(async outer => {
        await outer.put('a', bytes('1'))
        await outer.sub('in/').transact(async inner => {
          expect(text(await outer.get('a'))).toBe('1')
          await inner.put('b', bytes('2'))
          await inner.transact(async innermost => innermost.put('c', bytes('3')))
          expect(await inner.list('')).toEqual(['b', 'c'])
        })
        expect(text(await outer.get('in/b'))).toBe('2')
      })
      expect(storage.commits).toBe(1)
      expect(await view.list('in/')).toEqual(['b', 'c'])
    })

    it('drops its own writes when it throws, and the outer one goes on', async () => {
      const { view } = await start()
      await view.transact(async outer => {
        await outer.put('a', bytes('1'))
        const inner = outer.transact(async tx => {
          await tx.delete('a')
          await tx.put('b', bytes('2'))
          throw new Error('no')
        })
        await expect(inner).rejects.toThrow('no')
        expect(text(await outer.get('a'))).toBe('1')
        expect(await outer.list('')).toEqual(['a'])
      })
      expect(await view.list('')).toEqual(['a'])
    })
  })

  describe('in a conflict', () => {
    it('runs its work again, on what is there now', async () => {
      const { view } = await start()
      let runs = 0
      await view.transact(async tx => {
        const next = (await count(tx)) + 1
        if (++runs === 1) await view.put('n', bytes('10'))
        await tx.put('n', bytes(String(next)))
      })
      expect(runs).toBe(2)
      expect(await count(view)).toBe(11)
    })

    it('notices that what was absent has come', async () => {
      const { view } = await start()
      let runs = 0
      const created = await view.transact(async tx => {
        const absent = (await tx.get('a')) === undefined
        if (++runs === 1) await view.put('a', bytes('theirs'))
        if (absent) await tx.put('a', bytes('mine'))
        return absent
      })
      expect(created).toBe(false)
      expect(text(await view.get('a'))).toBe('theirs')
    })

    it('notices that a listing has changed', async () => {
      const { view } = await start()
      const createFirst = (name: string) =>
        view.transact(async tx => {
          if ((await tx.list('things/')).length > 0) return false
          await tx.put(`things/${name}`, bytes('x'))
          return true
        })
      const answers = await Promise.all(Array.from({ length: 10 }, (_, i) => createFirst(String(i))))
      expect(answers.filter(it => it)).toHaveLength(1)
      expect(await view.list('things/')).toHaveLength(1)
    })

    it('reads the same value twice, whatever happens in between', async () => {
      const { view } = await start()
      await view.put('a', bytes('1'))
      const seen: string[] = []
      await view.transact(async tx => {
        const first = text(await tx.get('a'))
        if (seen.length === 0) await view.put('a', bytes('2'))
        seen.push(`${first} ${text(await tx.get('a'))}`)
        await tx.put('b', bytes('x'))
      })
      expect(seen).toEqual(['1 1', '2 2'])
    })

    it('does not believe an error that came of a state that never was', async () => {
      const { view } = await start()
      await view.transact(async tx => {
        await tx.put('left', bytes('1'))
        await tx.put('right', bytes('1'))
      })
      let runs = 0
      const work = view.transact(async tx => {
        const left = text(await tx.get('left'))
        if (++runs === 1) {
          await view.transact(async other => {
            await other.put('left', bytes('2'))
            await other.put('right', bytes('2'))
          })
        }
        if (left !== text(await tx.get('right'))) throw new Error('left and right differ')
        return left
      })
      expect(await work).toBe('2')
    })

    it('ends even if somebody writes whenever it reads', async () => {
      const { view } = await start()
      let hostile = 0
      let going = true
      const result = await view.transact(async tx => {
        const next = (await count(tx)) + 1
        // Not awaited: behind the gate it waits for us.
        if (going && hostile < 100) void view.put('n', bytes(String(1000 * ++hostile))).catch(() => (going = false))
        await new Promise(resolve => void setImmediate(resolve))
        await tx.put('n', bytes(String(next)))
        return next
      })
      going = false
      expect(hostile).toBeGreaterThan(3)
      expect(hostile).toBeLessThan(10)
      expect(result % 1000).toBe(1)
    })

    it('lets a crowd through in a few commits behind each other, not one flush each', async () => {
      const { storage, view } = await start()
      const letGo = storage.hold()
      const crowd = Array.from({ length: 100 }, () => view.transact(increment))
      // All of them are on their way although not one is durable: each builds on what the one before has sent.
      await new Promise(resolve => void setImmediate(resolve))
      expect(storage.commits).toBe(100)
      letGo()
      expect((await Promise.all(crowd)).toSorted((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i + 1))
      expect(storage.commits).toBe(100)
      expect(await count(view)).toBe(100)
    })

    it('gives no answer that rests on a commit which fails in the end', async () => {
      const { storage, view } = await start()
      await view.put('n', bytes('1'))
      const letGo = storage.hold()
      storage.trouble('fail')
      const failing = view.put('n', bytes('100'))
      const reading = view.transact(count)
      const throwing = view.transact(async tx => {
        throw new Error(`n is ${await count(tx)}`)
      })
      const building = view.transact(increment)
      letGo()
      const outcomes = await Promise.allSettled([failing, reading, throwing, building])
      expect(outcomes[0]).toMatchObject({ status: 'rejected', reason: { code: 'storageFailed' } })
      expect(outcomes[3]).toEqual({ status: 'fulfilled', value: 2 })
      // Before or behind the one that went through, but never the 100 of the one that failed, nor what stands on it.
      expect([1, 2]).toContain((outcomes[1] as PromiseFulfilledResult<number>).value)
      expect(['n is 1', 'n is 2']).toContain(((outcomes[2] as PromiseRejectedResult).reason as Error).message)
      expect(await count(view)).toBe(2)
    })

    it('lists what is on its way as well', async () => {
      const { storage, view } = await start()
      const letGo = storage.hold()
      const writing = view.put('things/1', bytes('x'))
      const listing = view.transact(async tx => tx.list('things/'))
      letGo()
      await writing
      expect(await listing).toEqual(['1'])
    })

    it('has seen one value of a record, also when it reads it twice at once', async () => {
      const { storage, view } = await start()
      const seen: string[] = []
      await view.transact(async tx => {
        const letGo = storage.holdGets()
        const first = tx.get('a')
        if (seen.length === 0) await view.put('a', bytes('1'))
        const second = tx.get('a')
        letGo()
        seen.push([await first, await second, await tx.get('a')].map(it => text(it) ?? 'none').join(' '))
        await tx.put('b', bytes('x'))
      })
      expect(seen.at(-1)).toBe('1 1 1')
      for (const each of seen) expect(new Set(each.split(' ')).size).toBe(1)
    })

    it('asks the store when another process has written', async () => {
      const { storage, root, view } = await start()
      await view.transact(increment)
      const other = (await reopened({ storage, root })).view('v/')
      await other.transact(increment)
      expect(await view.transact(increment)).toBe(3)
    })
  })

  describe('used wrongly', () => {
    it('refuses a view whose work has ended', async () => {
      const { view } = await start()
      const escaped = await view.transact(async tx => tx)
      await expect(escaped.put('a', bytes('1'))).rejects.toThrow('after its work has ended')
      await expect(escaped.get('a')).rejects.toThrow('after its work has ended')
      await expect(escaped.list('')).rejects.toThrow('after its work has ended')
    })

    it('says so instead of waiting for itself, when it transacts on the view outside', async () => {
      const { view } = await start()
      const work = view.transact(async tx => {
        await count(tx)
        await view.transact(increment)
        await tx.put('n', bytes('0'))
      })
      await expect(work).rejects.toThrow('use the view that it gives')
    })

    it('says so instead of waiting for itself, when it writes to the view outside', async () => {
      const { view } = await start()
      let runs = 0
      const work = view.transact(async tx => {
        await count(tx)
        await view.put('n', bytes(String(++runs)))
        await tx.put('n', bytes('0'))
      })
      await expect(work).rejects.toThrow('use the view that it gives')
    })
  })
})
