import { randomBytes, randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { ManualClock, SecretBytes, type Random } from '../../../src/kernel/index.ts'
import { createBarrier, type Barrier } from '../../../src/server/barrier/index.ts'
import type { Storage } from '../../../src/server/storage/index.ts'
import { openMemory } from '../../../src/server/storage/memory/index.ts'

const random: Random = { bytes: count => randomBytes(count), uuid: () => randomUUID() }

async function unsealed(storage: Storage = openMemory()): Promise<{ barrier: Barrier; storage: Storage; root: SecretBytes }> {
  const root = SecretBytes.from(randomBytes(32))
  const barrier = createBarrier({ storage, random, clock: new ManualClock(new Date('2026-11-24T00:00:00Z')) })
  await barrier.open()
  await barrier.initialise(root)
  await barrier.unseal(root)
  return { barrier, storage, root }
}

describe('barrier', () => {
  it('gives back what was put', async () => {
    const { barrier } = await unsealed()
    const view = barrier.view('logical/')
    await view.put('a/b', Buffer.from('hello'))
    expect(Buffer.from((await view.get('a/b')) ?? []).toString()).toBe('hello')
    expect(await view.list('')).toEqual(['a/'])
    await view.transact(async tx => {
      await tx.put('a/c', Buffer.from('x'))
      await tx.delete('a/b')
      expect(await tx.list('a/')).toEqual(['c'])
    })
    expect(await view.list('a/')).toEqual(['c'])
  })
  it('lets a crowd count one record up', async () => {
    const { barrier } = await unsealed()
    const view = barrier.view('')
    await Promise.all(
      Array.from({ length: 200 }, () =>
        view.transact(async tx => {
          const n = Number(Buffer.from((await tx.get('n')) ?? Buffer.from('0')).toString())
          await tx.put('n', Buffer.from(String(n + 1)))
        }),
      ),
    )
    expect(Buffer.from((await view.get('n')) ?? []).toString()).toBe('200')
  })
})
