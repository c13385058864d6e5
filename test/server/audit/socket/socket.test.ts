import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../../../src/kernel/index.ts'
import { socket } from '../../../../src/server/audit/socket/index.ts'
import type { AuditDevice } from '../../../../src/server/audit/index.ts'

const open = (options: Readonly<Record<string, string>>): Promise<AuditDevice> => socket.open(options, { clock: systemClock })

/** Somebody who listens, and keeps what he hears. */
class Listener {
  heard = ''
  readonly server: Server
  readonly connections = new Set<Socket>()
  #waiting: (() => void)[] = []
  constructor() {
    this.server = createServer(connection => {
      this.connections.add(connection)
      connection.on('error', () => undefined)
      connection.on('data', (chunk: Buffer) => {
        this.heard += chunk.toString()
        for (const it of this.#waiting) it()
      })
    })
  }
  async until(text: string): Promise<void> {
    while (!this.heard.includes(text)) await new Promise<void>(resolve => this.#waiting.push(resolve))
  }
}

describe('the socket device', () => {
  const undo: (() => Promise<unknown>)[] = []
  afterEach(async () => {
    for (const it of undo.splice(0).toReversed()) await it()
  })
  const listening = async (at: { path: string } | { port: number; host: string }): Promise<Listener> => {
    const listener = new Listener()
    listener.server.listen(at)
    await once(listener.server, 'listening')
    undo.push(async () => {
      for (const it of listener.connections) it.destroy()
      await new Promise(resolve => listener.server.close(resolve))
    })
    return listener
  }

  it('sends lines over TCP, and again after the connection was lost', async () => {
    const listener = await listening({ port: 0, host: '127.0.0.1' })
    const device = await open({ address: `127.0.0.1:${(listener.server.address() as AddressInfo).port}` })
    undo.push(() => device.close())
    await device.write('one\n')
    await listener.until('one\n')
    for (const it of listener.connections) it.destroy()
    await device.reopen()
    await device.write('two\n')
    await listener.until('two\n')
    expect(listener.heard).toBe('one\ntwo\n')
  })

  it('sends lines over a Unix socket', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'audit-'))
    undo.push(() => rm(folder, { recursive: true }))
    const listener = await listening({ path: join(folder, 'socket') })
    const device = await open({ address: join(folder, 'socket'), socket_type: 'unix' })
    undo.push(() => device.close())
    await device.write('one\n')
    await listener.until('one\n')
  })

  it('sends a datagram a line over UDP', async () => {
    const receiver = createSocket('udp4')
    receiver.bind(0, '127.0.0.1')
    await once(receiver, 'listening')
    undo.push(async () => void receiver.close())
    const device = await open({ address: `127.0.0.1:${receiver.address().port}`, socket_type: 'udp' })
    undo.push(() => device.close())
    const message = once(receiver, 'message') as Promise<[Buffer]>
    await device.write('one\n')
    expect((await message)[0].toString()).toBe('one\n')
  })

  it.each([
    [{}, 'address is required'],
    [{ address: '127.0.0.1:1', write_timeout: 'foo' }, 'time: invalid duration "foo"'],
  ])('refuses %j', async (options, why) => {
    await expect(open(options as Readonly<Record<string, string>>)).rejects.toThrow(why)
  })

  it.each([
    [{ address: '127.0.0.1:1' }, 'dial tcp 127.0.0.1:1: connect: connection refused'],
    [{ address: '127.0.0.1:1', socket_type: 'foo' }, 'dial foo: unknown network foo'],
    [{ address: '127.0.0.1' }, 'dial tcp: address 127.0.0.1: missing port in address'],
    [{ address: '/nowhere', socket_type: 'unix' }, 'dial unix /nowhere: connect: no such file or directory'],
  ])('fails twice with %j', async (options, why) => {
    const device = await open(options)
    await expect(device.write('a\n')).rejects.toThrow(`2 errors occurred:\n\t* ${why}\n\t* ${why}\n\n`)
  })
})
