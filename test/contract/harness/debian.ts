/** Debian's own builds of a server, for a machine that has none: unpacked into the cache, not installed, so nobody needs to be root. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { withLock } from '../../../scripts/lock.mjs'

const cache = fileURLToPath(new URL('../../../.cache/', import.meta.url))
const run = promisify(execFile)

/** Where a program is, and below which folder the rest of what came with it: `/` for what the machine has. */
export interface Program {
  readonly path: string
  readonly root: string
  /** What it must be started with to find its libraries. */
  readonly env: Readonly<Record<string, string>>
}

const found = new Map<string, Promise<Program>>()

/** The machine's own program, else the one in these packages. Looked for once a process: the lock is between processes. */
export function debianProgram(name: string, packages: readonly string[]): Promise<Program> {
  const known = found.get(name) ?? find(name, packages)
  found.set(name, known)
  return known
}

async function find(name: string, packages: readonly string[]): Promise<Program> {
  const path = (process.env['PATH'] ?? '').split(delimiter)
  const own = [...path, '/usr/local/sbin'].map(folder => join(folder, name)).find(existsSync)
  if (own !== undefined) return { path: own, root: '/', env: {} }
  const root = join(cache, 'debian', name)
  await withLock(`${root.replace(/\/debian\//, '/debian-')}.lock`, async () => {
    if (!existsSync(root)) await unpack(root, packages).catch((cause: unknown) => fail(name, packages, cause))
  })
  const unpacked = ['usr/sbin', 'usr/bin'].map(folder => join(root, folder, name)).find(existsSync)
  if (unpacked === undefined) throw new Error(`the Debian packages ${packages.join(', ')} hold no ${name}`)
  const folder = join(root, 'usr/lib')
  const libraries = existsSync(folder) ? (await readdir(folder)).filter(it => it.endsWith('-linux-gnu')).map(it => join(folder, it)) : []
  return { path: unpacked, root, env: { LD_LIBRARY_PATH: libraries.join(delimiter) } }
}

function fail(name: string, packages: readonly string[], cause: unknown): never {
  const said = (cause as { readonly stderr?: string }).stderr?.trim() ?? String(cause)
  throw new Error(`the tests run a real ${name}: install it, or let apt-get fetch ${packages.join(' ')}, which says: ${said}`, { cause })
}

/** The lists of packages are fetched into the cache too: those of the machine may be old, or absent, and are not ours to change. */
async function unpack(root: string, packages: readonly string[]): Promise<void> {
  const lists = join(cache, 'apt')
  await mkdir(join(lists, 'lists', 'partial'), { recursive: true })
  await mkdir(join(lists, 'archives', 'partial'), { recursive: true })
  const work = await mkdtemp(join(cache, 'debian-'))
  const apt = (...args: readonly string[]): Promise<unknown> =>
    run(
      'apt-get',
      ['-q', '-o', `Dir::State::lists=${join(lists, 'lists')}`, '-o', `Dir::Cache=${lists}`, '-o', 'APT::Sandbox::User=', ...args],
      {
        cwd: work,
        maxBuffer: 16 * 1024 * 1024,
      },
    )
  try {
    await apt('update')
    await apt('download', ...packages)
    const tree = join(work, 'tree')
    for (const file of (await readdir(work)).filter(it => it.endsWith('.deb'))) await run('dpkg-deb', ['-x', join(work, file), tree])
    await mkdir(join(root, '..'), { recursive: true })
    await rename(tree, root)
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}
