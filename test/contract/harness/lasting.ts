/** A server of ours that is started again and again over the same store, each time with the configuration that is given. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { endProcess, environment, freePort, lockstep, untilReady } from './server.ts'

export interface LastingServer {
  readonly address: string
  readonly home: string
  log(): string
  /** Ends the one that runs. `variables`: of its environment. */
  start(config: string, variables?: Readonly<Record<string, string>>): Promise<void>
  /** For a configuration that it must not start with: what it says, and its exit code. */
  fails(config: string): Promise<{ readonly code: number | null; readonly said: string }>
  stop(): Promise<void>
  close(): Promise<void>
}

export async function lastingServer(): Promise<LastingServer> {
  const home = mkdtempSync(join(tmpdir(), 'lockstep-lasting-'))
  const port = await freePort()
  const address = `http://127.0.0.1:${port}`
  let child: ChildProcess | undefined
  let log = ''
  const stop = async (): Promise<void> => {
    if (child !== undefined) await endProcess(child, 'SIGTERM')
    child = undefined
  }
  const launch = (config: string, variables: Readonly<Record<string, string>> = {}): ChildProcess => {
    const file = join(home, 'server.hcl')
    writeFileSync(
      file,
      `storage "lmdb" {\n  path = "${home}/data"\n}\nlistener "tcp" {\n  address = "127.0.0.1:${port}"\n  tls_disable = true\n  disable_unauthed_generate_root_endpoints = false\n}\n${config}`,
    )
    log = ''
    const started = spawn(lockstep, ['server', `-config=${file}`], {
      env: { ...environment(home), ...variables },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    started.stdout.on('data', chunk => (log += String(chunk)))
    started.stderr.on('data', chunk => (log += String(chunk)))
    return started
  }
  return {
    address,
    home,
    log: () => log,
    async start(config, variables) {
      await stop()
      child = launch(config, variables)
      const running = child
      await untilReady(
        { address, pid: running.pid ?? 0, log: () => (running.exitCode === null ? log : `${log}(ended: ${running.exitCode})`) },
        [200, 501, 503],
      ).catch((cause: unknown) => {
        throw new Error(`the server does not start: ${(cause as Error).message}\n${log}`, { cause })
      })
    },
    async fails(config) {
      await stop()
      const ended = launch(config)
      await once(ended, 'exit')
      return { code: ended.exitCode, said: log }
    },
    stop,
    async close() {
      await stop()
      rmSync(home, { recursive: true, force: true })
    },
  }
}
