import { randomBytes } from 'node:crypto'
import { copyFileSync, cpSync, mkdirSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { ask, demand, initialise, Installation, pick, unseal, type Keys, type Process } from './harness/installation.ts'

const SECRET = { user: 'ada', password: 'correct horse battery staple' }

async function readSecret(at: Process, token: string): Promise<unknown> {
  return pick(await demand(at, 'GET', 'kv/data/app', { token }), 'data', 'data')
}

describe('a store that was in use', () => {
  const installation = new Installation()
  const file = join(installation.store, 'data.mdb')
  const backup = join(installation.home, 'backup')
  let keys: Keys
  let whole: Buffer

  beforeAll(async () => {
    const server = await installation.start()
    keys = await initialise(server)
    await unseal(server, keys.shares.slice(0, 3))
    const { root: token } = keys
    await demand(server, 'POST', 'sys/mounts/kv', { token, body: { type: 'kv', options: { version: '2' } } })
    await demand(server, 'POST', 'kv/data/app', { token, body: { data: SECRET } })
    for (let i = 0; i < 300; i++) await demand(server, 'POST', `kv/data/many/${i}`, { token, body: { data: { i, text: 'x'.repeat(200) } } })
    await server.stop()
    cpSync(installation.store, backup, { recursive: true })
    whole = readFileSync(file)
  })
  afterEach(() => installation.end())
  afterAll(() => installation.remove())

  /** Puts the store back as it was, and shows that it is: everything is there after a start. */
  async function worksAfterRestoring(): Promise<void> {
    rmSync(installation.store, { recursive: true, force: true })
    cpSync(backup, installation.store, { recursive: true })
    const server = await installation.start()
    await unseal(server, keys.shares.slice(2))
    expect(await readSecret(server, keys.root)).toEqual(SECRET)
    await server.stop()
  }

  /** A start on the store as it lies: refused with exit code 1 and the reason, and not a byte is changed by it. */
  async function refusesTheStore(reason: string | RegExp): Promise<void> {
    const before = installation.hashes()
    const { code, stdout, stderr } = await installation.refusedStart()
    expect(stderr).toMatch(reason)
    expect(stderr).toContain(installation.store)
    expect(stderr, 'no stack of a program that fell over').not.toMatch(/\n\s+at .*:\d+:\d+/)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(installation.hashes()).toEqual(before)
  }

  it('is sealed after a restart, answers nothing, and opens by any three shares', async () => {
    const server = await installation.start()
    expect(await ask(server, 'GET', 'kv/data/app', { token: keys.root })).toMatchObject({ status: 503 })
    await unseal(server, [keys.shares[4], keys.shares[0], keys.shares[2]] as string[])
    expect(await readSecret(server, keys.root)).toEqual(SECRET)
    await server.stop()
  })

  it('stays sealed and as it is when a share is wrong, says so, and opens by the right ones afterwards', async () => {
    const server = await installation.start()
    const before = installation.hashes()
    const off = `${keys.shares[2]?.slice(0, 10)}${keys.shares[2]?.[10] === '0' ? '1' : '0'}${keys.shares[2]?.slice(11)}`
    const noise = [0, 1, 2].map(() => randomBytes(33).toString('hex'))
    for (const shares of [[keys.shares[0], keys.shares[1], off], noise, [keys.shares[0], keys.shares[1], noise[0]]]) {
      const answers = []
      for (const key of shares) answers.push(await ask(server, 'PUT', 'sys/unseal', { body: { key } }))
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 400])
      expect(JSON.parse(answers[2]?.text ?? '')).toEqual({
        errors: [expect.stringContaining('cipher: message authentication failed')],
      })
      expect(JSON.parse((await ask(server, 'GET', 'sys/seal-status')).text)).toMatchObject({ sealed: true, progress: 0 })
      expect(await ask(server, 'GET', 'kv/data/app', { token: keys.root })).toMatchObject({ status: 503 })
      expect(installation.hashes()).toEqual(before)
    }
    await unseal(server, keys.shares.slice(1, 4))
    expect(await readSecret(server, keys.root)).toEqual(SECRET)
    await server.stop()
  })

  it('is refused when its file is cut off at the end, unless all that went was free', async () => {
    truncateSync(file, Math.floor(whole.length * 0.99))
    const outcome = await installation.attemptedStart()
    if ('code' in outcome) {
      expect(outcome.stderr).toContain('is cut off')
      expect(outcome.code).toBe(1)
    } else {
      await unseal(outcome, keys.shares.slice(0, 3))
      expect(await readSecret(outcome, keys.root)).toEqual(SECRET)
      for (let i = 0; i < 300; i += 7)
        expect(pick(await demand(outcome, 'GET', `kv/data/many/${i}`, { token: keys.root }), 'data', 'data', 'i')).toBe(i)
      await outcome.stop()
    }
    await worksAfterRestoring()
  })

  it.each([0.6, 0.2])('is refused when its file is cut off at %f of its length', async share => {
    truncateSync(file, Math.floor(whole.length * share))
    await refusesTheStore('is cut off')
    await worksAfterRestoring()
  })

  it('is refused when its file is cut off in its first page', async () => {
    truncateSync(file, 100)
    await refusesTheStore('is cut off in its head')
    await worksAfterRestoring()
  })

  it('is refused when pages of its file are overwritten, and names the file and a page', async () => {
    const damaged = Buffer.from(whole)
    for (let page = 2 * 4096; page < damaged.length; page += 4096) randomBytes(64).copy(damaged, page)
    writeFileSync(file, damaged)
    await refusesTheStore(/data\.mdb has .* \(page \d+\): restore it from a backup; it was not changed/)
    await worksAfterRestoring()
  })

  it('is refused when the heads of its file are overwritten', async () => {
    const damaged = Buffer.from(whole)
    randomBytes(96).copy(damaged, 24 + 24)
    randomBytes(96).copy(damaged, 4096 + 24 + 24)
    writeFileSync(file, damaged)
    await refusesTheStore('restore it from a backup; it was not changed')
    await worksAfterRestoring()
  })

  /** Flips a bit in every record that the file holds for a key of the store. Inner pages have the key too, but no record behind it. */
  function flipBitOf(key: string): void {
    const damaged = readFileSync(file)
    let flipped = 0
    for (let at = damaged.indexOf(key); at >= 0; at = damaged.indexOf(key, at + 1)) {
      const record = at + Buffer.byteLength(key)
      if (damaged.readUInt32BE(record) > 1 || damaged.readUInt8(record + 4) !== 2) continue
      damaged.writeUInt8(damaged.readUInt8(record + 25) ^ 4, record + 25)
      flipped++
    }
    expect(flipped).toBeGreaterThan(0)
    writeFileSync(file, damaged)
  }

  it('does not open when its key ring is damaged, and is not changed by the attempt', async () => {
    flipBitOf('core/keyring')
    const server = await installation.start()
    const before = installation.hashes()
    const answers = []
    for (const key of keys.shares.slice(0, 3)) answers.push(await ask(server, 'PUT', 'sys/unseal', { body: { key } }))
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 400])
    expect(JSON.parse((await ask(server, 'GET', 'sys/seal-status')).text)).toMatchObject({ sealed: true })
    expect(installation.hashes()).toEqual(before)
    await server.stop()
    await worksAfterRestoring()
  })

  it('refuses to read a secret that is damaged, never gives anything else for it, and serves the others', async () => {
    flipBitOf('/keys/app')
    const server = await installation.start()
    await unseal(server, keys.shares.slice(0, 3))
    const answer = await ask(server, 'GET', 'kv/data/app', { token: keys.root })
    expect({ status: answer.status, text: answer.text }).toEqual({ status: 500, text: '{"errors":["internal error"]}\n' })
    expect(pick(await demand(server, 'GET', 'kv/data/many/7', { token: keys.root }), 'data', 'data', 'i')).toBe(7)
    await server.stop()
    await worksAfterRestoring()
  })

  it.each([
    ['a text', (): Buffer => Buffer.from('these are my notes\n'.repeat(1_000))],
    ['a database of another kind', (): Buffer => Buffer.concat([Buffer.from('SQLite format 3\0'), Buffer.alloc(16_384)])],
    ['noise', (): Buffer => randomBytes(65_536)],
  ])('leaves alone a file that is no store: %s', async (_, make) => {
    writeFileSync(file, make())
    await refusesTheStore('is not a store of this kind')
    await worksAfterRestoring()
  })

  it('leaves alone a file that lies where the folder should be', async () => {
    rmSync(installation.store, { recursive: true })
    writeFileSync(installation.store, 'mine')
    const { code, stderr } = await installation.refusedStart()
    expect(stderr).toContain(`the store's folder ${installation.store} is a file, expected a folder`)
    expect(code).toBe(1)
    expect(readFileSync(installation.store, 'utf8')).toBe('mine')
    await worksAfterRestoring()
  })

  it('is opened by one process at a time: the second is refused and told which has it, the first goes on', async () => {
    const first = await installation.start()
    await unseal(first, keys.shares.slice(0, 3))
    await refusesTheStore(new RegExp(`is in use by process ${first.pid}`))
    expect(await readSecret(first, keys.root)).toEqual(SECRET)
    await demand(first, 'POST', 'kv/data/app', { token: keys.root, body: { data: SECRET } })
    await first.stop()
    await worksAfterRestoring()
  })

  it('is free again once the process that had it was killed', async () => {
    const first = await installation.start()
    await unseal(first, keys.shares.slice(0, 3))
    await first.stop('SIGKILL')
    const second = await installation.start()
    await unseal(second, keys.shares.slice(0, 3))
    expect(await readSecret(second, keys.root)).toEqual(SECRET)
    await second.stop()
  })

  it('moves with its folder, and a copy of it does not open the other', async () => {
    const other = new Installation()
    try {
      const server = await other.start()
      const strange = await initialise(server)
      await server.stop()
      mkdirSync(join(other.home, 'kept'))
      renameSync(join(other.store, 'data.mdb'), join(other.home, 'kept', 'data.mdb'))
      copyFileSync(file, join(other.store, 'data.mdb'))
      const moved = await other.start()
      for (const key of strange.shares.slice(0, 3)) await ask(moved, 'PUT', 'sys/unseal', { body: { key } })
      expect(JSON.parse((await ask(moved, 'GET', 'sys/seal-status')).text)).toMatchObject({ sealed: true })
      await unseal(moved, keys.shares.slice(0, 3))
      expect(await readSecret(moved, keys.root)).toEqual(SECRET)
      await moved.stop()
    } finally {
      await other.remove()
    }
  })
})
