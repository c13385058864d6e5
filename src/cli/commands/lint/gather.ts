import { existsSync, readFileSync, statSync } from 'node:fs'
import { basename, join, relative, resolve, sep } from 'node:path'
import { sourceOfBytes } from '../../../hcl/index.ts'
import type { SourceFile } from '../../../kernel/index.ts'
import { describingFiles, isAtOrBelow, managedFolder, policiesIn, policyFolders } from '../../../reconciler/files/index.ts'
import type { LintTexts } from '../../../reconciler/lint/index.ts'
import type { PolicyInput } from '../../../reconciler/rules/index.ts'
import { CommandFailed } from '../../command.ts'

/** What is to be linted, and how its files are told apart from those that are only looked at for what they say about it. */
export interface Gathered {
  readonly texts: LintTexts
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

export function gather({ cwd, paths, dir, now }: Wanted): Gathered {
  const asked = paths.map(it => ({ path: resolve(cwd, it), said: it }))
  const root = dir ?? managedFolder(asked[0] === undefined ? cwd : existing(asked[0]))
  if (root === undefined && asked.length === 0)
    throw new CommandFailed(`there is no managed repository around ${cwd}; name files or folders, or make a folder policies/ here`)
  const others = (root === undefined ? [] : describingFiles(root)).map(path => ({ path, text: textOf(join(root ?? '', path), path) }))
  const policies = new Map<string, PolicyInput>()
  const wanted = new Map<string, string>()
  const want = (path: string): void => {
    const { file, name } = placeOf(path, root, cwd)
    policies.set(file, { file: { name: file, text: textOf(path, file) }, name })
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
    for (const path of policyFolders(root).flatMap(it => policiesIn(it))) {
      const { file, name } = placeOf(path, root, cwd)
      if (!policies.has(file)) policies.set(file, { file: lateSource(file, path), name, isContext: true })
    }
  }
  return { texts: { policies: [...policies.values()], others, now }, paths: wanted }
}

function existing({ path, said }: { readonly path: string; readonly said: string }): string {
  if (existsSync(path)) return path
  throw new CommandFailed(`cannot read ${said}: no such file or folder`)
}

function textOf(path: string, name: string): string {
  try {
    return sourceOfBytes(name, readFileSync(path)).text
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
      return (text ??= textOf(path, name))
    },
  }
}
