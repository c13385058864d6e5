/** GnuPG as the other side: it makes keys, and reads what is sent to them. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Gpg {
  /** A key that signs, and, where it is said, a subkey to encrypt to. The fingerprint. */
  make(user: string, primary: string, subkey?: string, expires?: string): string
  /** What a person answers, line by line. */
  edit(key: string, commands: readonly string[], answers: readonly string[]): void
  /** The public key in base64, as the API takes it. */
  exported(user: string): string
  fingerprints(user: string): readonly string[]
  decrypt(message: Uint8Array): string
  close(): void
}

export function openGpg(): Gpg {
  // Sockets have short paths only.
  const home = mkdtempSync(join(tmpdir(), 'gpg-'))
  const fixed = [
    '--homedir',
    home,
    '--batch',
    '--quiet',
    '--yes',
    '--pinentry-mode',
    'loopback',
    '--passphrase',
    '',
    '--trust-model',
    'always',
  ]
  const run = (args: readonly string[], input: Uint8Array = new Uint8Array()): Buffer =>
    execFileSync('gpg', [...fixed, ...args], { input, stdio: ['pipe', 'pipe', 'pipe'] })
  const fingerprints = (user: string): readonly string[] =>
    run(['--list-keys', '--with-colons', user])
      .toString()
      .split('\n')
      .filter(line => line.startsWith('fpr:'))
      .map(line => (line.split(':')[9] ?? '').toLowerCase())
  return {
    make(user, primary, subkey, expires = 'never') {
      const then = expires === 'never' ? [] : ['--faked-system-time', '20200101T000000!']
      run([...then, '--quick-generate-key', user, primary, 'sign', expires])
      const [fingerprint = ''] = fingerprints(user)
      if (subkey !== undefined) run([...then, '--quick-add-key', fingerprint, subkey, 'encr', expires])
      return fingerprint
    },
    edit(key, commands, answers) {
      const asked = fixed.filter(it => it !== '--batch')
      execFileSync('gpg', [...asked, '--no-tty', '--command-fd', '0', '--edit-key', key, ...commands], {
        input: answers.map(it => `${it}\n`).join(''),
        stdio: ['pipe', 'pipe', 'pipe'],
      })
    },
    exported: user => run(['--export', user]).toString('base64'),
    fingerprints,
    decrypt: message => run(['--decrypt'], message).toString(),
    close() {
      execFileSync('gpgconf', ['--homedir', home, '--kill', 'all'])
      rmSync(home, { recursive: true, force: true })
    },
  }
}
