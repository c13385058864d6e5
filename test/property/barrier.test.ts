import { randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ManualClock, SecretBytes, type Random } from '../../src/kernel/index.ts'
import { createBarrier } from '../../src/server/barrier/index.ts'
import type { View } from '../../src/server/logical/index.ts'
import type { Storage } from '../../src/server/storage/index.ts'
import { openLmdb } from '../../src/server/storage/lmdb/index.ts'
import { openMemory } from '../../src/server/storage/memory/index.ts'
import { reopened, tamper, text, unsealedBarrier } from '../server/barrier/fixture.ts'

const segment = fc
  .oneof(fc.constantFrom('a', 'b', 'ab', 'é', '😀', ' '), fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme' }))
  .filter(it => !it.includes('/') && it.isWellFormed())
const path = fc.array(segment, { minLength: 1, maxLength: 4 }).map(it => it.join('/'))
const value = fc.uint8Array({ maxLength: 300 }).map(it => Buffer.from(it))
const unreadable = { code: 'recordUnreadable', status: 500, wire: ['internal error'] }

/** Reads through a barrier that knows nothing yet, so that the store is asked. */
const fresh = async (at: { readonly storage: Storage; readonly root: SecretBytes }): Promise<View> => (await reopened(at)).view('')

describe('barrier', () => {
  it('gives back every value at every path, to itself and to the next process', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(path, value), { maxLength: 12 }), async records => {
        const at = await unsealedBarrier()
        const expected = new Map(records)
        for (const [key, value] of records) await at.barrier.view('').put(key, value)
        for (const view of [at.barrier.view(''), await fresh(at)]) {
          for (const [key, value] of expected) expect(value.equals((await view.get(key)) ?? Buffer.from('none'))).toBe(true)
        }
      }),
    )
  })

  it('refuses a record with any single bit flipped', async () => {
    await fc.assert(
      fc.asyncProperty(path, fc.uint8Array({ maxLength: 24 }), async (key, value) => {
        const at = await unsealedBarrier()
        // Two terms, so that a flipped term may name another one that exists.
        await at.barrier.rotate()
        await at.barrier.rotate()
        await at.barrier.view('').put(key, value)
        const record = Buffer.from((await at.storage.get(key)) ?? [])
        for (let bit = 0; bit < record.length * 8; bit++) {
          await tamper(at.storage, key, () => record.map((byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte)))
          await expect((await fresh(at)).get(key)).rejects.toMatchObject(unreadable)
        }
      }),
      { numRuns: 12 },
    )
  })

  it('refuses a record cut off at any length, or with anything behind it', async () => {
    await fc.assert(
      fc.asyncProperty(path, fc.uint8Array({ maxLength: 40 }), fc.uint8Array({ minLength: 1, maxLength: 20 }), async (key, value, more) => {
        const at = await unsealedBarrier()
        await at.barrier.view('').put(key, value)
        const record = Buffer.from((await at.storage.get(key)) ?? [])
        for (let length = 0; length < record.length; length++) {
          await tamper(at.storage, key, () => record.subarray(0, length))
          await expect((await fresh(at)).get(key)).rejects.toMatchObject(unreadable)
        }
        await tamper(at.storage, key, () => Buffer.concat([record, more]))
        await expect((await fresh(at)).get(key)).rejects.toMatchObject(unreadable)
      }),
      { numRuns: 15 },
    )
  })

  it('refuses a record that was moved, whatever the two paths', async () => {
    await fc.assert(
      fc.asyncProperty(path, path, value, async (from, to, value) => {
        fc.pre(from !== to)
        const at = await unsealedBarrier()
        await at.barrier.view('').put(from, value)
        const record = (await at.storage.get(from)) as Uint8Array
        await at.storage.commit({ put: [[to, record]] })
        const view = await fresh(at)
        await expect(view.get(to)).rejects.toMatchObject(unreadable)
        expect(value.equals((await view.get(from)) ?? Buffer.from('none'))).toBe(true)
      }),
    )
  })

  it('refuses noise', async () => {
    const at = await unsealedBarrier()
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 100 }), fc.boolean(), async (noise, plausible) => {
        const record = Buffer.from(plausible ? [0, 0, 0, 1, 2, ...noise] : noise)
        await at.storage.commit({ put: [['noise', record]] })
        await expect((await fresh(at)).get('noise')).rejects.toMatchObject(unreadable)
      }),
      { numRuns: 300 },
    )
  })

  it('encrypts the same value at the same path differently every time', async () => {
    const { barrier, storage } = await unsealedBarrier()
    const [nonces, bodies] = [new Set<string>(), new Set<string>()]
    for (let i = 0; i < 2_000; i++) {
      await barrier.view('').put('same', Buffer.from('the same plaintext'))
      const record = Buffer.from((await storage.get('same')) ?? [])
      nonces.add(record.toString('hex', 5, 17))
      bodies.add(record.toString('hex', 17, 35))
    }
    expect(nonces.size).toBe(2_000)
    expect(bodies.size).toBe(2_000)
  })

  it('does what a map would do, through transactions, rotations and seals', async () => {
    const operation = fc.oneof(
      { weight: 5, arbitrary: fc.record({ do: fc.constant('put' as const), key: path, value }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('delete' as const), key: path }) },
      { weight: 4, arbitrary: fc.record({ do: fc.constant('get' as const), key: path }) },
      {
        weight: 3,
        arbitrary: fc.record({
          do: fc.constant('list' as const),
          prefix: fc.array(segment, { maxLength: 2 }).map(it => it.map(s => `${s}/`).join('')),
          limit: fc.nat(4),
          after: fc.option(segment, { nil: undefined }),
        }),
      },
    )
    type Operation = typeof operation extends fc.Arbitrary<infer O> ? O : never
    const step = fc.oneof(
      { weight: 4, arbitrary: operation.map(it => ({ do: 'one' as const, it })) },
      {
        weight: 3,
        arbitrary: fc.record({
          do: fc.constant('transact' as const),
          operations: fc.array(operation, { maxLength: 6 }),
          nested: fc.array(operation, { maxLength: 4 }),
          fails: fc.constantFrom('none', 'inner', 'outer'),
        }),
      },
      { weight: 1, arbitrary: fc.constant({ do: 'rotate' as const }) },
      { weight: 1, arbitrary: fc.constant({ do: 'seal' as const }) },
    )
    const perform = async (view: View, model: Map<string, Buffer>, it: Operation): Promise<void> => {
      if (it.do === 'put') {
        await view.put(it.key, it.value)
        model.set(it.key, it.value)
      } else if (it.do === 'delete') {
        await view.delete(it.key)
        model.delete(it.key)
      } else if (it.do === 'get') expect(text(await view.get(it.key))).toBe(text(model.get(it.key)))
      else {
        const { prefix, limit, after } = it
        const children = new Set(
          [...model.keys()].filter(key => key.startsWith(prefix)).map(key => key.slice(prefix.length).replace(/\/.*/su, '/')),
        )
        const sorted = [...children].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
        const behind = sorted.filter(name => after === undefined || Buffer.compare(Buffer.from(name), Buffer.from(after)) > 0)
        expect(await view.list(prefix, after === undefined ? { limit } : { limit, after })).toEqual(
          limit > 0 ? behind.slice(0, limit) : behind,
        )
      }
    }
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async steps => {
        const { barrier, root } = await unsealedBarrier({ cacheBytes: 8_000 })
        const view = barrier.view('within/')
        const model = new Map<string, Buffer>()
        for (const it of steps) {
          if (it.do === 'one') await perform(view, model, it.it)
          else if (it.do === 'rotate') await barrier.rotate()
          else if (it.do === 'seal') {
            barrier.seal()
            await barrier.unseal(root)
          } else {
            const before = new Map(model)
            const work = view.transact(async tx => {
              for (const each of it.operations) await perform(tx, model, each)
              const inside = new Map(model)
              const inner = tx.transact(async nested => {
                for (const each of it.nested) await perform(nested, model, each)
                if (it.fails === 'inner') throw new Error('inner')
              })
              await inner.catch((thrown: unknown) => {
                if ((thrown as Error).message !== 'inner') throw thrown
                model.clear()
                for (const [key, value] of inside) model.set(key, value)
              })
              if (it.fails === 'outer') throw new Error('outer')
            })
            await work.catch((thrown: unknown) => {
              if ((thrown as Error).message !== 'outer') throw thrown
              model.clear()
              for (const [key, value] of before) model.set(key, value)
            })
          }
        }
        for (const [key, value] of model) expect(value.equals((await view.get(key)) ?? Buffer.from('none'))).toBe(true)
      }),
      { numRuns: 300 },
    )
  })

  it('lets transactions at the same time look as if one came after the other', async () => {
    // Each appends its name to some accounts' logs in one transaction, with the store answering in any order in time. If a
    // serial order exists, no two logs can disagree about who came first.
    const transactions = fc.array(fc.uniqueArray(fc.nat(3), { minLength: 1, maxLength: 3 }), { minLength: 2, maxLength: 7 })
    await fc.assert(
      fc.asyncProperty(transactions, fc.scheduler(), fc.nat(2), async (all, scheduler, preread) => {
        const inner = openMemory()
        // Commits keep their order, as a store must; reads come back when they like.
        let last: Promise<unknown> = Promise.resolve()
        const storage: Storage = {
          type: 'scheduled',
          get: async key => {
            const found = await inner.get(key)
            await scheduler.schedule(Promise.resolve(), `get ${key}`)
            return found
          },
          list: (prefix, page) => inner.list(prefix, page),
          records: () => inner.records(),
          commit: batch => {
            const done = last.then(() => scheduler.schedule(Promise.resolve(), 'commit')).then(() => inner.commit(batch))
            last = done
            return done
          },
          close: () => inner.close(),
        }
        const opening = unsealedBarrier({ storage })
        const run = async (): Promise<void> => {
          const { barrier } = await opening
          const view = barrier.view('')
          for (let i = 0; i < preread; i++) await view.get(`log/${i}`)
          await Promise.all(
            all.map((logs, name) =>
              view.transact(async tx => {
                for (const log of logs) await tx.put(`log/${log}`, Buffer.from(`${text(await tx.get(`log/${log}`)) ?? ''}${name},`))
              }),
            ),
          )
          const orders = await Promise.all(
            [0, 1, 2, 3].map(async log => (text(await view.get(`log/${log}`)) ?? '').split(',').slice(0, -1).map(Number)),
          )
          for (const [log, order] of orders.entries()) {
            expect(order.toSorted((a, b) => a - b)).toEqual(all.flatMap((logs, name) => (logs.includes(log) ? [name] : [])))
          }
          const before = new Set<string>()
          for (const order of orders) for (const [i, a] of order.entries()) for (const b of order.slice(i + 1)) before.add(`${a}<${b}`)
          for (const pair of before) expect(before.has(pair.split('<').toReversed().join('<'))).toBe(false)
        }
        const running = run()
        await scheduler.waitFor(running)
      }),
      { numRuns: 200 },
    )
  })
})

