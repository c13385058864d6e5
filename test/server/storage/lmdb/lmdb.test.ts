import { spawn, type ChildProcessByStdio } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Readable } from 'node:stream'
import * as fc from 'fast-check'
import { open } from 'lmdb'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ManualClock } from '../../../../src/kernel/index.ts'
import type { Storage } from '../../../../src/server/storage/index.ts'
import { lmdb, openLmdb } from '../../../../src/server/storage/lmdb/index.ts'
import { openEnvironment } from '../../../../src/server/storage/lmdb/environment.ts'
import { inspect } from '../../../../src/server/storage/lmdb/inspect.ts'

let base: string
let path: string
let file: string
const ending: (() => unknown)[] = []

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'lockstep-lmdb-'))
  path = join(base, 'store')
  file = join(path, 'data.mdb')
})
afterEach(async () => {
  for (const end of ending.splice(0).toReversed()) await end()
  rmSync(base, { recursive: true, force: true })
})

async function opened(options: Partial<Parameters<typeof openLmdb>[0]> = {}): Promise<Storage> {
  const storage = await openLmdb({ path, ...options })
  ending.push(() => storage.close())
  return storage
}

/** A store with branch pages, values on pages of their own, long keys and free pages; closed. */
async function populated(): Promise<void> {
  const storage = await openLmdb({ path })
  for (let round = 0; round < 4; round++) {
    await storage.commit({ put: Array.from({ length: 300 }, (_, i) => [`logical/${round}/${i}`, Buffer.alloc(200, i)] as const) })
  }
  await storage.commit({
    put: [
      ['big', Buffer.alloc(50_000, 7)],
      ['k'.repeat(5_000), Buffer.from('long')],
    ],
  })
  await storage.commit({ delete: Array.from({ length: 300 }, (_, i) => `logical/1/${i}`) })
  await storage.commit({ put: [['last', Buffer.from('x')]] })
  await storage.close()
}

interface Child {
  readonly process: ChildProcessByStdio<null, Readable, null>
  /** Until a line satisfies, or the child ends; all lines so far. */
  until(enough: (line: string, lines: readonly string[]) => boolean): Promise<readonly string[]>
  ended(): Promise<void>
}

function child(task: string, shell?: string): Child {
  const script = fileURLToPath(import.meta.resolve('./child.ts'))
  const args = [script, task, path]
  const process =
    shell === undefined
      ? spawn(globalThis.process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] })
      : spawn('/bin/sh', ['-c', `${shell}; exec "$0" "$@"`, globalThis.process.execPath, ...args], { stdio: ['ignore', 'pipe', 'ignore'] })
  ending.push(() => process.kill('SIGKILL'))
  const lines: string[] = []
  let enough: (line: string, lines: readonly string[]) => boolean = () => false
  let wake = (): void => undefined
  const exit = new Promise<void>(resolve => void process.once('close', () => resolve()))
  createInterface({ input: process.stdout }).on('line', line => {
    lines.push(line)
    if (enough(line, lines)) wake()
  })
  return {
    process,
    async until(condition) {
      if (lines.some(line => condition(line, lines))) return lines
      enough = condition
      await Promise.race([new Promise<void>(resolve => void (wake = resolve)), exit])
      return lines
    },
    ended: () => exit,
  }
}

