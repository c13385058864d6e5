import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const launcher = fileURLToPath(new URL('../../../../bin/lockstep', import.meta.url))

/** A server as somebody starts it, with a home of its own. */
export class ServerProcess {
  readonly home: string
  readonly child: ChildProcess
  stdout = ''
  stderr = ''
  readonly #ended: Promise<unknown>
  #wake: () => void = () => undefined

  constructor(args: readonly string[], env: Readonly<Record<string, string>> = {}, home: string = newHome()) {
    this.home = home
    const inherited = Object.entries(process.env).filter(([name]) => !/^(VAULT|BAO)_/.test(name))
    this.child = spawn(launcher, ['server', ...args], { env: { ...Object.fromEntries(inherited), HOME: home, ...env } })
    this.#ended = once(this.child, 'close')
    for (const stream of ['stdout', 'stderr'] as const)
      this.child[stream]?.on('data', (chunk: Buffer) => {
        this[stream] += chunk.toString()
        this.#wake()
      })
  }

  /** Until this has been printed; throws when the process ends first. */
  async says(text: string | RegExp, where: 'stdout' | 'stderr' = 'stdout'): Promise<void> {
    const said = (): boolean => (typeof text === 'string' ? this[where].includes(text) : text.test(this[where]))
    let ended = false
    void this.#ended.then(() => {
      ended = true
      this.#wake()
    })
    while (!said()) {
      if (ended) throw new Error(`the server ended: ${this.stdout}${this.stderr}`)
      await new Promise<void>(resolve => (this.#wake = resolve))
    }
  }

  /** `started`, and where the first listener is. */
  async started(): Promise<string> {
    await this.says('Lockstep server started!')
    return /Listener 1: \S+ \(addr: "([^"]+)"/.exec(this.stdout)?.[1] ?? ''
  }

  /** The exit code; a server that was killed has none. */
  async ended(signal?: NodeJS.Signals): Promise<number | null> {
    if (signal !== undefined) this.child.kill(signal)
    await this.#ended
    return this.child.exitCode
  }
}

export const newHome = (): string => mkdtempSync(join(tmpdir(), 'lockstep-server-'))
export const forget = (home: string): void => rmSync(home, { recursive: true, force: true })

export async function takenPort(): Promise<{ readonly port: number; free(): void }> {
  const holder = createServer().listen(0, '127.0.0.1')
  await once(holder, 'listening')
  return { port: (holder.address() as { port: number }).port, free: () => void holder.close() }
}

/** One call of the API: status and body. */
export async function call(
  address: string,
  method: string,
  path: string,
  how: { readonly token?: string; readonly body?: unknown } = {},
): Promise<{ readonly status: number; readonly body: Record<string, unknown> }> {
  const response = await fetch(`http://${address}/v1/${path}`, {
    method,
    headers: how.token === undefined ? {} : { 'X-Vault-Token': how.token },
    ...(how.body !== undefined && { body: JSON.stringify(how.body) }),
  })
  const text = await response.text()
  return { status: response.status, body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>) }
}
