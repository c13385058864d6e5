import { describe, expect, it } from 'vitest'
import { Permits } from '../../../../../../src/server/engines/database/plugins/postgresql/permits.ts'

describe('permits', () => {
  it('are so many, and go to those who wait in their order', async () => {
    const permits = new Permits(2, 60_000)
    await Promise.all([permits.take(), permits.take()])
    const order: string[] = []
    const waiting = ['first', 'second'].map(async who => {
      await permits.take()
      order.push(who)
    })
    expect(order).toEqual([])
    permits.giveBack()
    await waiting[0]
    permits.giveBack()
    await Promise.all(waiting)
    expect(order).toEqual(['first', 'second'])
  })

  it('are not waited for for ever, and are not lost to who has gone', async () => {
    const permits = new Permits(1, 1)
    await permits.take()
    await expect(permits.take()).rejects.toThrow('no connection was free within 0.001 seconds')
    permits.giveBack()
    await permits.take()
  })
})