describe('lmdb', () => {
  describe('durability', () => {
    it.each([1, 1_500, 9_000])('has every acknowledged commit whole after SIGKILL behind acknowledgement %i', async count => {
      const committer = child('commit')
      const acknowledged = (lines: readonly string[]): number[] => lines.filter(it => it.startsWith('done ')).map(it => Number(it.slice(5)))
      await committer.until((_, lines) => lines.length > count)
      committer.process.kill('SIGKILL')
      await committer.ended()
      const done = acknowledged(await committer.until(() => true))
      expect(done.length).toBeGreaterThanOrEqual(count)

      const storage = await opened()
      const left = new Set(await storage.list('left/'))
      expect(new Set(await storage.list('right/'))).toEqual(left)
      for (const i of done) {
        const expected = Buffer.alloc(300, i)
        expect(Buffer.compare(expected, (await storage.get(`left/${i}`)) ?? Buffer.alloc(0))).toBe(0)
        expect(Buffer.compare(expected, (await storage.get(`right/${i}`)) ?? Buffer.alloc(0))).toBe(0)
      }
    })

    it('rejects commits and stays whole when files cannot grow any more', async () => {
      // As a full disk does, a limit on the size of files makes writes come out short.
      const filler = child('fill', 'trap "" XFSZ; ulimit -f 6000')
      const lines = await filler.until(line => line.startsWith('freed'))
      await filler.ended()
      const kept = Number(/after (\d+)/.exec(lines.join(' '))?.[1])
      expect(lines).toEqual(['open', `refused failed after ${kept}`, `readable ${kept}`, 'freed true'])
      expect(kept).toBeGreaterThan(4)
      const storage = await opened()
      expect(await storage.list('mark/')).toHaveLength(kept)
      expect(await storage.get('after')).toHaveLength(400_000)
    })
  })

  describe('files', () => {
    it('makes the folder and its parents with mode 0700 and files with 0600', async () => {
      path = join(base, 'a.b', 'store.d')
      await opened()
      for (const folder of [join(base, 'a.b'), path]) expect(statSync(folder).mode & 0o777).toBe(0o700)
      const names = readdirSync(path)
      expect(names).toEqual(expect.arrayContaining(['data.mdb', 'lock.mdb']))
      for (const name of names) expect(statSync(join(path, name)).mode & 0o777).toBe(0o600)
    })

    it('leaves nothing but the data and the lock table when it is closed', async () => {
      await (await openLmdb({ path })).close()
      expect(readdirSync(path).sort()).toEqual(['data.mdb', 'lock.mdb'])
    })

    it('grows as it is needed while others read', async () => {
      const storage = await opened()
      await storage.commit({ put: [['seen', Buffer.from('yes')]] })
      const reading = new AbortController()
      const reader = (async (): Promise<number> => {
        let reads = 0
        while (!reading.signal.aborted) {
          expect(Buffer.from((await storage.get('seen')) ?? []).toString()).toBe('yes')
          await storage.list('')
          reads++
          await new Promise(resolve => void setImmediate(resolve))
        }
        return reads
      })()
      for (let i = 0; i < 60; i++) await storage.commit({ put: [[`grow/${i}`, Buffer.alloc(1024 * 1024, i)]] })
      reading.abort()
      expect(await reader).toBeGreaterThan(0)
      expect(statSync(file).size).toBeGreaterThan(60 * 1024 * 1024)
      for (let i = 0; i < 60; i++) expect((await storage.get(`grow/${i}`))?.[1024 * 1024 - 1]).toBe(i)
    })

    it('uses the room of what was deleted again', async () => {
      const storage = await opened()
      for (let round = 0; round < 30; round++) {
        await storage.commit({ put: [['same', Buffer.alloc(1024 * 1024, round)]] })
      }
      expect(statSync(file).size).toBeLessThan(6 * 1024 * 1024)
    })
  })

  it('finishes a listing that is under way when it is closed', async () => {
    const storage = await openLmdb({ path })
    await storage.commit({ put: Array.from({ length: 20_000 }, (_, i) => [`many/${i}`, Buffer.from('x')] as const) })
    const listings = [storage.list('many/'), storage.list('many/')]
    // Into the middle of the listings.
    await new Promise(resolve => void setImmediate(resolve))
    await storage.close()
    for (const names of await Promise.all(listings)) expect(names).toHaveLength(20_000)
  })

  it('lists one state, whatever is committed meanwhile', async () => {
    const storage = await opened()
    const names = Array.from({ length: 10_000 }, (_, i) => `many/${String(i).padStart(5, '0')}`)
    await storage.commit({ put: names.map(it => [it, Buffer.from('x')] as const) })
    const listing = storage.list('many/')
    await storage.commit({ delete: names, put: [['many/new', Buffer.from('x')]] })
    expect(await listing).toHaveLength(10_000)
    expect(await storage.list('many/')).toEqual(['new'])
  })

  describe('one writer', () => {
    it('refuses a store that another process has open, and says which', async () => {
      const holder = child('hold')
      await holder.until(line => line === 'open')
      await expect(openLmdb({ path })).rejects.toMatchObject({
        code: 'inUse',
        message: expect.stringContaining(`process ${holder.process.pid}`),
      })
    })

    it('takes over what a killed process had open', async () => {
      const holder = child('hold')
      await holder.until(line => line === 'open')
      holder.process.kill('SIGKILL')
      await holder.ended()
      const storage = await opened()
      expect(await storage.commit({ put: [['a', Buffer.from('1')]] })).toBe(true)
      expect(readdirSync(path).filter(it => it.startsWith('writer.'))).toHaveLength(1)
    })

    it('refuses a store that this process has open', async () => {
      await opened()
      await expect(openLmdb({ path })).rejects.toMatchObject({ code: 'inUse' })
    })

    it('lets the same process open it again after closing', async () => {
      await (await openLmdb({ path })).close()
      await opened()
    })

    it('is not stopped by the claim of a process whose number another one has now', async () => {
      const storage = await opened()
      const [name] = readdirSync(path).filter(it => it.startsWith('writer.'))
      const claim = JSON.parse(readFileSync(join(path, name ?? ''), 'utf8')) as { started: number }
      await storage.close()
      writeFileSync(join(path, 'writer.old'), JSON.stringify({ ...claim, started: claim.started - 1 }))
      await opened()
      expect(existsSync(join(path, 'writer.old'))).toBe(false)
    })

    it.each([
      ['from before the machine was started again', { boot: 'other' }],
      ['that is none', undefined],
    ])('clears away a claim %s', async (_, change) => {
      mkdirSync(path)
      writeFileSync(
        join(path, 'writer.old'),
        change === undefined ? 'rubbish' : JSON.stringify({ pid: 1, started: 1, namespace: 'pid:[1]', host: hostname(), ...change }),
      )
      await opened()
      expect(existsSync(join(path, 'writer.old'))).toBe(false)
    })

    it.each([
      ['host', { host: 'elsewhere' }],
      ['container', { namespace: 'pid:[1]' }],
    ])('honours the claim of another %s until it has not been renewed for half a minute', async (_, change) => {
      const storage = await opened()
      const [name] = readdirSync(path).filter(it => it.startsWith('writer.'))
      const claim = JSON.parse(readFileSync(join(path, name ?? ''), 'utf8')) as object
      await storage.close()
      const other = join(path, 'writer.other')
      writeFileSync(other, JSON.stringify({ ...claim, ...change }))
      await expect(openLmdb({ path })).rejects.toMatchObject({ code: 'inUse' })
      const now = statSync(other).mtimeMs / 1000
      utimesSync(other, now - 25, now - 25)
      await expect(openLmdb({ path })).rejects.toMatchObject({ code: 'inUse' })
      utimesSync(other, now - 31, now - 31)
      await opened()
      expect(existsSync(other)).toBe(false)
    })

    it('renews its own claim', async () => {
      const clock = new ManualClock(new Date('2026-11-24T00:00:00Z'))
      await opened({ clock })
      const [name] = readdirSync(path).filter(it => it.startsWith('writer.'))
      const own = join(path, name ?? '')
      const before = statSync(own).mtimeMs
      for (let i = 0; i < 3; i++) {
        utimesSync(own, 0, 0)
        clock.advance(5_000)
        expect(statSync(own).mtimeMs).toBeGreaterThanOrEqual(before)
      }
    })

    it('does not write any more once another process has taken the store over', async () => {
      const storage = await openLmdb({ path })
      await storage.commit({ put: [['a', Buffer.from('1')]] })
      const other = openEnvironment(path, undefined)
      await other.meta.put(Buffer.from('writer'), Buffer.from('somebody else'))
      await expect(storage.commit({ put: [['a', Buffer.from('2')]] })).rejects.toMatchObject({ code: 'takenOver' })
      await expect(storage.commit({ put: [['a', Buffer.from('3')]] })).rejects.toMatchObject({ code: 'takenOver' })
      expect(other.records.getBinary(Buffer.from('a'))?.toString()).toBe('1')
      await other.root.close()
      await storage.close()
    })
  })

  describe('what is not an intact store', () => {
    const refusal = async (): Promise<string> => {
      const before = readFileSync(file)
      const names = readdirSync(path).sort()
      const code = await openLmdb({ path }).then(
        async storage => {
          await storage.close()
          return 'opened'
        },
        (error: unknown) => (error as { code: string }).code,
      )
      if (code !== 'opened') {
        expect(readFileSync(file).equals(before)).toBe(true)
        expect(readdirSync(path).sort()).toEqual(names)
      }
      return code
    }

    it('refuses a file of something else', async () => {
      mkdirSync(path)
      writeFileSync(file, 'this is not a database\n'.repeat(1_000))
      expect(await refusal()).toBe('foreign')
    })

    it('refuses another version of the data format', async () => {
      await populated()
      const bytes = readFileSync(file)
      bytes.writeUInt32LE(1, 28)
      writeFileSync(file, bytes)
      expect(await refusal()).toBe('foreign')
    })

    it('refuses an LMDB store of another program', async () => {
      mkdirSync(path)
      const root = open({ path })
      await root.openDB('invoices', {}).put('a', 1)
      await root.close()
      expect(await refusal()).toBe('foreign')
    })

    it('refuses a store of a format to come', async () => {
      await populated()
      const { root, meta } = openEnvironment(path, undefined)
      await meta.put(Buffer.from('format'), Buffer.from('lockstep 9'))
      await root.close()
      expect(await refusal()).toBe('foreign')
    })

    it('refuses a file that is cut off anywhere', async () => {
      await populated()
      const whole = join(base, 'whole')
      copyFileSync(file, whole)
      const { size } = statSync(whole)
      const outcomes = new Set<string>()
      for (const length of [
        1,
        100,
        4_095,
        4_096,
        4_097,
        8_191,
        8_192,
        ...Array.from({ length: 24 }, (_, i) => Math.floor((size * (i + 1)) / 25)),
      ]) {
        copyFileSync(whole, file)
        truncateSync(file, length)
        outcomes.add(await refusal())
      }
      expect([...outcomes].sort()).toEqual(['corrupt', 'foreign'])
    })

    it('begins anew in an empty file, as a start leaves it that was cut short', async () => {
      mkdirSync(path)
      writeFileSync(file, '')
      const storage = await opened()
      expect(await storage.list('')).toEqual([])
    })

    it('refuses damage to any page that it needs, and never falls over', async () => {
      await populated()
      const whole = readFileSync(file)
      const pages = whole.length / 4_096
      let refused = 0
      await fc.assert(
        fc.asyncProperty(
          fc.nat(pages - 1),
          fc.constantFrom('noise', 'zeros', 'another page', 'head'),
          fc.infiniteStream(fc.nat(255)),
          async (page, how, noise) => {
            const damaged = Buffer.from(whole)
            const part = damaged.subarray(page * 4_096, (page + 1) * 4_096)
            if (how === 'zeros') part.fill(0)
            else if (how === 'another page') whole.copy(part, 0, ((page + 3) % pages) * 4_096, ((page + 3) % pages) * 4_096 + 4_096)
            else for (let i = 0; i < (how === 'head' ? 32 : part.length); i++) part[i] = noise.next().value as number
            writeFileSync(file, damaged)
            const code = await openLmdb({ path }).then(
              async storage => {
                // Then the page was free, or inside of a value: everything can be read.
                for (const name of await storage.list('logical/')) await storage.list(`logical/${name}`)
                expect(await storage.get('big')).toHaveLength(50_000)
                expect(
                  await storage.commit({ put: Array.from({ length: 50 }, (_, i) => [`new/${i}`, Buffer.alloc(3_000)] as const) }),
                ).toBe(true)
                await storage.close()
                return 'opened'
              },
              (error: unknown) => (error as { code: string }).code,
            )
            expect(['opened', 'corrupt', 'foreign']).toContain(code)
            if (code !== 'opened') refused++
          },
        ),
        { numRuns: 250 },
      )
      expect(refused).toBeGreaterThan(100)
    })

    /** The file with one page changed, of those that are of a kind. */
    const damagedPages = (flag: number, change: (page: Buffer) => void): readonly Buffer[] => {
      const whole = readFileSync(file)
      const damaged: Buffer[] = []
      for (let at = 2 * 4_096; at < whole.length; at += 4_096) {
        if (whole.readUInt16LE(at + 18) !== flag) continue
        const copy = Buffer.from(whole)
        change(copy.subarray(at, at + 4_096))
        damaged.push(copy)
      }
      return damaged
    }
    const complaints = (files: readonly Buffer[]): readonly string[] =>
      files.flatMap(bytes => {
        writeFileSync(file, bytes)
        try {
          inspect(file)
          return []
        } catch (error) {
          return [(error as Error).message]
        }
      })

    it('refuses a page that is newer than the store says it is', async () => {
      await populated()
      const messages = complaints(damagedPages(2, page => page.writeBigUInt64LE(1_000_000n, 8)))
      expect(messages.length).toBeGreaterThan(10)
      for (const message of messages) expect(message).toContain('from a later time')
    })

    it('refuses a tree that leads to one page twice', async () => {
      await populated()
      const messages = complaints(
        damagedPages(1, page => {
          const [first, second] = [24 + page.readUInt16LE(24), 24 + page.readUInt16LE(26)]
          page.copy(page, second, first, first + 6)
        }),
      )
      expect(messages.length).toBeGreaterThan(0)
      for (const message of messages) expect(message).toContain('in two places')
    })

    it('knows how many records there are', async () => {
      await populated()
      expect(inspect(file)?.tables).toEqual(
        new Map([
          ['meta', 2],
          ['names', 1],
          ['records', 903],
        ]),
      )
    })
  })

  describe('what the folder cannot be', () => {
    it('says that a file is in the way', async () => {
      writeFileSync(path, '')
      await expect(openLmdb({ path })).rejects.toMatchObject({ code: 'option', message: expect.stringContaining('is a file') })
      await expect(openLmdb({ path: join(path, 'below') })).rejects.toMatchObject({
        code: 'option',
        message: expect.stringContaining('below a file'),
      })
    })

    it('says that it may not be written to', async () => {
      // Nobody, not even root, makes folders there.
      await expect(openLmdb({ path: '/sys/kernel/lockstep' })).rejects.toMatchObject({ code: 'readOnly' })
    })
  })

  describe('options', () => {
    it('opens by the words of a storage block', async () => {
      const storage = await lmdb.open({ path, map_size: '16777216' })
      ending.push(() => storage.close())
      expect(await storage.commit({ put: [['a', Buffer.from('1')]] })).toBe(true)
    })

    it.each([
      [{}, '"path" is missing'],
      [{ path: '' }, '"path" is missing'],
      [{ path: 'x', pth: 'y' }, 'unknown option "pth"'],
      [{ path: 'x', map_size: '1GB' }, '"map_size" is not a number'],
    ])('refuses %o', async (options, message) => {
      await expect(lmdb.open(options as Record<string, string>)).rejects.toMatchObject({
        code: 'option',
        message: expect.stringContaining(message),
      })
    })
  })
})
