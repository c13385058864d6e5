/**
 * The audit device that hands each entry to the machine's syslog. Node speaks no Unix datagrams, so `logger(1)`, which every
 * Linux has, does it: one process, fed line by line. Must not know what a line says.
 */
import { spawn, type ChildProcessByStdio } from 'node:child_process'
import type { Writable } from 'node:stream'
import { AuditRefused, type AuditDevice, type AuditDeviceKind } from '../index.ts'

const FACILITIES = [
  'KERN',
  'USER',
  'MAIL',
  'DAEMON',
  'AUTH',
  'SYSLOG',
  'LPR',
  'NEWS',
  'UUCP',
  'CRON',
  'AUTHPRIV',
  'FTP',
  'LOCAL0',
  'LOCAL1',
  'LOCAL2',
  'LOCAL3',
  'LOCAL4',
  'LOCAL5',
  'LOCAL6',
  'LOCAL7',
]
/** Longer than any entry that a Unix datagram could carry. */
const LONGEST = '1MiB'

export const syslog: AuditDeviceKind = {
  type: 'syslog',
  doc: 'Hands each entry to the syslog of the machine, with the priority info.',
  options: {
    facility: 'Where it belongs (AUTH).',
    tag: 'What it is marked with (lockstep).',
    socket: 'The socket of the syslog, where it is not /dev/log.',
  },
  async open(options) {
    const facility = (options['facility'] ?? 'AUTH').toUpperCase()
    if (!FACILITIES.includes(facility)) throw new AuditRefused(`invalid syslog facility: ${facility}`)
    const args = ['--priority', `${facility.toLowerCase()}.info`, '--tag', options['tag'] ?? 'lockstep', '--size', LONGEST]
    const device = new Logger([...args, '--socket-errors=on', ...(options['socket'] === undefined ? [] : ['--socket', options['socket']])])
    try {
      await device.probe()
    } catch (cause) {
      throw new AuditRefused('Unix syslog delivery error', { cause })
    }
    return device
  },
}

type Running = ChildProcessByStdio<Writable, null, null>

class Logger implements AuditDevice {
  readonly #args: readonly string[]
  #running: Running | undefined

  constructor(args: readonly string[]) {
    this.#args = args
  }

  #start(): Running {
    const child = spawn('logger', this.#args, { stdio: ['pipe', 'ignore', 'ignore'] })
    const gone = (): void => {
      if (this.#running === child) this.#running = undefined
    }
    child.on('error', gone)
    child.on('exit', gone)
    child.stdin.on('error', gone)
    return child
  }

  /** Whether there is a `logger`, and a syslog that takes what it sends: it ends with another code when there is none. */
  probe(): Promise<void> {
    return new Promise((resolve, reject) => {
      const child = spawn('logger', [...this.#args, 'audit device enabled'], { stdio: 'ignore' })
      child.on('error', reject)
      child.on('exit', code => (code === 0 ? resolve() : reject(new Error(`logger ended with code ${code}`))))
    })
  }

  write(line: string): Promise<void> {
    const to = (this.#running ??= this.#start())
    return new Promise((resolve, reject) => {
      to.stdin.write(line, cause => (cause === null || cause === undefined ? resolve() : reject(cause)))
    })
  }

  reopen(): Promise<void> {
    return this.close()
  }

  async close(): Promise<void> {
    const child = this.#running
    this.#running = undefined
    if (child === undefined) return
    await new Promise<void>(resolve => {
      child.once('exit', () => resolve())
      child.stdin.end()
    })
  }
}
