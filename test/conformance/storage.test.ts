import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { longestKey, type Batch, type Page, type Storage } from '../../src/server/storage/index.ts'
import { openLmdb } from '../../src/server/storage/lmdb/index.ts'
import { openMemory } from '../../src/server/storage/memory/index.ts'

/** Every store, and how to open the one in a folder again. */
const implementations: readonly {
  readonly name: string
  readonly durable: boolean
  readonly open: (folder: string) => Promise<Storage>
}[] = [
  { name: 'memory', durable: false, open: async () => openMemory() },
  { name: 'lmdb', durable: true, open: path => openLmdb({ path }) },
]

const bytes = (text: string): Buffer => Buffer.from(text)
const shown = (value: Uint8Array | undefined): string | undefined => value && Buffer.from(value).toString('latin1')

/** What the contract says, in the plainest way. */
class Model {
  readonly records = new Map<string, Buffer>()

  commit({ expect: expected = [], put = [], delete: deletes = [] }: Batch): boolean {
    if (!expected.every(([key, value]) => shown(this.records.get(key)) === shown(value))) return false
    for (const key of deletes) this.records.delete(key)
    for (const [key, value] of put) this.records.set(key, Buffer.from(value))
    return true
  }

  list(prefix: string, { after, limit = 0 }: Page = {}): readonly string[] {
    const below = [...this.records.keys()].filter(key => key.startsWith(prefix)).map(key => key.slice(prefix.length))
    const children = new Set(below.map(key => (key.includes('/') ? key.slice(0, key.indexOf('/') + 1) : key)))
    const inOrder = [...children].sort((a, b) => Buffer.compare(bytes(a), bytes(b)))
    const behind = after === undefined ? inOrder : inOrder.filter(it => Buffer.compare(bytes(it), bytes(after)) > 0)
    return limit > 0 ? behind.slice(0, limit) : behind
  }
}

const segment = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom('a', 'b', 'a-', 'a0', 'a.b', '', ' ', 'é', '\uFFFD', '😀', 'ﬀ', '\u0000', '\u0001x') },
  // Around and far beyond what LMDB takes as a key, so that many share a head.
  {
    weight: 2,
    arbitrary: fc.constantFrom('x'.repeat(1_899), 'x'.repeat(1_900), 'x'.repeat(1_901), `${'é'.repeat(950)}z`, 'y'.repeat(4_000)),
  },
)
const key = fc
  .tuple(
    fc.array(segment, { maxLength: 3 }),
    segment.filter(it => it !== ''),
  )
  .map(([folders, name]) => [...folders, name].join('/'))
const prefix = fc.array(segment, { maxLength: 3 }).map(folders => folders.map(it => `${it}/`).join(''))
const value = fc.oneof(
  { weight: 8, arbitrary: fc.uint8Array({ maxLength: 40 }).map(it => Buffer.from(it)) },
  { weight: 1, arbitrary: fc.constantFrom(4_000, 70_000).map(size => Buffer.alloc(size, size & 0xff)) },
)

type Step =
  | {
      readonly do: 'commit'
      readonly put: [string, Buffer][]
      readonly delete: string[]
      readonly expect: [string, 'as it is' | Buffer | undefined][]
    }
  | { readonly do: 'crowd'; readonly batches: { readonly put: [string, Buffer][]; readonly expect: [string, undefined][] }[] }
  | { readonly do: 'get'; readonly key: string }
  | { readonly do: 'list'; readonly prefix: string; readonly page: Page }
  | { readonly do: 'reopen' }

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('commit' as const),
      put: fc.array(fc.tuple(key, value), { maxLength: 4 }),
      delete: fc.array(key, { maxLength: 3 }),
      expect: fc.array(
        fc.tuple(
          key,
          fc.oneof(
            { weight: 4, arbitrary: fc.constant('as it is' as const) },
            { weight: 1, arbitrary: value },
            { weight: 1, arbitrary: fc.constant(undefined) },
          ),
        ),
        { maxLength: 3 },
      ),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('crowd' as const),
      batches: fc.array(
        fc.record({
          put: fc.array(fc.tuple(key, value), { maxLength: 3 }),
          expect: fc.array(fc.tuple(key, fc.constant(undefined)), { maxLength: 2 }),
        }),
        { maxLength: 6 },
      ),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('get' as const), key }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('list' as const),
      prefix,
      page: fc.record(
        {
          after: fc.oneof(
            segment,
            segment.map(it => `${it}/`),
            key,
          ),
          limit: fc.integer({ min: -1, max: 4 }),
        },
        { requiredKeys: [] },
      ),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('reopen' as const) }) },
)

