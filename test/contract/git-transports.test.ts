import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cloneOf, verifyCommit } from '../../src/reconciler/git/index.ts'
import { planPhase } from '../../src/reconciler/index.ts'
import { FakeTarget } from '../reconciler/harness/fake-target.ts'
import { git } from '../reconciler/harness/git.ts'
import { NOW } from '../reconciler/harness/repository.ts'
import { folder, put } from '../reconciler/harness/run.ts'

/** Git's own CGI program behind Node's server: what `git http-backend` asks of Apache or nginx. */
function backend(root: string, seen: string[]): Server {
  return createServer((request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? '/', 'http://localhost')
    seen.push(`${request.method ?? ''} ${url.pathname}${url.search} ${request.headers.authorization ?? ''}`)
    const child = spawn('git', ['http-backend'], {
      env: {
        PATH: process.env['PATH'],
        GIT_CONFIG_GLOBAL: '/dev/null',
        GIT_CONFIG_SYSTEM: '/dev/null',
        GIT_PROJECT_ROOT: root,
        GIT_HTTP_EXPORT_ALL: '1',
        GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
        PATH_INFO: decodeURIComponent(url.pathname),
        QUERY_STRING: url.search.slice(1),
        REQUEST_METHOD: request.method,
        CONTENT_TYPE: request.headers['content-type'] ?? '',
        HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
        REMOTE_ADDR: '127.0.0.1',
      },
    })
    request.pipe(child.stdin)
    child.stdin.on('error', () => undefined)
    const chunks: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.on('close', () => {
      const whole = Buffer.concat(chunks)
      const end = whole.indexOf('\r\n\r\n')
      const headers = whole.subarray(0, end).toString('latin1').split('\r\n')
      const status = headers.find(it => /^status:/i.test(it))
      response.statusCode = status === undefined ? 200 : Number.parseInt(status.slice('status:'.length).trim(), 10)
      for (const it of headers) {
        const at = it.indexOf(':')
        if (at > 0 && it !== status) response.setHeader(it.slice(0, at), it.slice(at + 1).trim())
      }
      response.end(whole.subarray(end + 4))
    })
  })
}

interface Place {
  /** A work tree that pushes to what is served. */
  readonly work: string
  readonly url: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** Requests, where it is served by HTTP. */
  readonly seen: string[]
}

