import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { baoBinary } from '../contract/harness/bao.ts'
import { lockstep, type RunningServer, startOurs } from '../contract/harness/server.ts'
import { openDesk, theirs, type Desk, type Printed } from './desk.ts'

/** The whole tool in a process of its own, and the peer's: backups made by either are restored by either. */
describe('operator raft snapshot', () => {
  let server: RunningServer
  let folder: string
  const desks: Desk[] = []
  const own = (words: readonly string[]): Promise<Printed> => (desks[0] as Desk).run({ words, env: {}, stdin: '', keep: undefined })
  const peer = (words: readonly string[]): Promise<Printed> => (desks[1] as Desk).run({ words, env: {}, stdin: '', keep: undefined })
  const value = async (): Promise<string> => (await own(['kv', 'get', '-field=x', 'secret/a'])).stdout.trim()

  beforeAll(async () => {
    server = await startOurs('dev')
    folder = mkdtempSync(join(tmpdir(), 'lockstep-snapshot-'))
    const variables = { BAO_ADDR: server.address, BAO_TOKEN: 'root' }
    desks.push(openDesk(theirs(lockstep), variables), openDesk(theirs(baoBinary()), variables))
    await own(['kv', 'put', 'secret/a', 'x=then'])
  }, 60_000)
  afterAll(async () => {
    for (const desk of desks) desk[Symbol.dispose]()
    rmSync(folder, { recursive: true, force: true })
    await server.stop()
  })

  it.each([
    ['own', 'own'],
    ['own', 'peer'],
    ['peer', 'own'],
  ] as const)('saved by %s is restored by %s', async (saver, restorer) => {
    const tools = { own, peer }
    const file = join(folder, `${saver}-${restorer}.snap`)
    expect(await tools[saver](['operator', 'raft', 'snapshot', 'save', file])).toMatchObject({ code: 0, stdout: '', stderr: '' })
    expect(statSync(file).mode & 0o777).toBe(0o600)
    await own(['kv', 'put', 'secret/a', 'x=later'])
    expect(await value()).toBe('later')
    expect(await tools[restorer](['operator', 'raft', 'snapshot', 'restore', file])).toMatchObject({ code: 0, stdout: '', stderr: '' })
    expect(await value()).toBe('then')
  })

  it('says what is in a file, and whether it is whole', async () => {
    const file = join(folder, 'inspect.snap')
    await own(['operator', 'raft', 'snapshot', 'save', file])
    const { stdout, code } = await own(['operator', 'raft', 'snapshot', 'inspect', '-format=json', file])
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ storage_type: 'inmem', checksums: 'right' })
    const bytes = readFileSync(file)
    writeFileSync(join(folder, 'cut.snap'), bytes.subarray(0, bytes.length / 2))
    const cut = await own(['operator', 'raft', 'snapshot', 'inspect', join(folder, 'cut.snap')])
    expect(cut.code).toBe(1)
    expect(cut.stderr).toContain('unexpected EOF')
  })

  it('leaves no file when the server refuses', async () => {
    const file = join(folder, 'none.snap')
    const refused = await (desks[0] as Desk).run({
      words: ['operator', 'raft', 'snapshot', 'save', file],
      env: { BAO_TOKEN: 'wrong' },
      stdin: '',
      keep: undefined,
    })
    expect(refused.code).toBe(2)
    expect(refused.stderr).toContain('permission denied')
    expect(() => statSync(file)).toThrow()
  })

  it('names the file that is not there', async () => {
    const { code, stderr } = await own(['operator', 'raft', 'snapshot', 'restore', join(folder, 'nowhere')])
    expect(code).toBe(2)
    expect(stderr).toContain('no such file or directory')
  })

  it('stands beside members and step-down, which print what the peer’s print', async () => {
    const [mine, theirs] = [await own(['operator', 'members']), await peer(['operator', 'members'])]
    expect(mine.stdout.replace(/-+/g, '-')).toBe(theirs.stdout.replace(/-+/g, '-'))
    expect(await own(['operator', 'step-down'])).toMatchObject(await peer(['operator', 'step-down']))
  })
})