describe.each(implementations)('storage $name', ({ durable, open }) => {
  const opened: (() => Promise<void>)[] = []
  const start = async (): Promise<{ storage: Storage }> => {
    const folder = mkdtempSync(join(tmpdir(), 'lockstep-storage-'))
    const storage = await open(folder)
    opened.push(async () => {
      await storage.close()
      rmSync(folder, { recursive: true, force: true })
    })
    return { storage }
  }
  afterEach(async () => {
    for (const end of opened.splice(0)) await end()
  })

  it('does what a map would do, whatever the sequence', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async steps => {
        const folder = mkdtempSync(join(tmpdir(), 'lockstep-storage-'))
        let storage = await open(folder)
        const model = new Model()
        try {
          for (const it of steps) {
            if (it.do === 'get') expect(shown(await storage.get(it.key))).toBe(shown(model.records.get(it.key)))
            else if (it.do === 'list') expect(await storage.list(it.prefix, it.page)).toEqual(model.list(it.prefix, it.page))
            else if (it.do === 'commit') {
              const expected = it.expect.map(([key, value]) => [key, value === 'as it is' ? model.records.get(key) : value] as const)
              const batch: Batch = { put: it.put, delete: it.delete, expect: expected }
              expect(await storage.commit(batch)).toBe(model.commit(batch))
            } else if (it.do === 'crowd') {
              const answers = await Promise.all(it.batches.map(batch => storage.commit(batch)))
              expect(answers).toEqual(it.batches.map(batch => model.commit(batch)))
            } else if (durable) {
              await storage.close()
              storage = await open(folder)
            }
          }
          for (const [key, value] of model.records) expect(shown(await storage.get(key))).toBe(shown(value))
          expect(await storage.list('')).toEqual(model.list(''))
        } finally {
          await storage.close()
          rmSync(folder, { recursive: true, force: true })
        }
      }),
      { numRuns: durable ? 120 : 400 },
    )
  })

  it('gives nothing for a key that was never put', async () => {
    const { storage } = await start()
    expect(await storage.get('a')).toBeUndefined()
    expect(await storage.list('')).toEqual([])
  })

  it('tells a record from a folder of the same name', async () => {
    const { storage } = await start()
    await storage.commit({
      put: [
        ['a', bytes('1')],
        ['a/b', bytes('2')],
        ['a-b', bytes('3')],
        ['a0', bytes('4')],
      ],
    })
    expect(await storage.list('')).toEqual(['a', 'a-b', 'a/', 'a0'])
  })

  it('orders names as their UTF-8 bytes are ordered', async () => {
    const { storage } = await start()
    const names = ['Z', 'a', 'é', '\uFFFD', '😀']
    await storage.commit({ put: names.toReversed().map(it => [it, bytes('x')] as const) })
    expect(await storage.list('')).toEqual(names)
  })

  it('pages through a listing without a gap or a repetition', async () => {
    const { storage } = await start()
    const keys = Array.from({ length: 250 }, (_, i) => (i % 3 === 0 ? `in/${i}/deep/er` : `in/${i}`))
    await storage.commit({ put: keys.map(it => [it, bytes('x')] as const) })
    const seen: string[] = []
    for (;;) {
      const last = seen.at(-1)
      const page = await storage.list('in/', last === undefined ? { limit: 7 } : { limit: 7, after: last })
      if (page.length === 0) break
      seen.push(...page)
    }
    expect(seen).toEqual(await storage.list('in/'))
    expect(seen).toHaveLength(250)
  })

  it('does not show a folder whose last record is gone', async () => {
    const { storage } = await start()
    await storage.commit({ put: [['a/b/c', bytes('1')]] })
    await storage.commit({ delete: ['a/b/c'] })
    expect(await storage.list('')).toEqual([])
    expect(await storage.list('a/')).toEqual([])
  })

  it('accepts the deletion of what is not there', async () => {
    const { storage } = await start()
    expect(await storage.commit({ delete: ['nothing'] })).toBe(true)
  })

  it('changes nothing when one expectation does not hold', async () => {
    const { storage } = await start()
    await storage.commit({ put: [['a', bytes('1')]] })
    const refused = {
      expect: [
        ['a', bytes('1')],
        ['b', bytes('1')],
      ] as const,
      put: [
        ['a', bytes('2')],
        ['c', bytes('2')],
      ] as const,
      delete: ['a'],
    }
    expect(await storage.commit(refused)).toBe(false)
    expect(shown(await storage.get('a'))).toBe('1')
    expect(await storage.get('c')).toBeUndefined()
  })

  it('tells an empty value from none', async () => {
    const { storage } = await start()
    await storage.commit({ put: [['a', Buffer.alloc(0)]] })
    expect(await storage.get('a')).toHaveLength(0)
    expect(await storage.commit({ expect: [['a', undefined]] })).toBe(false)
    expect(await storage.commit({ expect: [['a', Buffer.alloc(0)]] })).toBe(true)
    expect(await storage.commit({ expect: [['b', Buffer.alloc(0)]] })).toBe(false)
  })

  it('lets commits take effect and resolve in the order of the calls', async () => {
    const { storage } = await start()
    const order: number[] = []
    const commits = Array.from({ length: 100 }, async (_, i) => {
      const expected = i === 0 ? undefined : bytes(String(i - 1))
      expect(await storage.commit({ expect: [['n', expected]], put: [['n', bytes(String(i))]] })).toBe(true)
      order.push(i)
    })
    await Promise.all(commits)
    expect(order).toEqual(Array.from({ length: 100 }, (_, i) => i))
  })

  it('lets exactly one of many that expect the same win', async () => {
    const { storage } = await start()
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) => storage.commit({ expect: [['n', undefined]], put: [['n', bytes(String(i))]] })),
    )
    expect(answers.filter(it => it)).toHaveLength(1)
    expect(shown(await storage.get('n'))).toBe('0')
  })

  it('keeps a value of 32 MiB, and expects it', async () => {
    const { storage } = await start()
    const big = Buffer.alloc(32 * 1024 * 1024 + 33, 'lockstep')
    await storage.commit({
      put: [
        ['big', big],
        ['small', bytes('s')],
      ],
    })
    const kept = await storage.get('big')
    expect(kept).toHaveLength(big.length)
    expect(big.equals(kept ?? Buffer.alloc(0))).toBe(true)
    expect(await storage.commit({ expect: [['big', big]], put: [['small', bytes('t')]] })).toBe(true)
    big[big.length - 1] = 0
    expect(await storage.commit({ expect: [['big', big]], put: [['small', bytes('u')]] })).toBe(false)
    expect(shown(await storage.get('small'))).toBe('t')
  })

  it('takes keys up to the longest, in their order', async () => {
    const { storage } = await start()
    const long = 'k'.repeat(8 * 1024)
    const keys = [`${long}/b`, `${long}/a/x`, `${long}/a/y`, `${long}!`, long, 'k'.repeat(longestKey)]
    await storage.commit({ put: keys.map(it => [it, bytes(String(it.length))] as const) })
    for (const key of keys) expect(shown(await storage.get(key))).toBe(String(key.length))
    expect(await storage.list(`${long}/`)).toEqual(['a/', 'b'])
    expect(await storage.list(`${long}/a/`)).toEqual(['x', 'y'])
    expect(await storage.list('')).toEqual([long, `${long}!`, `${long}/`, 'k'.repeat(longestKey)])
    expect(await storage.list('', { after: long, limit: 2 })).toEqual([`${long}!`, `${long}/`])
    await storage.commit({ delete: [`${long}/a/x`, `${long}/a/y`] })
    expect(await storage.list(`${long}/`)).toEqual(['b'])
  })

  it.each([
    ['an empty key', ''],
    ['a key with an empty end', 'a/'],
    ['a lone surrogate', 'a\ud800'],
    ['a key that is too long', 'k'.repeat(longestKey + 1)],
    ['one that is too long in UTF-8 only', 'é'.repeat(longestKey / 2 + 1)],
  ])('refuses %s', async (_, key) => {
    const { storage } = await start()
    await expect(storage.get(key)).rejects.toMatchObject({ code: 'key' })
    await expect(
      storage.commit({
        put: [
          ['fine', bytes('1')],
          [key, bytes('1')],
        ],
      }),
    ).rejects.toMatchObject({ code: 'key' })
    await expect(storage.commit({ delete: [key] })).rejects.toMatchObject({ code: 'key' })
    await expect(storage.commit({ expect: [[key, undefined]] })).rejects.toMatchObject({ code: 'key' })
    expect(await storage.get('fine')).toBeUndefined()
  })

  it('refuses to list what is no folder', async () => {
    const { storage } = await start()
    await expect(storage.list('a')).rejects.toMatchObject({ code: 'key' })
  })

  it('shows every record as it was, whatever is committed meanwhile', async () => {
    const { storage } = await start()
    const long = `${'x'.repeat(2_000)}/y`
    const put = [...Array.from({ length: 300 }, (_, n) => [`a/${n}`, bytes(String(n))] as const), [long, bytes('long')] as const]
    await storage.commit({ put })
    const seen: string[] = []
    for await (const [key, value] of storage.records()) {
      seen.push(`${key} ${shown(value) ?? ''}`)
      if (seen.length === 1) await storage.commit({ put: [['late', bytes('x')]], delete: put.map(([it]) => it) })
    }
    expect(seen.toSorted()).toEqual(put.map(([it, value]) => `${it} ${shown(value) ?? ''}`).toSorted())
    for await (const [key] of storage.records()) expect(key).toBe('late')
  })

  it('is cleared and filled by one commit', async () => {
    const { storage } = await start()
    const long = `${'x'.repeat(2_000)}/y`
    await storage.commit({
      put: [
        ['a/b', bytes('1')],
        ['c', bytes('2')],
        [long, bytes('3')],
      ],
    })
    expect(await storage.commit({ clear: true, expect: [['c', bytes('no')]], put: [['d', bytes('4')]] })).toBe(false)
    expect(await storage.list('')).toHaveLength(3)
    expect(await storage.commit({ clear: true, put: [['c', bytes('5')]] })).toBe(true)
    expect(await storage.list('')).toEqual(['c'])
    expect(shown(await storage.get('c'))).toBe('5')
  })

  it('keeps its own copy of what it is given', async () => {
    const { storage } = await start()
    const value = bytes('before')
    await storage.commit({ put: [['a', value]] })
    value.fill(0)
    expect(shown(await storage.get('a'))).toBe('before')
  })

  it('lists a folder without reading what lies in the folders in it', async () => {
    const { storage } = await start()
    // A hundred thousand records in ten folders: a walk over all of them for each of 2,000 listings would not end in time.
    for (let folder = 0; folder < 10; folder++) {
      const put = Array.from({ length: 10_000 }, (_, i) => [`top/${folder}/${i}/x`, bytes('x')] as const)
      await storage.commit({ put })
    }
    for (let i = 0; i < 2_000; i++) expect(await storage.list('top/')).toHaveLength(10)
  })

  it('refuses everything once it is closed', async () => {
    const { storage } = await start()
    const last = storage.commit({ put: [['a', bytes('1')]] })
    const closing = storage.close()
    await expect(storage.get('a')).rejects.toMatchObject({ code: 'closed' })
    await expect(storage.list('')).rejects.toMatchObject({ code: 'closed' })
    await expect(storage.commit({})).rejects.toMatchObject({ code: 'closed' })
    expect(await last).toBe(true)
    await closing
    await storage.close()
  })
})

describe.each(implementations.filter(it => it.durable))('durable storage $name', ({ open }) => {
  it('finds everything again when it is opened again', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lockstep-storage-'))
    const long = `${'é/'.repeat(2_000)}x`
    const storage = await open(folder)
    await storage.commit({
      put: [
        ['a/b', bytes('1')],
        [long, bytes('2')],
      ],
    })
    await storage.close()
    const again = await open(folder)
    expect(shown(await again.get('a/b'))).toBe('1')
    expect(shown(await again.get(long))).toBe('2')
    await again.close()
    rmSync(folder, { recursive: true, force: true })
  })
})
