import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { setTimeout as delay } from 'node:timers/promises'
import { baoBinary } from './bao.ts'
import { send } from './http.ts'

/** A server under test: where it answers, what it has logged, and how to end it. */
export interface RunningServer {
  readonly name: string
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  readonly address: string
  /** A folder of its own, removed with the server: its HOME, its store, its configuration. */
  readonly home: string
  readonly pid: number
  /** Everything it has written to stdout and stderr. */
  log(): string
  stop(signal?: NodeJS.Signals): Promise<void>
}

/** `dev`: in memory, unsealed, root token `root`. The others start uninitialised, from a configuration file. */
export type PeerKind = 'dev' | 'raft' | 'inmem'
export type OurKind = 'dev' | 'lmdb' | 'inmem'

export const lockstep: string = fileURLToPath(new URL('../../../bin/lockstep', import.meta.url))

/** More words for a server's configuration: outside of any block, and in its listener. `<home>` is its folder. */
export interface MoreConfig {
  readonly file?: string
  readonly listener?: string
}

export function startPeer(kind: PeerKind, more: MoreConfig = {}): Promise<RunningServer> {
  return start('peer', baoBinary(), kind, more)
}

export function startOurs(kind: OurKind, more: MoreConfig = {}): Promise<RunningServer> {
  return start('ours', lockstep, kind, more)
}

/** A free port is free only until somebody else takes it, so losing it is answered by trying another. */
async function start(name: string, binary: string, kind: PeerKind | OurKind, more: MoreConfig): Promise<RunningServer> {
  for (let attempt = 1; ; attempt++) {
    const home = mkdtempSync(join(tmpdir(), `lockstep-${name}-`))
    const port = await freePort()
    const args =
      kind === 'dev' ? devArgs(port, writeMore(home, more)) : ['server', `-config=${writeConfig(home, kind, port, await freePort(), more)}`]
    const server = launch(name, binary, args, home, `http://127.0.0.1:${port}`)
    try {
      await untilReady(server, kind === 'dev' ? [200] : [200, 501, 503])
      return server
    } catch (cause) {
      await server.stop('SIGKILL')
      if (attempt < 3 && server.log().includes('address already in use')) continue
      throw new Error(`${name} (${kind}) does not start: ${(cause as Error).message}\n${server.log()}`, { cause })
    }
  }
}

function devArgs(port: number, config: readonly string[]): string[] {
  return ['server', '-dev', '-dev-root-token-id=root', `-dev-listen-address=127.0.0.1:${port}`, ...config]
}

function writeMore(home: string, { file: text }: MoreConfig): readonly string[] {
  if (text === undefined) return []
  const file = join(home, 'more.hcl')
  writeFileSync(file, text.replaceAll('<home>', home))
  return [`-config=${file}`]
}

function writeConfig(home: string, kind: string, port: number, clusterPort: number, more: MoreConfig): string {
  const file = join(home, 'server.hcl')
  const storage =
    kind === 'inmem' ? 'storage "inmem" {}' : `storage "${kind}" {\n  path = "${home}"\n${kind === 'raft' ? '  node_id = "n1"\n' : ''}}`
  const text = `${storage}
listener "tcp" {
  address     = "127.0.0.1:${port}"
  tls_disable = true
${more.listener ?? ''}}
${(more.file ?? '').replaceAll('<home>', home)}api_addr     = "http://127.0.0.1:${port}"
cluster_addr = "http://127.0.0.1:${clusterPort}"
`
  writeFileSync(file, text)
  return file
}

function launch(name: string, binary: string, args: readonly string[], home: string, address: string): RunningServer {
  const child = spawn(binary, args, { env: environment(home), stdio: ['ignore', 'pipe', 'pipe'] })
  let log = ''
  const failed = once(child, 'error').then(([error]) => (log += `\n${String(error)}`))
  child.stdout.on('data', chunk => (log += String(chunk)))
  child.stderr.on('data', chunk => (log += String(chunk)))
  failed.catch(() => undefined)
  const end = (): boolean => child.kill('SIGKILL')
  process.once('exit', end)
  return {
    name,
    address,
    home,
    pid: child.pid ?? 0,
    log: () => (hasEnded(child) ? `${log}\n(ended: ${child.exitCode ?? child.signalCode})` : log),
    async stop(signal = 'SIGTERM') {
      await endProcess(child, signal)
      process.off('exit', end)
      rmSync(home, { recursive: true, force: true })
    },
  }
}

/** A server reads no setting of the person who runs the tests. */
export function environment(home: string): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(VAULT|BAO)_/.test(name))
  return { ...Object.fromEntries(inherited), HOME: home }
}

export async function endProcess(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (hasEnded(child) || child.pid === undefined) return
  const ended = once(child, 'exit')
  child.kill(signal)
  const patience = new AbortController()
  const lostPatience = delay(10_000, undefined, { signal: patience.signal }).then(() => child.kill('SIGKILL'))
  await ended
  patience.abort()
  await lostPatience.catch(() => undefined)
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null
}

export async function untilReady(server: Pick<RunningServer, 'address' | 'pid' | 'log'>, ready: readonly number[]): Promise<void> {
  const deadline = performance.now() + 60_000
  for (;;) {
    if (server.log().includes('(ended:') || server.pid === 0) throw new Error('the process ended')
    const answer = await send(server.address, { method: 'GET', path: '/v1/sys/health' }).catch(() => undefined)
    if (answer !== undefined && ready.includes(answer.status)) return
    if (performance.now() > deadline) throw new Error(`no healthy answer within a minute (last status: ${answer?.status ?? 'none'})`)
    await delay(25)
  }
}

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  if (address === null || typeof address === 'string') throw new Error('no free port')
  return address.port
}
