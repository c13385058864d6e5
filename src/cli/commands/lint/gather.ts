import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join, relative, resolve, sep } from 'node:path'
import { sourceOfBytes } from '../../../hcl/index.ts'
import type { SourceFile } from '../../../kernel/index.ts'
import { type LintSettings, type RepositoryFile } from '../../../reconciler/model/index.ts'
import type { LintInput, PolicyInput } from '../../../reconciler/rules/index.ts'
import { CommandFailed } from '../../command.ts'
import { isAtOrBelow, managedFolder, policiesIn, policyFolders } from '../../policy-files.ts'

/** What is to be linted, and how its files are told apart from those that are only looked at for what they say about it. */
export interface Gathered {
  readonly input: LintInput
  readonly settings?: LintSettings
  /** Of the files that were asked for, by the names that findings have. */
  readonly paths: ReadonlyMap<string, string>
}

export interface Wanted {
  readonly cwd: string
  readonly paths: readonly string[]
  /** The managed repository; absent: the one around the first path. */
  readonly dir: string | undefined
  readonly now: Date
}

/**
 * Files are read one after the other and at once: for thousands of small ones that takes a third of the time that promises do, and
 * nothing else has to happen meanwhile.
 */
export async function gather({ cwd, paths, dir, now }: Wanted): Promise<Gathered> {
  const asked = paths.map(it => ({ path: resolve(cwd, it), said: it }))
  const root = dir ?? managedFolder(asked[0] === undefined ? cwd : existing(asked[0]))
  if (root === undefined && asked.length === 0)
    throw new CommandFailed(`there is no managed repository around ${cwd}; name files or folders, or make a folder policies/ here`)
  const others = root === undefined ? [] : otherFiles(root)
  const policies = new Map<string, PolicyInput>()
  const wanted = new Map<string, string>()
  const want = (path: string): void => {
    const { file, name } = placeOf(path, root, cwd)
    policies.set(file, { file: sourceOfBytes(file, read(path, file)), name })
    wanted.set(file, path)
  }
  for (const it of asked.length === 0 && root !== undefined ? [{ path: root, said: root }] : asked) {
    const isFolder = statSync(existing(it)).isDirectory()
    const below = others.filter(other => isAtOrBelow(join(root ?? '', other.path), it.path))
    for (const { path } of below) wanted.set(path, join(root ?? '', path))
    if (!isFolder && below.length === 0) want(it.path)
    if (isFolder)
      for (const path of root === it.path
        ? policyFolders(root).flatMap(it => policiesIn(it))
        : policiesIn(it.path, others.length > 0 ? root : undefined))
        want(path)
  }
  if (root !== undefined && others.length > 0) {
    for (const path of policiesIn(join(root, 'policies'))) {
      const { file, name } = placeOf(path, root, cwd)
      if (!policies.has(file)) policies.set(file, { file: lateSource(file, path), name, isContext: true })
    }
  }
  const input = { policies: [...policies.values()], now }
  if (others.length === 0) return { input, paths: wanted }
  // Most of the cost of a start is YAML, which policies alone have no use for.
  const { loadWorkspace } = await import('../../../reconciler/load/index.ts')
  const loaded = loadWorkspace(others, { now })
  const files = others.flatMap(({ path, text }) => (text === undefined ? [] : { name: path, text }))
  const resources = loaded.isBroken ? {} : { resources: [...loaded.resources.values()] }
  return { input: { ...input, ...resources, files, loading: loaded.findings }, settings: loaded.settings.lint, paths: wanted }
}

function existing({ path, said }: { readonly path: string; readonly said: string }): string {
  if (existsSync(path)) return path
  throw new CommandFailed(`cannot read ${said}: no such file or folder`)
}

function read(path: string, name: string): Uint8Array {
  try {
    return readFileSync(path)
  } catch (cause) {
    throw new CommandFailed(`cannot read ${name}: ${(cause as Error).message}`, 1, { cause })
  }
}

/** What findings call a policy file, and the name of the policy in it. */
function placeOf(path: string, root: string | undefined, cwd: string): { readonly file: string; readonly name: string } {
  const file = relative(root !== undefined && isAtOrBelow(path, root) ? root : cwd, path)
    .split(sep)
    .join('/')
  return { file, name: /^(?:targets\/[^/]+\/)?policies\/(.+)\.hcl$/.exec(file)?.[1] ?? basename(path, '.hcl') }
}

/** Read when somebody asks what it says. */
function lateSource(name: string, path: string): SourceFile {
  let text: string | undefined
  return {
    name,
    get text() {
      return (text ??= sourceOfBytes(name, read(path, name)).text)
    },
  }
}

/** What the repository says of mounts and roles, and its settings. */
function otherFiles(root: string): readonly RepositoryFile[] {
  const found: RepositoryFile[] = []
  const walk = (folder: string): void => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = `${folder}/${entry.name}`
      if (entry.isDirectory()) walk(path)
      else if (entry.isFile()) found.push({ path, text: sourceOfBytes(path, read(join(root, path), path)).text })
    }
  }
  for (const folder of ['roles', 'engines']) if (existsSync(join(root, folder))) walk(folder)
  const settings = join(root, 'lockstep.yaml')
  if (existsSync(settings))
    found.push({ path: 'lockstep.yaml', text: sourceOfBytes('lockstep.yaml', read(settings, 'lockstep.yaml')).text })
  return found
}
