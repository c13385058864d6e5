import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { verifyCommit } from '../../../src/reconciler/git/index.ts'
import { commitAll, git } from '../harness/git.ts'
import { folder, put } from '../harness/run.ts'

const run = promisify(execFile)
const env = { PATH: process.env['PATH'], HOME: '/root-of-nobody', GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' }

interface SshSigner {
  readonly key: string
  readonly allowed: string
}

async function sshSigner(name: string): Promise<SshSigner> {
  const dir = await folder({})
  const key = join(dir, 'key')
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', key])
  const { stdout } = await run('cat', [`${key}.pub`])
  const allowed = join(dir, 'allowed_signers')
  await writeFile(allowed, `${name} namespaces="git" ${stdout}`)
  return { key, allowed }
}

async function signedBySsh(dir: string, { key }: SshSigner, message: string): Promise<string> {
  await put(dir, { 'policies/a.hcl': `# ${message}\n` })
  await git(dir, 'add', '-A')
  await git(dir, '-c', 'gpg.format=ssh', '-c', `user.signingKey=${key}`, 'commit', '-q', '-S', '-m', message)
  return await git(dir, 'rev-parse', 'HEAD')
}

describe('a signature by SSH', () => {
  const prepared = async (): Promise<{ readonly dir: string; readonly ada: SshSigner; readonly eve: SshSigner }> => {
    const dir = await folder({ 'policies/a.hcl': '# a\n' })
    await commitAll(dir, 'nobody signs this')
    return { dir, ada: await sshSigner('ada@example.org'), eve: await sshSigner('eve@example.org') }
  }

  it('counts when its key is allowed', async () => {
    const { dir, ada } = await prepared()
    const id = await signedBySsh(dir, ada, 'by ada')
    expect(await verifyCommit(dir, id, { allowedSigners: ada.allowed }, env)).toEqual({
      is: 'signed',
      by: expect.stringMatching(/^ada@example\.org \(SHA256:.+\)$/) as string,
    })
  })

  it('is refused when there is none, by another key, without a file, or for what is no commit', async () => {
    const { dir, ada, eve } = await prepared()
    const first = await git(dir, 'rev-list', '--max-parents=0', 'HEAD')
    expect(await verifyCommit(dir, first, { allowedSigners: ada.allowed }, env)).toEqual({ is: 'refused', why: 'the commit is not signed' })
    const id = await signedBySsh(dir, eve, 'by eve')
    expect(await verifyCommit(dir, id, { allowedSigners: ada.allowed }, env)).toMatchObject({
      is: 'refused',
      why: /not among the allowed signers/,
    })
    expect(await verifyCommit(dir, id, { gpgKeys: ada.allowed }, env)).toMatchObject({ is: 'refused', why: /no file of allowed signers/ })
    expect(await verifyCommit(dir, id, { allowedSigners: join(dir, 'nowhere') }, env)).toMatchObject({ is: 'refused' })
    expect(await verifyCommit(dir, 'HEAD', { allowedSigners: ada.allowed }, env)).toEqual({ is: 'refused', why: 'this is no commit' })
  })

  it('is refused where the signed commit was changed, or the signature stands in the message', async () => {
    const { dir, ada } = await prepared()
    const id = await signedBySsh(dir, ada, 'to be changed')
    const raw = await git(dir, 'cat-file', 'commit', id)
    const forge = async (text: string): Promise<string> => {
      const file = join(await folder({}), 'commit')
      await writeFile(file, `${text}\n`)
      return await git(dir, 'hash-object', '-t', 'commit', '-w', file)
    }
    const changed = await forge(raw.replace('to be changed', 'changed'))
    expect(await verifyCommit(dir, changed, { allowedSigners: ada.allowed }, env)).toMatchObject({ is: 'refused' })
    const signature = /gpgsig [\s\S]+?-----END SSH SIGNATURE-----/.exec(raw)?.[0] ?? ''
    const moved = await forge(`${raw.replace(`${signature}\n`, '')}\n\n${signature}`)
    expect(await verifyCommit(dir, moved, { allowedSigners: ada.allowed }, env)).toEqual({ is: 'refused', why: 'the commit is not signed' })
  })

  it('cannot be made good by the configuration of the repository', async () => {
    const { dir, ada, eve } = await prepared()
    const id = await signedBySsh(dir, eve, 'by eve, with a configuration')
    await git(dir, 'config', 'gpg.ssh.allowedSignersFile', eve.allowed)
    await git(dir, 'config', 'gpg.ssh.program', '/bin/true')
    expect(await verifyCommit(dir, id, { allowedSigners: ada.allowed }, env)).toMatchObject({ is: 'refused' })
  })
})

describe('a signature by OpenPGP', () => {
  interface GpgSigner {
    readonly home: string
    readonly keys: string
  }

  async function gpgSigner(name: string): Promise<GpgSigner> {
    const home = await folder({})
    const gpg = async (...args: readonly string[]): Promise<string> =>
      (await run('gpg', ['--homedir', home, '--batch', '--quiet', '--pinentry-mode', 'loopback', '--passphrase', '', ...args])).stdout
    await run('chmod', ['700', home])
    await gpg('--quick-generate-key', name, 'ed25519', 'sign', 'never')
    const keys = join(home, 'keys.asc')
    await writeFile(keys, await gpg('--armor', '--export', name))
    return { home, keys }
  }

  async function signed(dir: string, { home }: GpgSigner, name: string): Promise<string> {
    const { stdout } = await run(
      'git',
      [
        '-c',
        'user.name=Test',
        '-c',
        'user.email=test@example.org',
        '-c',
        `user.signingKey=${name}`,
        'commit',
        '-q',
        '-S',
        '--allow-empty',
        '-m',
        'x',
      ],
      { cwd: dir, env: { ...env, GNUPGHOME: home } },
    )
    await run('gpgconf', ['--homedir', home, '--kill', 'all'])
    return stdout === '' ? await git(dir, 'rev-parse', 'HEAD') : stdout
  }

  it('counts when its key is among those given, and no other', async () => {
    const dir = await folder({ 'policies/a.hcl': '# a\n' })
    await commitAll(dir, 'nobody signs this')
    const [ada, eve] = [await gpgSigner('ada@example.org'), await gpgSigner('eve@example.org')]
    const id = await signed(dir, ada, 'ada@example.org')
    expect(await verifyCommit(dir, id, { gpgKeys: ada.keys }, env)).toEqual({
      is: 'signed',
      by: expect.stringMatching(/^ada@example\.org \([0-9A-F]{40}\)$/) as string,
    })
    expect(await verifyCommit(dir, id, { gpgKeys: eve.keys }, env)).toMatchObject({ is: 'refused', why: /not among those given/ })
    expect(await verifyCommit(dir, id, { gpgKeys: join(dir, 'nowhere') }, env)).toMatchObject({ is: 'refused', why: /gpg cannot read/ })
    expect(await verifyCommit(dir, id, { allowedSigners: eve.keys }, env)).toMatchObject({ is: 'refused', why: /no file of keys/ })
  })
})
