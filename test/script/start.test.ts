import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, chmodSync, cpSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const lockstep = fileURLToPath(new URL('../../bin/lockstep', import.meta.url))
const demo = fileURLToPath(new URL('../../', import.meta.url))

/** A program that runs, and what it has said so far. */
class Running {
  readonly child: ChildProcess
  text = ''
  readonly #waiting: { readonly wanted: string; readonly done: () => void }[] = []

  constructor(args: readonly string[], cwd: string) {
    const { VAULT_TOKEN: _, BAO_TOKEN: __, ...env } = process.env
    this.child = spawn(lockstep, args, { cwd, env: { ...env, HOME: cwd, NO_COLOR: '1' }, stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of [this.child.stdout, this.child.stderr]) stream?.on('data', (chunk: Buffer) => this.#heard(chunk.toString()))
  }

  #heard(more: string): void {
    this.text += more
    for (const it of this.#waiting.filter(({ wanted }) => this.text.includes(wanted))) {
      this.#waiting.splice(this.#waiting.indexOf(it), 1)
      it.done()
    }
  }

  /** Resolves when the text has come, or the program has ended without it. */
  async until(wanted: string): Promise<void> {
    if (this.text.includes(wanted)) return
    await Promise.race([new Promise<void>(done => this.#waiting.push({ wanted, done })), this.ended()])
    expect(this.text).toContain(wanted)
  }

  async ended(): Promise<number | null> {
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, 'close')
    return this.child.exitCode
  }
}

describe('lockstep start', () => {
  let dir = ''
  let port = 0
  const started: Running[] = []
  const git = (...args: readonly string[]): void =>
    void execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.org', '-c', 'commit.gpgsign=false', ...args], {
      cwd: dir,
      stdio: 'ignore',
    })
  const start = (...args: readonly string[]): Running => {
    const running = new Running(['start', `-listen-address=127.0.0.1:${port}`, ...args], dir)
    started.push(running)
    return running
  }
  const once_ = async (): Promise<{ code: number | null; text: string }> => {
    const running = start('-once')
    return { code: await running.ended(), text: running.text }
  }

  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'lockstep-start-'))
    for (const part of ['policies', 'roles', 'engines', 'lockstep.yaml']) cpSync(join(demo, part), join(dir, part), { recursive: true })
    writeFileSync(join(dir, '.gitignore'), '.lockstep/\n.vault-token\n')
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    port = (taken.address() as AddressInfo).port
    await new Promise(resolve => taken.close(resolve))
  })
  afterEach(async () => {
    for (const running of started.splice(0)) {
      running.child.kill('SIGKILL')
      await running.ended()
    }
    rmSync(dir, { recursive: true, force: true })
  })

  it('brings a repository into a server of its own, and the second time has nothing to do', async () => {
    git('init', '-q')
    git('add', '.')
    git('commit', '-q', '-m', 'all')
    const first = await once_()
    expect(first.text).toContain('Planned again: nothing to do.')
    expect(first.code).toBe(0)
    for (const file of ['unseal-keys.json', 'root-token']) expect(statSync(join(dir, '.lockstep', file)).mode & 0o777).toBe(0o600)
    const second = await once_()
    expect(second.text).toContain('found its data again')
    expect(second.text).toContain('No changes.')
    expect(second.code).toBe(0)
    const token = readFileSync(join(dir, '.lockstep/root-token'), 'utf8').trim()
    expect(first.text + second.text + readFileSync(join(dir, '.lockstep/server.log'), 'utf8')).not.toContain(token)
  })

  it('applies a commit while it watches, names what is not committed, and stops at Ctrl-C', async () => {
    git('init', '-q')
    git('add', '.')
    git('commit', '-q', '-m', 'all')
    const running = start()
    await running.until('Watching for commits')
    appendFileSync(join(dir, 'policies/fraud-read.hcl'), '\n# not committed yet\n')
    appendFileSync(join(dir, 'policies/orders-read.hcl'), '\npath "shared/data/more" {\n  capabilities = ["read"]\n}\n')
    git('commit', '-q', '-m', 'orders read more', 'policies/orders-read.hcl')
    await running.until('orders read more')
    await running.until('Plan: 0 to add, 1 to change, 0 to destroy.')
    await running.until('Apply complete: 1 done.\nPlanned again: nothing to do.')
    expect(running.text).toContain('policies/fraud-read.hcl')
    running.child.kill('SIGINT')
    expect(await running.ended()).toBe(0)
    expect(running.text).toContain('nothing is lost')
  })

  it('says that a folder is no Git repository, and takes it as it lies', async () => {
    const { code, text } = await once_()
    expect(text).toContain('is no Git repository')
    expect(text).toContain('Planned again: nothing to do.')
    expect(code).toBe(0)
  })

  it('names file, line and column of a mistake, and asks nothing of the server', async () => {
    writeFileSync(join(dir, 'policies/bad.hcl'), 'path "a" {\n  capabilties = ["read"]\n}\n')
    const { code, text } = await once_()
    expect(text).toMatch(/policies\/bad\.hcl:2:3: .*capabilties/)
    expect(text).not.toContain('Apply')
    expect(code).toBe(1)
  })

  it('ends with a clear error, and nothing lost, when the port is taken', async () => {
    const blocker = createServer().listen(port, '127.0.0.1')
    await once(blocker, 'listening')
    const { code, text } = await once_()
    expect(text).toContain(`cannot listen on 127.0.0.1:${port}`)
    expect(code).toBe(1)
    await new Promise(resolve => blocker.close(resolve))
    expect((await once_()).code).toBe(0)
  })

  it('ends with a clear error when the keys are another store’s, are open to others, or are gone', async () => {
    expect((await once_()).code).toBe(0)
    const path = join(dir, '.lockstep/unseal-keys.json')
    const good = readFileSync(path, 'utf8')
    writeFileSync(
      path,
      good.replace(/"[0-9a-f]{2}/g, it => (it === '"00' ? '"01' : '"00')),
    )
    const wrong = await once_()
    expect(wrong.text).toContain('do not open the store beside it')
    expect(wrong.code).toBe(1)
    writeFileSync(path, good)
    chmodSync(path, 0o644)
    const open = await once_()
    expect(open.text).toContain('can be read by others')
    expect(open.code).toBe(1)
    rmSync(path)
    const gone = await once_()
    expect(gone.text).toContain('is missing')
    expect(gone.code).toBe(1)
    writeFileSync(path, good, { mode: 0o600 })
    const back = await once_()
    expect(back.text).toContain('No changes.')
    expect(back.code).toBe(0)
  })

  it('ends with a clear error when the store is damaged', async () => {
    expect((await once_()).code).toBe(0)
    truncateSync(join(dir, '.lockstep/store/data.mdb'), 5000)
    const { code, text } = await once_()
    expect(text).toContain('cannot open the store')
    expect(code).toBe(1)
  })
})
