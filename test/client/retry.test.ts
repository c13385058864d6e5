import { describe, expect, it } from 'vitest'
import { ClientUnreachable } from '../../src/client/index.ts'
import { ManualClock } from '../../src/kernel/index.ts'
import { clientAt, eagerClock, standIn, steadyRandom } from './stand-in.ts'

describe('a request that failed', () => {
  it('is asked again twice, each time after a longer wait', async () => {
    await using server = await standIn((_, count) => (count < 3 ? { status: 500, body: {} } : { body: { ok: true } }))
    const clock = eagerClock()
    expect((await clientAt(server.address, { clock }).send({ method: 'GET', path: 'x' })).body).toEqual({ ok: true })
    expect(clock.waits).toEqual([1000, 2000])
  })

  it('waits up to half as long again by chance', async () => {
    await using server = await standIn((_, count) => (count < 3 ? { status: 502, body: {} } : { body: {} }))
    const clock = eagerClock()
    await clientAt(server.address, { clock, random: steadyRandom(255) }).send({ method: 'LIST', path: 'x' })
    expect(clock.waits.map(it => Math.round(it))).toEqual([1500, 3000])
  })

  it('gives the last answer when it keeps failing', async () => {
    await using server = await standIn(() => ({ status: 503, body: { errors: ['sealed'] } }))
    const answer = await clientAt(server.address, { retries: 1 }).send({ method: 'GET', path: 'x' })
    expect([answer.status, server.asked.length]).toEqual([503, 2])
  })

  it.each([
    ['GET', 500, 3],
    ['GET', 501, 1],
    ['GET', 400, 1],
    ['GET', 403, 1],
    ['GET', 404, 1],
    ['GET', 412, 3],
    ['GET', 429, 3],
    ['POST', 500, 1],
    ['POST', 503, 1],
    ['POST', 412, 3],
    ['POST', 429, 3],
    ['DELETE', 502, 1],
    ['PATCH', 429, 3],
  ] as const)('is not repeated if it may have been carried out: %s with %i is asked %i times', async (method, status, times) => {
    await using server = await standIn(() => ({ status, body: { errors: [] } }))
    await clientAt(server.address).send({ method, path: 'x' })
    expect(server.asked.length).toBe(times)
  })

  it.each([
    ['seconds', '7', 7000],
    ['a date', 'Tue, 24 Nov 2026 12:00:30 GMT', 30_000],
    ['a date that has passed', 'Tue, 24 Nov 2026 11:00:00 GMT', 0],
    ['nonsense', 'soon', 1000],
  ])('waits as Retry-After says: %s', async (_what, header, wait) => {
    await using server = await standIn((_, count) =>
      count < 2 ? { status: 429, headers: { 'retry-after': header }, body: {} } : { body: {} },
    )
    const clock = eagerClock()
    await clientAt(server.address, { clock }).send({ method: 'POST', path: 'x' })
    expect(clock.waits).toEqual([wait])
  })

  it('is repeated, also a write, when no connection came about', async () => {
    const clock = eagerClock()
    await expect(clientAt('http://127.0.0.1:1', { clock }).send({ method: 'POST', path: 'x' })).rejects.toBeInstanceOf(ClientUnreachable)
    expect(clock.waits).toEqual([1000, 2000])
  })

  it('is repeated when a read broke off, and not when a write did', async () => {
    await using server = await standIn(() => ({ body: { data: 'long enough' }, cutAfter: 4 }))
    await expect(clientAt(server.address).send({ method: 'GET', path: 'x' })).rejects.toBeInstanceOf(ClientUnreachable)
    await expect(clientAt(server.address).send({ method: 'POST', path: 'x' })).rejects.toBeInstanceOf(ClientUnreachable)
    expect(server.asked.map(it => it.method)).toEqual(['GET', 'GET', 'GET', 'POST'])
  })

  it('is given up when its time is over', async () => {
    const clock = new ManualClock(new Date(0))
    await using server = await standIn(() => {
      clock.advance(5000)
      return { silent: true }
    })
    await expect(clientAt(server.address, { clock, timeout: 5 }).send({ method: 'GET', path: 'x' })).rejects.toThrow(
      'no answer within 5 seconds',
    )
    expect(server.asked.length).toBe(1)
  })

  it('is given up while it waits to ask again', async () => {
    const clock = new ManualClock(new Date(0))
    await using server = await standIn(() => ({ status: 429, headers: { 'retry-after': '3600' }, body: {} }))
    const controller = new AbortController()
    const waiting = clientAt(server.address, { clock, retries: 5, timeout: 0 }).send({
      method: 'GET',
      path: 'x',
      signal: controller.signal,
    })
    controller.abort()
    await expect(waiting).rejects.toThrow(/abort/)
  })
})
