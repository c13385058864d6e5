/**
 * The audit device that sends each entry to a socket: TCP, UDP or a Unix stream socket. Connects when there is something to
 * send, and once more when the connection turns out to be gone. Must not know what a line says.
 */
import { createSocket } from 'node:dgram'
import { connect, type Socket } from 'node:net'
import { goDuration, parseDuration } from '../../../kernel/index.ts'
import { AuditRefused, plainReason, type AuditDevice, type AuditDeviceKind } from '../index.ts'

const WRITE_TIMEOUT_S = 2

export const socket: AuditDeviceKind = {
  type: 'socket',
  doc: 'Sends each entry to a socket, as one line.',
  options: {
    address: 'Where to: `host:port`, or the path of a Unix socket.',
    socket_type: '`tcp` (the default), `udp` or `unix`.',
    write_timeout: 'How long one write may take (2s).',
  },
  async open(options) {
    const { address = '', socket_type: type = 'tcp', write_timeout: timeout } = options
    if (address === '') throw new AuditRefused('address is required')
    const span = timeout === undefined ? WRITE_TIMEOUT_S : parseDuration(timeout)
    if (span === undefined) throw new AuditRefused(`time: invalid duration ${JSON.stringify(timeout)}`)
    return type === 'udp' ? new Datagrams(address) : new Stream(type, address, span * 1000)
  },
}

function endpoint(type: string, address: string): { readonly path: string } | { readonly host: string; readonly port: number } {
  if (type === 'unix') return { path: address }
  if (!['tcp', 'tcp4', 'tcp6', 'udp'].includes(type)) throw new Error(`dial ${type}: unknown network ${type}`)
  const match = /^(?:\[([^\]]*)\]|([^:]*)):(\d{1,5})$/.exec(address)
  if (match === null) throw new Error(`dial ${type}: address ${address}: missing port in address`)
  return { host: match[1] ?? match[2] ?? '', port: Number(match[3]) }
}

/** Both attempts of a write, told as the peer tells them. */
export class TwiceFailed extends Error {
  constructor(first: unknown, second: unknown) {
    super(`2 errors occurred:\n\t* ${(first as Error).message}\n\t* ${(second as Error).message}\n\n`)
  }
}

class Stream implements AuditDevice {
  readonly #type: string
  readonly #address: string
  readonly #timeoutMs: number
  #socket: Socket | undefined
  /** Lines go one after the other, also over a new connection. */
  #turn: Promise<unknown> = Promise.resolve()

  constructor(type: string, address: string, timeoutMs: number) {
    this.#type = type
    this.#address = address
    this.#timeoutMs = timeoutMs
  }

  write(line: string): Promise<void> {
    const done = this.#turn.then(() => this.#attempt(line))
    this.#turn = done.catch(() => undefined)
    return done
  }

  async #attempt(line: string): Promise<void> {
    try {
      await this.#send(line)
    } catch (first) {
      this.#drop()
      try {
        await this.#send(line)
      } catch (second) {
        this.#drop()
        throw new TwiceFailed(first, second)
      }
    }
  }

  async #send(line: string): Promise<void> {
    const open = (this.#socket ??= await this.#connect())
    await new Promise<void>((resolve, reject) => {
      const late = (): void =>
        reject(new Error(`write ${this.#type} ${this.#address}: i/o timeout after ${goDuration(this.#timeoutMs / 1000)}`))
      open.setTimeout(this.#timeoutMs, late)
      open.write(line, cause => {
        open.setTimeout(0)
        open.off('timeout', late)
        if (cause === null || cause === undefined) resolve()
        else reject(new Error(`write ${this.#type} ${this.#address}: ${plainReason(cause)}`, { cause }))
      })
    })
  }

  #connect(): Promise<Socket> {
    const to = endpoint(this.#type, this.#address)
    return new Promise((resolve, reject) => {
      const made = 'path' in to ? connect(to.path) : connect({ host: to.host, port: to.port, timeout: this.#timeoutMs })
      const fail = (cause: Error): void => {
        made.destroy()
        const reason = plainReason(cause)
        const why = reason.startsWith('connect: ') ? reason : `connect: ${reason}`
        reject(new Error(`dial ${this.#type} ${this.#address}: ${why}`, { cause }))
      }
      made.once('error', fail)
      made.once('timeout', () => fail(new Error('i/o timeout')))
      made.once('connect', () => {
        made.off('error', fail)
        made.setTimeout(0)
        made.unref()
        // A peer that went away is noticed now, and not by losing the next line.
        const gone = (): void => {
          if (this.#socket === made) this.#drop()
        }
        made.on('error', gone)
        made.on('end', gone)
        made.on('close', gone)
        made.resume()
        resolve(made)
      })
    })
  }

  #drop(): void {
    this.#socket?.destroy()
    this.#socket = undefined
  }

  async reopen(): Promise<void> {
    await this.#turn
    this.#drop()
  }

  async close(): Promise<void> {
    await this.#turn
    const open = this.#socket
    this.#socket = undefined
    open?.end()
  }
}

/** Each entry is one datagram; that it left is all that is known of it. */
class Datagrams implements AuditDevice {
  readonly #address: string
  #socket: ReturnType<typeof createSocket> | undefined

  constructor(address: string) {
    this.#address = address
  }

  write(line: string): Promise<void> {
    const to = endpoint('udp', this.#address)
    if ('path' in to) return Promise.reject(new Error('a datagram needs a host and a port'))
    this.#socket ??= createSocket(to.host.includes(':') ? 'udp6' : 'udp4').unref()
    const open = this.#socket
    return new Promise((resolve, reject) => {
      open.send(line, to.port, to.host, cause => {
        if (cause === null) resolve()
        else reject(new Error(`write udp ${this.#address}: ${plainReason(cause)}`, { cause }))
      })
    })
  }

  reopen(): Promise<void> {
    return this.close()
  }

  async close(): Promise<void> {
    const open = this.#socket
    this.#socket = undefined
    open?.close()
  }
}
