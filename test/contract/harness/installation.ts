import { spawn, type ChildProcess } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { send, type RawAnswer } from './http.ts'
import { endProcess, environment, freePort, lockstep, untilReady } from './server.ts'

/** What an initialisation gives: shown once, needed at each start. */
export interface Keys {
  readonly shares: readonly string[]
  readonly root: string
}

/** One process that has been started, running or ended. */
export interface Process {
  readonly address: string
  readonly pid: number
  /** Everything it has written to stdout and stderr. */
  output(): string
  stop(signal?: NodeJS.Signals): Promise<void>
}

/** A start that came to nothing. */
export interface Refusal {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

interface Launched {
  readonly child: ChildProcess
  readonly address: string
  readonly output: () => { stdout: string; stderr: string }
}

export interface Asked {
  readonly token?: string
  readonly body?: unknown
}

/**
 * Our server as somebody installs it: a folder with a configuration and a store, which outlives the processes that are started
 * on it.
 */
export class Installation {
  readonly home: string
  readonly store: string
  readonly logFile: string
  readonly #more: string
  readonly #running = new Set<ChildProcess>()

  /** `more`: what its configuration says besides, by where it lies. */
  constructor(more: (home: string) => string = () => '') {
    this.home = mkdtempSync(join(tmpdir(), 'lockstep-installation-'))
    this.store = join(this.home, 'store')
    this.logFile = join(this.home, 'log', 'server.log')
    this.#more = more(this.home)
    mkdirSync(join(this.home, 'log'))
  }

  /** Starts a process and waits until it answers, sealed or not yet initialised. */
  async start(): Promise<Process> {
    return this.#ready(await this.#launch())
  }

  async #ready({ child, address, output }: Launched): Promise<Process> {
    const running: Process = {
      address,
      pid: child.pid ?? 0,
      output: () => output().stdout + output().stderr,
      stop: async (signal = 'SIGTERM') => {
        await endProcess(child, signal)
        this.#running.delete(child)
      },
    }
    const log = (): string => `${running.output()}${child.exitCode === null && child.signalCode === null ? '' : '\n(ended:'}`
    await untilReady({ ...running, log }, [501, 503])
    return running
  }

  /** Starts a process that is expected to end by itself. One that answers instead is ended, and an error. */
  async refusedStart(): Promise<Refusal> {
    const outcome = await this.attemptedStart()
    if ('code' in outcome) return outcome
    await outcome.stop()
    throw new Error(`expected the server to refuse to start, but it answers:\n${outcome.output()}`)
  }

  /** Starts a process that may or may not like what it finds. */
  async attemptedStart(): Promise<Process | Refusal> {
    const launched = await this.#launch()
    const { child, output } = launched
    const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, ...output() }))
    const ready = this.#ready(launched)
    const outcome = await Promise.race([ended, ready.catch(() => ended)])
    if ('code' in outcome) this.#running.delete(child)
    return outcome
  }

  /** The hash of every file of the store, by name. */
  hashes(): Readonly<Record<string, string>> {
    const hash = (name: string): string =>
      createHash('sha256')
        .update(readFileSync(join(this.store, name)))
        .digest('hex')
    return Object.fromEntries(readdirSync(this.store).map(name => [name, hash(name)]))
  }

  /** Ends what a test that failed has left running. */
  async end(): Promise<void> {
    for (const child of this.#running) await endProcess(child, 'SIGKILL')
    this.#running.clear()
  }

  async remove(): Promise<void> {
    await this.end()
    rmSync(this.home, { recursive: true, force: true })
  }

  async #launch(): Promise<Launched> {
    const port = await freePort()
    const config = join(this.home, `server-${port}.hcl`)
    writeFileSync(
      config,
      `storage "lmdb" {\n  path = "${this.store}"\n}\nlistener "tcp" {\n  address     = "127.0.0.1:${port}"\n  tls_disable = true\n}\nlog_level = "trace"\nlog_file  = "${this.logFile}"\n${this.#more}`,
    )
    const child = spawn(lockstep, ['server', `-config=${config}`], { env: environment(this.home), stdio: ['ignore', 'pipe', 'pipe'] })
    this.#running.add(child)
    let [stdout, stderr] = ['', '']
    child.stdout.on('data', chunk => (stdout += String(chunk)))
    child.stderr.on('data', chunk => (stderr += String(chunk)))
    const end = (): boolean => child.kill('SIGKILL')
    process.once('exit', end)
    child.once('exit', () => process.off('exit', end))
    return { child, address: `http://127.0.0.1:${port}`, output: () => ({ stdout, stderr }) }
  }
}

export function ask({ address }: Pick<Process, 'address'>, method: string, path: string, { token, body }: Asked = {}): Promise<RawAnswer> {
  return send(address, {
    method,
    path: `/v1/${path}`,
    headers: token === undefined ? {} : { 'x-vault-token': token },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
}

/** The same, for what must succeed: the answer's JSON. */
export async function demand(at: Pick<Process, 'address'>, method: string, path: string, asked: Asked = {}): Promise<unknown> {
  const { status, text } = await ask(at, method, path, asked)
  if (status > 299) throw new Error(`${method} ${path}: ${status} ${text}`)
  return text === '' ? undefined : (JSON.parse(text) as unknown)
}

/** A value in an answer, by the names on the way to it. */
export const pick = <T>(json: unknown, ...names: readonly string[]): T =>
  names.reduce((at, name) => (at as Readonly<Record<string, unknown>> | undefined)?.[name], json) as T

export async function initialise(at: Process): Promise<Keys> {
  const given = await demand(at, 'PUT', 'sys/init', { body: { secret_shares: 5, secret_threshold: 3 } })
  return { shares: pick(given, 'keys'), root: pick(given, 'root_token') }
}

export async function unseal(at: Process, shares: readonly string[]): Promise<void> {
  for (const key of shares) await demand(at, 'PUT', 'sys/unseal', { body: { key } })
  const { status, text } = await ask(at, 'GET', 'sys/health')
  if (status !== 200) throw new Error(`not unsealed by ${shares.length} shares: ${status} ${text}`)
}

/** Runs them all, so many at a time: a server under test shall be busy, not flooded. */
export async function each<T>(items: readonly T[], work: (item: T) => Promise<void>, atOnce: number = 32): Promise<void> {
  const left = items.values()
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (const item of left) await work(item)
    }),
  )
}
