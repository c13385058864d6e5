import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectTls, type ConnectionOptions, type PeerCertificate, type TLSSocket } from 'node:tls'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ListenerTls } from '../../../src/server/http/index.ts'
import { ask, envelope, requestText, serving, Wire } from './serving.ts'

const pem = (name: string): string => fileURLToPath(new URL(`../../vectors/http/tls/${name}`, import.meta.url))
const one: ListenerTls = { certFile: pem('one.pem'), keyFile: pem('one.key') }

let folder = ''
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'lockstep-listen-'))))
afterAll(() => rmSync(folder, { recursive: true }))

interface Secure {
  readonly certificate: PeerCertificate
  readonly protocol: string | null
  readonly alpn: string | false | null
  readonly wire: Wire
}

function secure(port: number, options: ConnectionOptions = {}): Promise<Secure> {
  return new Promise((resolve, reject) => {
    const socket: TLSSocket = connectTls(
      { host: '127.0.0.1', port, ca: readFileSync(pem('ca.pem')), ALPNProtocols: ['h2', 'http/1.1'], ...options },
      () =>
        resolve({
          certificate: socket.getPeerCertificate(),
          protocol: socket.getProtocol(),
          alpn: socket.alpnProtocol,
          wire: new Wire(port, socket),
        }),
    )
    socket.once('error', reject)
  })
}

/** What a client of TLS 1.3 sees only when it reads: whether the server has taken its certificate. */
async function statusOver(port: number, options: ConnectionOptions = {}): Promise<number | undefined> {
  const { wire } = await secure(port, options)
  wire.write(requestText({ method: 'LIST', path: '/v1/a' }))
  const answer = await wire.next()
  wire.destroy()
  return answer?.status
}

