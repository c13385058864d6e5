import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, chownSync, cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { debianProgram } from './debian.ts'
import { freePort } from './server.ts'

/** A real sshd on a port of its own, with one user, and what an ssh client needs beside it. */
export interface Sshd {
  readonly port: number
  readonly user: string
  /** A folder that is removed with it. */
  readonly home: string
  /** Runs one of OpenSSH's own programs. */
  run(program: 'ssh' | 'ssh-keygen', args: readonly string[]): { readonly code: number | null; readonly out: string; readonly err: string }
  /** How to start them: for others who run ssh. */
  readonly ssh: string
  readonly env: Readonly<Record<string, string>>
  log(): string
  stop(): Promise<void>
}

export interface SshdOptions {
  /** Public key of the CA whose certificates log in. */
  readonly userCa: string
  /** Signs the host's public key; gives its certificate. */
  readonly hostCertificate?: (publicKey: string) => Promise<string>
}

const PACKAGES = [
  'openssh-server',
  'openssh-client',
  'libnss-wrapper',
  'libwrap0',
  'libaudit1',
  'libcap-ng0',
  'libselinux1',
  'libgssapi-krb5-2',
  'libkrb5-3',
  'libkrb5support0',
  'libk5crypto3',
  'libkeyutils1',
  'libcom-err2',
  'libpam0g',
  'libsystemd0',
  'libedit2',
  'libfido2-1',
  'libcbor0.8',
  'libbsd0',
  'libmd0',
]
/** sshd drops root's powers only into an account that a machine may not have, so as root it is started as nobody. */
const NOBODY = 65534
const USER = 'ann'

export async function startSshd({ userCa, hostCertificate }: SshdOptions): Promise<Sshd> {
  const { root } = await debianProgram('sshd', PACKAGES)
  const asRoot = process.getuid?.() === 0
  const uid = asRoot ? NOBODY : (process.getuid?.() ?? NOBODY)
  const home = mkdtempSync(join(tmpdir(), 'lockstep-sshd-'))
  const own = (path: string, mode: number): string => {
    chmodSync(path, mode)
    if (asRoot) chownSync(path, uid, uid)
    return path
  }
  own(home, 0o755)
  // The cache may lie where nobody else can read.
  const libraries = join(home, 'lib')
  mkdirSync(libraries)
  const arch = readdirSync(join(root, 'usr/lib')).find(it => it.endsWith('-linux-gnu')) ?? ''
  cpSync(join(root, 'usr/lib', arch), libraries, { recursive: true, verbatimSymlinks: true })
  const sshd = join(home, 'sshd')
  cpSync(join(root, 'usr/sbin/sshd'), sshd)
  const place = (name: string, text: string): string => {
    writeFileSync(join(home, name), text)
    return own(join(home, name), 0o600)
  }
  const env = { LD_LIBRARY_PATH: libraries }
  const run: Sshd['run'] = (program, args) => {
    const done = spawnSync(join(root, 'usr/bin', program), [...args], {
      env: { ...process.env, ...env },
      encoding: 'utf8',
      timeout: 20_000,
    })
    return { code: done.status, out: done.stdout, err: done.stderr }
  }
  const hostKey = join(home, 'host')
  const made = run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'host', '-f', hostKey])
  if (made.code !== 0) throw new Error(`ssh-keygen makes no key: ${made.err}`)
  own(hostKey, 0o600)
  const port = await freePort()
  const config = [
    'ListenAddress 127.0.0.1',
    `Port ${port}`,
    `HostKey ${hostKey}`,
    `TrustedUserCAKeys ${place('user-ca.pub', userCa)}`,
    'AuthorizedKeysFile none',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'UsePAM no',
    'StrictModes no',
    'PidFile none',
    'LogLevel VERBOSE',
  ]
  if (hostCertificate !== undefined) {
    const { out } = run('ssh-keygen', ['-y', '-f', hostKey])
    config.push(`HostCertificate ${place('host-cert.pub', await hostCertificate(out))}`)
  }
  const accounts = place('passwd', `${USER}:x:${uid}:${uid}:Ann:${home}:/bin/sh\n`)
  const groups = place('group', `${USER}:x:${uid}:\n`)
  chmodSync(accounts, 0o644)
  chmodSync(groups, 0o644)
  const child = spawn(sshd, ['-D', '-e', '-f', place('sshd_config', `${config.join('\n')}\n`)], {
    cwd: home,
    env: { ...env, LD_PRELOAD: join(libraries, 'libnss_wrapper.so'), NSS_WRAPPER_PASSWD: accounts, NSS_WRAPPER_GROUP: groups },
    stdio: ['ignore', 'ignore', 'pipe'],
    ...(asRoot && { uid, gid: uid }),
  })
  let log = ''
  const end = (): boolean => child.kill('SIGKILL')
  process.once('exit', end)
  await new Promise<void>((ready, fail) => {
    child.stderr.on('data', (chunk: Buffer) => {
      log += chunk.toString()
      if (log.includes('Server listening')) ready()
    })
    child.once('exit', () => fail(new Error(`${basename(sshd)} ended:\n${log}`)))
  })
  return {
    port,
    user: USER,
    home,
    run,
    ssh: join(root, 'usr/bin/ssh'),
    env,
    log: () => log,
    async stop() {
      process.off('exit', end)
      const ended = new Promise(done => child.once('exit', done))
      if (child.kill('SIGKILL')) await ended
      rmSync(home, { recursive: true, force: true })
    },
  }
}
