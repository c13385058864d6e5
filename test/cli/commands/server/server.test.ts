import { X509Certificate, type KeyObject } from 'node:crypto'
import { once } from 'node:events'
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { get } from 'node:https'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { call, forget, newHome, ServerProcess, takenPort } from './process.ts'

const running: ServerProcess[] = []
function start(args: readonly string[], env?: Readonly<Record<string, string>>, home?: string): ServerProcess {
  const server = new ServerProcess(args, env, home)
  running.push(server)
  return server
}
afterEach(async () => {
  for (const server of running.splice(0)) {
    await server.ended('SIGKILL')
    forget(server.home)
  }
})

const dev = ['-dev', '-dev-root-token-id=root', '-dev-listen-address=127.0.0.1:0'] as const

/** A file in a home of its own: `name.hcl` or another, and the home. */
function configured(text: (home: string) => string): { readonly home: string; readonly file: string } {
  const home = newHome()
  const file = join(home, 'server.hcl')
  writeFileSync(file, text(home))
  return { home, file }
}

const lmdb = (home: string): string => `
storage "lmdb" { path = "${home}/store" }
listener "tcp" {
  address     = "127.0.0.1:0"
  tls_disable = true
}
`

describe('server -dev', () => {
  it('is unsealed, has the root token that was asked for and versions secrets at secret/, and says so', async () => {
    const server = start(dev)
    const address = await server.started()
    await server.says('Root Token: root\n')
    expect(server.stdout).toMatch(/^Unseal Key: [A-Za-z0-9+/]{43}=$/m)
    expect(server.stdout).toContain(`export BAO_ADDR='http://${address}'`)
    expect(server.stdout).toContain('API address: http://127.0.0.1:')
    expect((await call(address, 'GET', 'sys/health')).status).toBe(200)
    const mounts = await call(address, 'GET', 'sys/mounts', { token: 'root' })
    expect(mounts.body['secret/']).toMatchObject({ type: 'kv', options: { version: '2' }, description: 'key/value secret storage' })
    const self = await call(address, 'GET', 'auth/token/lookup-self', { token: 'root' })
    expect(self.body['data']).toMatchObject({ id: 'root', policies: ['root'], orphan: true, ttl: 0 })
    const accessors = await call(address, 'GET', 'auth/token/accessors?list=true', { token: 'root' })
    expect((accessors.body['data'] as { keys: unknown[] }).keys).toHaveLength(1)
    expect(readFileSync(join(server.home, '.vault-token'), 'utf8')).toBe('root')
  })

  it('has a CA and a certificate of its own with -dev-tls, which verify by every name of this machine, and are gone with it', async () => {
    const folder = join(newHome(), 'tls')
    const server = start(['-dev-tls', `-dev-tls-cert-dir=${folder}`, '-dev-root-token-id=root', '-dev-listen-address=127.0.0.1:0'])
    const port = (await server.started()).split(':')[1] ?? ''
    await server.says('Root Token: root\n')
    expect(server.stdout).toContain(`BAO_CACERT='${folder}/vault-ca.pem'`)
    expect(server.stdout).toContain(`BAO_ADDR='https://127.0.0.1:${port}'`)
    expect(statSync(join(folder, 'vault-key.pem')).mode & 0o777).toBe(0o400)
    for (const host of ['127.0.0.1', 'localhost']) {
      const asked = get(`https://${host}:${port}/v1/sys/health`, {
        ca: readFileSync(join(folder, 'vault-ca.pem')),
        agent: false,
        family: 4,
      })
      const [answer] = (await once(asked, 'response')) as [IncomingMessage]
      answer.resume()
      expect(answer.statusCode).toBe(200)
    }
    const [ca, cert] = ['vault-ca.pem', 'vault-cert.pem'].map(it => new X509Certificate(readFileSync(join(folder, it))))
    expect(ca?.ca).toBe(true)
    expect(cert?.verify(ca?.publicKey as KeyObject)).toBe(true)
    expect(await server.ended('SIGTERM')).toBe(0)
    expect(readdirSync(folder)).toEqual([])
  })

  it('ends with 0 when it is told to, by either signal', async () => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      const server = start([...dev, '-dev-no-store-token'])
      await server.started()
      expect(await server.ended(signal)).toBe(0)
      expect(server.stdout).toContain('shutdown triggered')
      expect(existsSync(join(server.home, '.vault-token'))).toBe(false)
    }
  })

  it('takes its flags from the environment, under both names', async () => {
    const server = start(['-dev'], { BAO_DEV_LISTEN_ADDRESS: '127.0.0.1:0', VAULT_DEV_ROOT_TOKEN_ID: 'other', BAO_LOG_LEVEL: 'error' })
    const address = await server.started()
    await server.says('Root Token: other\n')
    expect((await call(address, 'GET', 'auth/token/lookup-self', { token: 'other' })).status).toBe(200)
    expect(server.stderr).toBe('')
  })

  it('invents a root token when none was asked for', async () => {
    const server = start(['-dev', '-dev-listen-address=127.0.0.1:0', '-dev-kv-v1'])
    const address = await server.started()
    await server.says(/Root Token: hvs\.\S+\n/)
    const token = /Root Token: (\S+)/.exec(server.stdout)?.[1] ?? ''
    const mounts = await call(address, 'GET', 'sys/mounts', { token })
    expect(mounts.body['secret/']).toMatchObject({ options: { version: '1' } })
  })

  it('says in one line that it cannot have the token that was asked for, or the store', async () => {
    const token = start(['-dev', '-dev-listen-address=127.0.0.1:0', '-dev-root-token-id=a.b'])
    expect(await token.ended()).toBe(1)
    expect(token.stderr).toMatch(/^the development server cannot be set up: .*'\.'.*$/m)
    const { home, file } = configured(it => `storage "lmdb" { path = "${it}/store" }\n`)
    const first = start([...dev, `-config=${file}`], {}, home)
    await first.started()
    await first.ended('SIGTERM')
    const second = start([...dev, `-config=${file}`], {}, home)
    expect(await second.ended()).toBe(1)
    expect(second.stderr).toContain('the development server cannot be set up: Vault is already initialized\n')
  })

  it('says in one line that its port is taken, and ends with 1', async () => {
    const taken = await takenPort()
    const server = start(['-dev', `-dev-listen-address=127.0.0.1:${taken.port}`])
    expect(await server.ended()).toBe(1)
    expect(server.stderr).toContain(`cannot listen on 127.0.0.1:${taken.port}: address already in use\n`)
    expect(server.stderr).not.toMatch(/^\s+at /m)
    taken.free()
  })
})

