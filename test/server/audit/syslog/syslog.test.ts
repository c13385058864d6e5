import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../../../src/kernel/index.ts'
import { syslog } from '../../../../src/server/audit/syslog/index.ts'

/** Node cannot receive Unix datagrams either. Prints each one as a line, after a line that says that it listens. */
const RECEIVER = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
print('listening', flush=True)
for _ in range(int(sys.argv[2])):
    print(s.recv(1 << 20).decode().rstrip('\\n'), flush=True)
`

describe('the syslog device', () => {
  let folder: string | undefined
  afterEach(async () => {
    if (folder !== undefined) await rm(folder, { recursive: true })
    folder = undefined
  })

  it('hands each entry to the syslog with its facility and tag', async () => {
    folder = await mkdtemp(join(tmpdir(), 'audit-'))
    const path = join(folder, 'log')
    const receiver = spawn('python3', ['-c', RECEIVER, path, '3'], { stdio: ['ignore', 'pipe', 'inherit'] })
    await once(receiver.stdout, 'data')
    let heard = ''
    receiver.stdout.on('data', (chunk: Buffer) => (heard += chunk.toString()))
    const device = await syslog.open({ facility: 'local3', tag: 'marked', socket: path }, { clock: systemClock })
    await device.write('{"one":1}\n')
    await device.write(`{"long":"${'x'.repeat(20_000)}"}\n`)
    await device.close()
    await once(receiver, 'close')
    const [trial, first, second] = heard.trim().split('\n')
    // Facility 19 (local3), severity 6 (info): RFC 3164, section 4.1.1.
    expect(trial).toMatch(/^<158>.*marked.*audit device enabled$/)
    expect(first).toMatch(/^<158>.*marked.*\{"one":1\}$/)
    expect(second).toHaveLength((first?.length ?? 0) + `{"long":"${'x'.repeat(20_000)}"}`.length - '{"one":1}'.length)
  })

  it('refuses a facility that there is not', async () => {
    await expect(syslog.open({ facility: 'xx' }, { clock: systemClock })).rejects.toThrow('invalid syslog facility: XX')
  })

  it('refuses to be enabled where no syslog listens', async () => {
    await expect(syslog.open({ socket: '/nowhere/log' }, { clock: systemClock })).rejects.toThrow('Unix syslog delivery error')
  })

  it('finds its program on every machine that it is tested on', async () => {
    await expect(promisify(execFile)('logger', ['--version'])).resolves.toBeDefined()
  })
})
