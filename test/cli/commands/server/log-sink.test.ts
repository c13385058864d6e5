import { mkdtempSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createLogSink, type LogFormat, type LogSink } from '../../../../src/cli/commands/server/log-sink.ts'
import { ManualClock } from '../../../../src/kernel/index.ts'

const clock = new ManualClock(new Date('2026-11-24T18:44:08.805Z'))

async function sink(format: LogFormat = 'standard'): Promise<{ readonly log: LogSink; readonly lines: string[] }> {
  const lines: string[] = []
  return { lines, log: await createLogSink({ level: 'info', format, clock, write: text => void lines.push(text) }) }
}

describe("the server's log", () => {
  it('is a line an event, with its time, level and facts', async () => {
    const { log, lines } = await sink()
    log.write('info', 'unsealed')
    log.write('warn', 'enabled a mount', { path: 'secret/', count: 3, reason: 'a "b" c', list: ['x'], none: undefined })
    expect(lines).toEqual([
      '2026-11-24T18:44:08.805Z [INFO]  unsealed\n',
      '2026-11-24T18:44:08.805Z [WARN]  enabled a mount: path=secret/ count=3 reason="a \\"b\\" c" list="[\\"x\\"]" none=undefined\n',
    ])
  })

  it('lets no text begin a line of its own', async () => {
    const { log, lines } = await sink()
    log.write('error', 'bad\n2026 [INFO] forged', { path: 'a\n2026 [INFO] forged', stack: 'x\n  at y' })
    expect(lines).toHaveLength(1)
    expect(lines[0]?.split('\n')).toHaveLength(2)
  })

  it('is JSON where that is wanted', async () => {
    const { log, lines } = await sink('json')
    log.write('error', 'request failed', { path: 'a' })
    expect(lines.map(it => JSON.parse(it) as unknown)).toEqual([
      { '@level': 'error', '@message': 'request failed', '@timestamp': '2026-11-24T18:44:08.805Z', path: 'a' },
    ])
  })

  it('keeps back what is below its level, which can be changed', async () => {
    const { log, lines } = await sink()
    log.write('debug', 'one')
    log.setLevel('debug')
    log.write('debug', 'two')
    log.write('trace', 'three')
    log.setLevel('error')
    log.write('warn', 'four')
    expect(lines.map(it => it.trim().split(' ').at(-1))).toEqual(['two'])
  })

  it('goes to a file for its owner alone, in order, and to a new one after it was moved away', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lockstep-log-'))
    const file = join(folder, 'server.log')
    const log = await createLogSink({ level: 'info', format: 'standard', file, clock, write: () => undefined })
    for (let i = 0; i < 100; i++) log.write('info', `line ${i}`)
    renameSync(file, `${file}.1`)
    await log.reopen()
    log.write('info', 'after')
    await log.close()
    const before = readFileSync(`${file}.1`, 'utf8').trimEnd().split('\n')
    expect(before.map(it => it.split(' ').at(-1))).toEqual(Array.from({ length: 100 }, (_, i) => String(i)))
    expect(readFileSync(file, 'utf8')).toBe('2026-11-24T18:44:08.805Z [INFO]  after\n')
    expect(statSync(file).mode & 0o777).toBe(0o600)
    rmSync(folder, { recursive: true })
  })

  it('does not begin without the file that was asked for', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lockstep-log-'))
    rmSync(folder, { recursive: true })
    await expect(
      createLogSink({ level: 'info', format: 'standard', file: join(folder, 'x.log'), clock, write: () => undefined }),
    ).rejects.toThrow('ENOENT')
  })
})