describe('a TLS listener', () => {
  it('shows its certificate, speaks HTTP/1.1 over TLS 1.2 and 1.3, and nothing below', async () => {
    const server = await serving({ listen: { tls: one } })
    const newest = await secure(server.port)
    expect(newest).toMatchObject({ protocol: 'TLSv1.3', alpn: 'http/1.1' })
    expect(newest.certificate.subject.CN).toBe('one.lockstep.test')
    const older = await secure(server.port, { maxVersion: 'TLSv1.2' })
    expect(older.protocol).toBe('TLSv1.2')
    await expect(secure(server.port, { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' })).rejects.toThrow(
      /protocol|version/i,
    )
    expect(await statusOver(server.port)).toBe(200)
    newest.wire.destroy()
    older.wire.destroy()
    await server.close()
  })

  it('keeps to the version that it was told', async () => {
    const server = await serving({ listen: { tls: { ...one, minVersion: 'TLSv1.3' } } })
    await expect(secure(server.port, { maxVersion: 'TLSv1.2' })).rejects.toThrow(/version/i)
    await server.close()
  })

  it('offers no cipher suite of TLS 1.2 without forward secrecy and authentication', async () => {
    const server = await serving({ listen: { tls: one } })
    await expect(secure(server.port, { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-SHA' })).rejects.toThrow(/handshake|alert/i)
    await server.close()
  })

  it('asks for a certificate of its CA where it must have one', async () => {
    const tls = { ...one, clientCaFile: pem('ca.pem'), requireAndVerifyClientCert: true }
    const server = await serving({ listen: { tls } })
    const shown = (name: string): ConnectionOptions => ({
      cert: readFileSync(pem(`${name}.pem`)),
      key: readFileSync(pem(`${name}.key`)),
    })
    expect(await statusOver(server.port, shown('client'))).toBe(200)
    expect(await statusOver(server.port, shown('stranger')).catch(() => undefined)).toBeUndefined()
    expect(await statusOver(server.port).catch(() => undefined)).toBeUndefined()
    await server.close()
  })

  it('shows a new certificate after a reload, and keeps the old one when the new cannot be used', async () => {
    const tls = { certFile: join(folder, 'cert.pem'), keyFile: join(folder, 'key.pem') }
    copyFileSync(pem('one.pem'), tls.certFile)
    copyFileSync(pem('one.key'), tls.keyFile)
    const server = await serving({ listen: { tls } })
    const name = async (): Promise<string | readonly string[] | undefined> => {
      const { certificate, wire } = await secure(server.port)
      wire.destroy()
      return certificate.subject.CN
    }
    const before = await secure(server.port)
    copyFileSync(pem('two.pem'), tls.certFile)
    await expect(server.listener.reload()).rejects.toThrow(/cannot use tls_cert_file .* with tls_key_file/)
    expect(await name()).toBe('one.lockstep.test')
    copyFileSync(pem('two.key'), tls.keyFile)
    await server.listener.reload()
    expect(await name()).toBe('two.lockstep.test')
    before.wire.write(requestText({ path: '/v1/a' }))
    expect((await before.wire.next())?.status).toBe(200)
    before.wire.destroy()
    await server.close()
  })

  it('does not start with a key of another, without its files, or with files that are none', async () => {
    await expect(serving({ listen: { tls: { ...one, keyFile: pem('two.key') } } })).rejects.toThrow(/cannot use tls_cert_file/)
    await expect(serving({ listen: { tls: { ...one, certFile: join(folder, 'none.pem') } } })).rejects.toThrow(/cannot read tls_cert_file/)
    writeFileSync(join(folder, 'junk.pem'), 'junk')
    await expect(serving({ listen: { tls: { ...one, certFile: join(folder, 'junk.pem') } } })).rejects.toThrow(/cannot use tls_cert_file/)
  })

  it('survives a client that speaks plainly', async () => {
    const server = await serving({ listen: { tls: one } })
    const plain = new Wire(server.port)
    plain.write(requestText({ path: '/v1/a' }))
    await plain.closed()
    expect(await statusOver(server.port)).toBe(200)
    await server.close()
  })
})

describe('an address', () => {
  it('that is taken is refused in one line', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await new Promise(resolve => other.once('listening', resolve))
    const { port } = other.address() as { port: number }
    await expect(serving({ listen: { address: { host: '127.0.0.1', port } } })).rejects.toThrow(
      `cannot listen on 127.0.0.1:${port}: address already in use`,
    )
    other.close()
  })

  it('that this machine has not is refused in one line', async () => {
    await expect(serving({ listen: { address: { host: '192.0.2.1', port: 0 } } })).rejects.toThrow(
      /cannot listen on 192\.0\.2\.1:0: this machine/,
    )
  })

  it('may be a Unix socket, with its mode, in place of a stale one but not of a live one', async () => {
    const address = { path: join(folder, 's.sock'), mode: 0o600 }
    const first = await serving({ listen: { address } })
    expect(statSync(address.path).mode & 0o777).toBe(0o600)
    const wire = new Wire(0, connect(address.path))
    wire.write(requestText({ path: '/v1/a' }))
    expect((await wire.next())?.status).toBe(200)
    expect(first.core.asked[0]?.remoteAddress).toBe('')
    wire.destroy()
    await expect(serving({ listen: { address } })).rejects.toThrow(/address already in use/)
    await first.close()
    const second = await serving({ listen: { address } })
    await second.close()
    writeFileSync(address.path, 'a file of somebody else')
    await expect(serving({ listen: { address } })).rejects.toThrow(/address already in use/)
    expect(readFileSync(address.path, 'utf8')).toBe('a file of somebody else')
  })
})

describe('closing a listener', () => {
  it('takes no more connections, lets what runs end, and closes what is idle at once', async () => {
    const server = await serving()
    const started = Promise.withResolvers<void>()
    const finish = Promise.withResolvers<void>()
    server.core.reply = async request => {
      if (request.path !== 'slow') return envelope(request)
      started.resolve()
      await finish.promise
      return envelope(request)
    }
    const idle = new Wire(server.port)
    idle.write(requestText({ method: 'LIST', path: '/v1/quick' }))
    expect((await idle.next())?.status).toBe(200)
    const busy = new Wire(server.port)
    busy.write(requestText({ path: '/v1/slow' }))
    await started.promise
    const closed = server.listener.close(60_000)
    await idle.closed()
    await expect(ask(server.port, { path: '/v1/quick' })).rejects.toThrow(/no answer/)
    finish.resolve()
    expect((await busy.next())?.status).toBe(200)
    await busy.closed()
    await closed
  })

  it('ends what does not end itself in time', async () => {
    const server = await serving()
    const started = Promise.withResolvers<AbortSignal>()
    server.core.reply = async request => {
      started.resolve(request.signal)
      return await new Promise(() => undefined)
    }
    const busy = new Wire(server.port)
    busy.write(requestText({ path: '/v1/slow' }))
    const signal = await started.promise
    const aborted = new Promise<void>(resolve => signal.addEventListener('abort', () => resolve()))
    await server.listener.close(20)
    await busy.closed()
    await aborted
  })
})

describe('a limit of connections', () => {
  it('drops those beyond it', async () => {
    const server = await serving({ listen: { maxConnections: 1 } })
    const first = new Wire(server.port)
    first.write(requestText({ path: '/v1/a' }))
    expect((await first.next())?.status).toBe(200)
    const second = new Wire(server.port)
    second.write(requestText({ path: '/v1/a' }))
    expect(await second.next()).toBeUndefined()
    first.destroy()
    await server.close()
  })
})