describe('what lies in the store', () => {
  it.each([
    ['memory', async (): Promise<Storage> => openMemory()],
    ['lmdb', (folder: string): Promise<Storage> => openLmdb({ path: folder })],
  ])('shows none of the values, nor of the keys that it is encrypted with (%s)', async (_, open) => {
    const folder = mkdtempSync(join(tmpdir(), 'lockstep-markers-'))
    const storage = await open(folder)
    // Everything that the generator gave for a key, and everything that was written.
    const planted: Buffer[] = []
    const random: Random = {
      bytes(count) {
        const drawn = randomBytes(count)
        if (count === 32) planted.push(Buffer.from(drawn))
        return drawn
      },
      uuid: () => '',
    }
    const [root, next] = [SecretBytes.from(randomBytes(32)), SecretBytes.from(randomBytes(32))]
    planted.push(Buffer.from(root.reveal()), Buffer.from(next.reveal()))
    const clock = new ManualClock(new Date('2026-11-24T00:00:00Z'))
    const barrier = createBarrier({ storage, random, clock })
    await barrier.open()
    await barrier.initialise(root)
    await barrier.unseal(root)
    const view = barrier.view('logical/')
    const write = async (marker: string): Promise<void> => {
      for (const size of [0, 300, 9_000]) {
        planted.push(Buffer.from(marker))
        await view.put(`record/${size}`, Buffer.from(`${marker}${'.'.repeat(size)}${marker}`))
        await view.transact(async tx => tx.put(`other/${size}`, Buffer.from(marker)))
      }
    }
    await write('MARKER-before-rotation-5f1d')
    await barrier.rotate()
    await write('MARKER-after-rotation-77ac')
    await barrier.rekey(next)
    await view.put('gone', Buffer.from('MARKER-deleted-90be'))
    planted.push(Buffer.from('MARKER-deleted-90be'))
    await view.delete('gone')
    clock.advance(120_000)
    await write('MARKER-with-counts-01ef')
    barrier.seal()
    expect(planted.length).toBeGreaterThan(8)

    const dump: Buffer[] = []
    const walk = async (prefix: string): Promise<void> => {
      for (const name of await storage.list(prefix)) {
        if (name.endsWith('/')) await walk(prefix + name)
        else dump.push(Buffer.from(prefix + name), Buffer.from((await storage.get(prefix + name)) ?? []))
      }
    }
    await walk('')
    await storage.close()
    for (const file of readdirSync(folder)) dump.push(readFileSync(join(folder, file)))
    rmSync(folder, { recursive: true, force: true })
    expect(Buffer.concat(dump).length).toBeGreaterThan(9_500)
    for (const bytes of dump) {
      for (const marker of planted) {
        for (const form of [marker, Buffer.from(marker.toString('hex')), Buffer.from(marker.toString('base64').slice(0, -4))])
          expect(bytes.includes(form)).toBe(false)
      }
    }
  })
})