describe('server -config', () => {
  it('keeps its data over a restart, sealed at first', async () => {
    const { home, file } = configured(lmdb)
    const first = start([`-config=${file}`], {}, home)
    let address = await first.started()
    expect((await call(address, 'GET', 'sys/health')).status).toBe(501)
    const made = await call(address, 'PUT', 'sys/init', { body: { secret_shares: 3, secret_threshold: 2 } })
    const keys = made.body['keys'] as readonly string[]
    const token = made.body['root_token'] as string
    for (const key of keys.slice(0, 2)) await call(address, 'PUT', 'sys/unseal', { body: { key } })
    await call(address, 'POST', 'sys/mounts/kv', { token, body: { type: 'kv' } })
    expect((await call(address, 'POST', 'kv/a', { token, body: { planted: 'marker' } })).status).toBe(204)
    expect(await first.ended('SIGTERM')).toBe(0)

    const second = start([`-config=${file}`], {}, home)
    address = await second.started()
    expect((await call(address, 'GET', 'sys/health')).status).toBe(503)
    for (const key of keys.slice(1)) await call(address, 'PUT', 'sys/unseal', { body: { key } })
    expect((await call(address, 'GET', 'kv/a', { token })).body['data']).toEqual({ planted: 'marker' })
  })

  it('answers the requests that run before it ends', async () => {
    const server = start(dev)
    const address = await server.started()
    const written = Array.from({ length: 50 }, (_, n) =>
      call(address, 'POST', `secret/data/${n}`, { token: 'root', body: { data: { n } } }),
    )
    await Promise.race(written)
    const code = server.ended('SIGTERM')
    const answers = await Promise.allSettled(written)
    expect(await code).toBe(0)
    for (const it of answers) if (it.status === 'fulfilled') expect(it.value.status).toBe(200)
  })

  it('refuses a store that another server has, and one that is damaged, in one line', async () => {
    const { home, file } = configured(lmdb)
    const first = start([`-config=${file}`], {}, home)
    await first.started()
    const second = start([`-config=${file}`], {}, home)
    expect(await second.ended()).toBe(1)
    expect(second.stderr).toMatch(/^cannot open the store: .* is in use by process \d+/)
    await first.ended('SIGTERM')
    for (const name of readdirSync(join(home, 'store')).filter(it => statSync(join(home, 'store', it)).size >= 4096)) {
      truncateSync(join(home, 'store', name), 100)
      appendFileSync(join(home, 'store', name), 'x'.repeat(5000))
    }
    const third = start([`-config=${file}`], {}, home)
    expect(await third.ended()).toBe(1)
    expect(third.stderr).toMatch(/^cannot open the store: /)
    expect(third.stderr.trim().split('\n')).toHaveLength(1)
  })

  it('shows every mistake of its files with place and remedy, and ends with 1', async () => {
    const { home, file } = configured(() => 'storage "lmdb" { paht = "x" }\nlistener "tcp" {}\naudit "file" {}\n')
    const server = start([`-config=${file}`], {}, home)
    expect(await server.ended()).toBe(1)
    expect(server.stderr).toContain(`${file}:1:18: error: storage "lmdb": unknown key "paht" (CONF1001)\n    did you mean "path"?`)
    expect(server.stderr).toContain(`${file}:2:1: error: listener "tcp": tls_cert_file is missing`)
    expect(server.stderr).toContain(`${file}:3:1: error: audit needs a type and a path`)
    expect(server.stdout).toBe('')
  })

  it('is refused without a configuration, with arguments, and with words it does not know', async () => {
    for (const [args, words] of [
      [[], 'a server needs -config=FILE, or -dev to try it out'],
      [['-dev', 'x'], 'server takes no arguments'],
      [['-dev', '-log-level=loud'], 'invalid value for flag -log-level: expected one of trace, debug, info, warn, error'],
      [['-dev', '-dev-loud'], 'flag provided but not defined: -dev-loud'],
    ] as const) {
      const server = start(args)
      expect(await server.ended()).toBe(1)
      expect(server.stderr).toContain(words)
    }
  })

  it('says what its files ask for without effect', async () => {
    const { home, file } = configured(it => `${lmdb(it)}disable_mlock = true\n`)
    const server = start([`-config=${file}`], {}, home)
    await server.says('disable_mlock has no effect', 'stderr')
  })

  it('writes its process number while it runs, and its log where it was told, anew after SIGHUP', async () => {
    const { home, file } = configured(
      it => `${lmdb(it)}pid_file = "${it}/pid"\nlog_file = "${it}/log"\nlog_format = "json"\nlog_level = "info"\n`,
    )
    const server = start([`-config=${file}`], {}, home)
    await server.started()
    expect(readFileSync(join(home, 'pid'), 'utf8')).toBe(`${server.child.pid}\n`)
    renameSync(join(home, 'log'), join(home, 'log.1'))
    server.child.kill('SIGHUP')
    await server.says('"reloading"', 'stderr')
    expect(await server.ended('SIGTERM')).toBe(0)
    expect(existsSync(join(home, 'pid'))).toBe(false)
    expect(readFileSync(join(home, 'log'), 'utf8')).toContain('"@message":"reloading"')
  })

  it('shows a new certificate after SIGHUP, and keeps what it has when the new one cannot be used', async () => {
    const pem = (name: string): string => fileURLToPath(new URL(`../../../vectors/http/tls/${name}`, import.meta.url))
    const { home, file } = configured(
      it => `storage "inmem" {}
listener "tcp" {
  address = "127.0.0.1:0"
  tls_cert_file = "${it}/cert.pem"
  tls_key_file = "${it}/key.pem"
}
`,
    )
    const put = (name: string): void => {
      copyFileSync(pem(`${name}.pem`), join(home, 'cert.pem'))
      copyFileSync(pem(`${name}.key`), join(home, 'key.pem'))
    }
    put('one')
    const server = start([`-config=${file}`], {}, home)
    const address = await server.started()
    expect(server.stdout).toContain(`API address: https://${address}`)
    const shown = (): Promise<string | readonly string[] | undefined> =>
      new Promise((resolve, reject) => {
        const [host, port] = address.split(':')
        const socket = connect({ host: host ?? '', port: Number(port), ca: readFileSync(pem('ca.pem')) }, () => {
          resolve(socket.getPeerCertificate().subject.CN)
          socket.destroy()
        })
        socket.on('error', reject)
      })
    expect(await shown()).toBe('one.lockstep.test')
    copyFileSync(pem('two.pem'), join(home, 'cert.pem'))
    server.child.kill('SIGHUP')
    await server.says('what was there stays in force', 'stderr')
    expect(await shown()).toBe('one.lockstep.test')
    put('two')
    server.child.kill('SIGHUP')
    await server.says(/reloading[^]*reloading[^]*reloaded/, 'stderr')
    expect(await shown()).toBe('two.lockstep.test')
  })

  it('does not start with a certificate that it cannot use', async () => {
    const { home, file } = configured(
      it =>
        `storage "inmem" {}\nlistener "tcp" {\n address = "127.0.0.1:0"\n tls_cert_file = "${it}/none.pem"\n tls_key_file = "${it}/none.key"\n}\n`,
    )
    const server = start([`-config=${file}`], {}, home)
    expect(await server.ended()).toBe(1)
    expect(server.stderr).toMatch(/^cannot read tls_cert_file /)
  })
})
