import { mkdtemp, rm } from 'node:fs/promises'
import { execFile } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { firstLineOf, gitAnswer, GitSaid, type GitEnv } from './run-git.ts'

/** Whose signature counts. At least one of the two. */
export interface Signers {
  /** A file of allowed signers (ssh-keygen(1), ALLOWED SIGNERS). */
  readonly allowedSigners?: string
  /** A file of OpenPGP public keys, armoured or not. Nothing of anybody's own key ring is asked. */
  readonly gpgKeys?: string
}

export type Verdict = { readonly is: 'signed'; readonly by: string } | { readonly is: 'refused'; readonly why: string }

const refused = (why: string): Verdict => ({ is: 'refused', why })

/** Whether a commit bears a good signature of somebody who is allowed to sign. What cannot be checked is refused. */
export async function verifyCommit(folder: string, id: string, signers: Signers, env: GitEnv): Promise<Verdict> {
  if (!/^[0-9a-f]{40,64}$/.test(id)) return refused('this is no commit')
  try {
    const { stdout } = await gitAnswer(folder, ['cat-file', 'commit', id], env)
    // The header ends at the first empty line; what stands behind it is a message, and proves nothing.
    const header = stdout.slice(0, stdout.indexOf('\n\n'))
    const kind = /^gpgsig(?:-sha256)? -----BEGIN (SSH SIGNATURE|PGP SIGNATURE|PGP MESSAGE|SIGNED MESSAGE)-----$/m.exec(header)?.[1]
    if (kind === undefined) return refused('the commit is not signed')
    if (kind === 'SSH SIGNATURE') return await verifySsh(folder, id, signers, env)
    if (kind === 'SIGNED MESSAGE') return refused('the commit is signed by X.509, and only SSH and OpenPGP signatures are checked')
    return await verifyGpg(folder, id, signers, env)
  } catch (cause) {
    return refused(`the signature cannot be checked: ${firstLineOf(cause)}`)
  }
}

async function verifySsh(folder: string, id: string, { allowedSigners }: Signers, env: GitEnv): Promise<Verdict> {
  if (allowedSigners === undefined) return refused('the commit is signed by SSH, and no file of allowed signers is given')
  const options = [
    'gpg.format=ssh',
    `gpg.ssh.allowedSignersFile=${allowedSigners}`,
    'gpg.ssh.program=ssh-keygen',
    'gpg.ssh.revocationFile=',
  ]
  const said = await verifying(folder, id, options, env)
  const by = /^Good "git" signature for (.+) with \S+ key (\S+)$/m.exec(said.text)
  if (!said.isGood || by === null)
    return refused('the commit is signed by a key that is not among the allowed signers, or its signature is bad')
  return { is: 'signed', by: `${by[1] ?? ''} (${by[2] ?? ''})` }
}

/** GnuPG's words for what was once good and does not count any more. */
const SPOILT = /^\[GNUPG:\] (?:BADSIG|ERRSIG|EXPSIG|EXPKEYSIG|REVKEYSIG|KEYREVOKED)\b/m

async function verifyGpg(folder: string, id: string, { gpgKeys }: Signers, env: GitEnv): Promise<Verdict> {
  if (gpgKeys === undefined) return refused('the commit is signed by OpenPGP, and no file of keys is given')
  // A key ring with these keys and no other, so that whoever is in it is allowed.
  const home = await mkdtemp(join(tmpdir(), 'lockstep-gpg-'))
  try {
    const own = { ...env, GNUPGHOME: home }
    await promisify(execFile)('gpg', ['--batch', '--quiet', '--no-autostart', '--import', gpgKeys], {
      env: { ...own },
      timeout: 60_000,
    }).catch((cause: NodeJS.ErrnoException & { readonly stderr?: string }) => {
      throw new GitSaid(cause.code === 'ENOENT' ? 'there is no gpg on this machine' : `gpg cannot read ${gpgKeys}`, { cause })
    })
    const said = await verifying(folder, id, ['gpg.format=openpgp', 'gpg.program=gpg', 'gpg.minTrustLevel=undefined'], own)
    const by = /^\[GNUPG:\] GOODSIG \S+ (.+)$/m.exec(said.text)?.[1]
    const key = /^\[GNUPG:\] VALIDSIG (\S+)/m.exec(said.text)?.[1]
    if (SPOILT.test(said.text) || by === undefined || key === undefined)
      return refused('the commit is signed by a key that is not among those given, is expired or revoked, or its signature is bad')
    return { is: 'signed', by: `${by} (${key})` }
  } finally {
    await rm(home, { recursive: true, force: true })
  }
}

async function verifying(
  folder: string,
  id: string,
  options: readonly string[],
  env: GitEnv,
): Promise<{ readonly isGood: boolean; readonly text: string }> {
  const args = [...options.flatMap(it => ['-c', it]), 'verify-commit', '--raw', id]
  try {
    const { stdout, stderr } = await gitAnswer(folder, args, env)
    return { isGood: true, text: `${stdout}\n${stderr}` }
  } catch (cause) {
    if (cause instanceof GitSaid) return { isGood: false, text: cause.stderr }
    throw cause
  }
}