const quiet = { PATH: process.env['PATH'], HOME: '/root-of-nobody', GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' }

async function served(): Promise<{ readonly root: string; readonly work: string }> {
  const root = await folder()
  const work = await folder({ 'policies/a.hcl': '# a\n', 'lockstep.yaml': 'ownership: { owner: served }\n' })
  await git(root, 'init', '-q', '--bare', '-b', 'main', 'repo.git')
  await git(work, 'init', '-q', '-b', 'main')
  await git(work, 'remote', 'add', 'origin', join(root, 'repo.git'))
  return { root, work }
}

async function pushed(work: string, message: string, ...more: readonly string[]): Promise<string> {
  await git(work, 'add', '-A')
  await git(work, 'commit', '-q', '--allow-empty', '-m', message, ...more)
  await git(work, 'push', '-q', '--force', 'origin', 'HEAD:main')
  return await git(work, 'rev-parse', 'HEAD')
}

/** `ssh` that runs the command on this machine: what a server's sshd would do, behind the client's own way of asking for it. */
async function sshPlace(): Promise<Place> {
  const { root, work } = await served()
  const dir = await folder()
  const program = join(dir, 'ssh')
  await writeFile(program, '#!/bin/sh\n# the options and the host, then the command\nwhile [ $# -gt 1 ]; do shift; done\nexec sh -c "$1"\n')
  await chmod(program, 0o755)
  const env = { ...quiet, GIT_SSH_COMMAND: program, GIT_SSH_VARIANT: 'simple' }
  return { work, url: `git@host.example:${join(root, 'repo.git')}`, env, seen: [] }
}

const servers: Server[] = []

async function httpPlace(): Promise<Place> {
  const { root, work } = await served()
  const seen: string[] = []
  const server = backend(root, seen).listen(0, '127.0.0.1')
  servers.push(server)
  await once(server, 'listening')
  const bound = server.address()
  return { work, url: `http://127.0.0.1:${typeof bound === 'object' ? bound?.port : 0}/repo.git`, env: quiet, seen }
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )

describe.each([
  ['smart HTTP', httpPlace],
  ['SSH', sshPlace],
] as const)('a repository behind %s', (how, open) => {
  let place: Place
  let clone: ReturnType<typeof cloneOf>

  beforeAll(async () => {
    place = await open()
  })
  afterAll(() => {
    for (const it of servers.splice(0)) {
      it.closeAllConnections()
      it.close()
    }
  })

  async function opened(): Promise<void> {
    place = await open()
    const own = await folder()
    clone = cloneOf({ url: place.url, branch: 'main', folder: join(own, 'clone'), env: place.env, token: 'planted-token' })
  }

  it('is cloned and fetched without its history, and planned from the commit', async () => {
    await opened()
    await pushed(place.work, 'one')
    const second = await pushed(place.work, 'two')
    expect(await clone.update()).toEqual({ id: second, subject: 'two' })
    expect(await git(clone.folder, 'rev-list', '--count', 'HEAD')).toBe('1')
    await put(place.work, { 'policies/b.hcl': '# b\n' })
    const third = await pushed(place.work, 'three')
    expect((await clone.update()).id).toBe(third)
    expect(await git(clone.folder, 'rev-list', '--count', 'HEAD')).toBe('1')
    const planned = await planPhase({
      dir: clone.folder,
      source: { commit: third },
      reader: new FakeTarget(),
      target: { address: 'http://127.0.0.1:8200' },
      env: {},
      now: NOW,
    })
    expect(planned.is === 'planned' ? planned.plan.steps.map(it => it.address) : []).toEqual(['policy/a', 'policy/b'])
    // A path has no credentials; a URL has them in a header, and nowhere else.
    const header = `Basic ${Buffer.from('x-access-token:planted-token').toString('base64')}`
    expect(place.seen.every(it => it.endsWith(header) && !it.includes('planted'))).toBe(true)
    expect(place.seen.length > 0).toBe(how === 'smart HTTP')
    expect(await readFile(join(clone.folder, '.git/config'), 'utf8')).not.toContain('planted')
  })

  it('may be written anew: what is no longer there is gone', async () => {
    await opened()
    await put(place.work, { 'policies/wrong.hcl': '# wrong\n' })
    await pushed(place.work, 'wrong')
    await clone.update()
    await git(place.work, 'rm', '-q', 'policies/wrong.hcl')
    const id = await pushed(place.work, 'right', '--amend')
    expect((await clone.update()).id).toBe(id)
    expect([await exists(join(clone.folder, 'policies/wrong.hcl')), await exists(join(clone.folder, 'policies/a.hcl'))]).toEqual([
      false,
      true,
    ])
  })

  it('without its branch is a failure, and what was fetched stays', async () => {
    await opened()
    const id = await pushed(place.work, 'one')
    await clone.update()
    await git(place.work, 'push', '-q', 'origin', 'HEAD:other')
    await git(place.work, 'push', '-q', '--delete', 'origin', 'other')
    await git(place.work, 'push', '-q', 'origin', 'HEAD:refs/heads/keep')
    const bare = (await git(place.work, 'remote', 'get-url', 'origin')).trim()
    await git(bare, 'update-ref', '-d', 'refs/heads/main')
    await expect(clone.update()).rejects.toThrow(/the branch main cannot be fetched/)
    expect(await git(clone.folder, 'rev-parse', 'HEAD')).toBe(id)
    expect(await exists(join(clone.folder, 'policies/a.hcl'))).toBe(true)
  })

  it('has submodules that are not followed', async () => {
    await opened()
    const other = await folder({ 'evil.hcl': '# from elsewhere\n' })
    await git(other, 'init', '-q', '-b', 'main')
    await git(other, 'add', '-A')
    await git(other, 'commit', '-q', '-m', 'other')
    await git(place.work, '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', other, 'vendor/sub')
    await pushed(place.work, 'with a submodule')
    await clone.update()
    expect(await exists(join(clone.folder, 'vendor/sub/evil.hcl'))).toBe(false)
    expect(await exists(join(clone.folder, 'policies/a.hcl'))).toBe(true)
  })

  it('has commits that are signed and others that are not', async () => {
    await opened()
    const keys = await folder()
    await mkdir(join(keys, 'k'), { recursive: true })
    const key = join(keys, 'k/id')
    const made = spawn('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'ada', '-f', key])
    await once(made, 'close')
    const allowed = join(keys, 'allowed')
    await writeFile(allowed, `ada@example.org ${await readFile(`${key}.pub`, 'utf8')}`)
    await pushed(place.work, 'unsigned')
    const unsigned = await clone.update()
    expect(await verifyCommit(clone.folder, unsigned.id, { allowedSigners: allowed }, quiet)).toMatchObject({ is: 'refused' })
    await git(place.work, '-c', 'gpg.format=ssh', '-c', `user.signingKey=${key}`, 'commit', '-q', '--allow-empty', '-S', '-m', 'signed')
    await git(place.work, 'push', '-q', 'origin', 'HEAD:main')
    const signed = await clone.update()
    expect(await verifyCommit(clone.folder, signed.id, { allowedSigners: allowed }, quiet)).toMatchObject({ is: 'signed' })
  })
})
