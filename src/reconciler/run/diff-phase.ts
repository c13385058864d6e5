import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { parsePolicy } from '../../hcl/index.ts'
import type { Diagnostic } from '../../kernel/index.ts'
import { holderDelta, readAccess, type Described } from '../access/index.ts'
import { managedFolders, loadWorkspace, readFolder } from '../load/index.ts'
import { hasErrors, policyAddress, type AccessEntry, type RepositoryFile } from '../model/index.ts'
import { readSource, SourceUnusable } from './source.ts'

export interface DiffOptions {
  /** The managed folder, in whose repository commits are looked up. */
  readonly dir: string | undefined
  /** What file and folder names are relative to. */
  readonly cwd: string
  readonly environment?: string
  readonly now: Date
}

/** `broken`: a side cannot be read, so nothing may be concluded. */
export type Diffed =
  { readonly is: 'compared'; readonly access: readonly AccessEntry[] } | { readonly is: 'broken'; readonly findings: readonly Diagnostic[] }

/**
 * Compares who can reach what on two sides, each a policy file, a folder, or a commit. Without a second one, the first is compared
 * with the managed folder as it lies.
 */
export async function diffPhase(old: string, fresh: string | undefined, options: DiffOptions): Promise<Diffed> {
  const [before, after] = [await sideOf(old, options), await sideOf(fresh, options)]
  const findings = [...before.findings, ...after.findings]
  if (hasErrors(findings)) return { is: 'broken', findings }
  // Two files are two versions of one policy, whatever they are called.
  const name = before.policyFile === undefined ? undefined : after.policyFile
  const [left, right] = [name === undefined ? before.resources : renamed(before.resources, name), after.resources]
  const { now } = options
  return { is: 'compared', access: holderDelta(readAccess(left, { now }), readAccess(right, { now }), now) }
}

interface Side {
  readonly resources: readonly Described[]
  readonly findings: readonly Diagnostic[]
  /** The name of the one policy that this side is. */
  readonly policyFile?: string
}

const renamed = (resources: readonly Described[], name: string): readonly Described[] =>
  resources.map(it => ({ ...it, address: policyAddress(name) }))

async function sideOf(named: string | undefined, options: DiffOptions): Promise<Side> {
  if (named === undefined) return workspaceSide((await readSource(folderOf(options), 'worktree')).files, options)
  const path = resolve(options.cwd, named)
  const there = await stat(path).catch(() => undefined)
  if (there?.isFile() === true) return await policySide(path, options.now)
  if (there?.isDirectory() === true) return await folderSide(path, options)
  if (options.dir === undefined)
    throw new SourceUnusable(`${named} is no file or folder, and there is no repository here with such a commit`)
  return workspaceSide((await readSource(options.dir, { commit: named })).files, options)
}

function folderOf({ dir, cwd }: DiffOptions): string {
  if (dir === undefined)
    throw new SourceUnusable(`there is no managed repository around ${cwd}; name a second side, or the folder with -dir`)
  return dir
}

function workspaceSide(files: readonly RepositoryFile[], { now, environment }: DiffOptions): Side {
  const { resources, findings } = loadWorkspace(files, { now, ...(environment === undefined ? {} : { environment }) })
  return { resources: [...resources.values()], findings }
}

async function policySide(path: string, now: Date): Promise<Side> {
  const name = basename(path)
    .replace(/\.(?:hcl|json)$/, '')
    .toLowerCase()
  const text = await readFile(path, 'utf8')
  return { ...policyOf(name, path, text, now), policyFile: name }
}

function policyOf(name: string, file: string, text: string, now: Date): Side {
  const { findings } = parsePolicy({ name: file, text }, { now })
  return { resources: [{ address: policyAddress(name), values: { policy: text } }], findings }
}

/** A managed repository, or a folder of policies alone. */
async function folderSide(path: string, options: DiffOptions): Promise<Side> {
  const names = new Set(await readdir(path))
  if (managedFolders.some(it => names.has(it.replace(/\/$/, '')))) return workspaceSide(await readFolder(path), options)
  const files = (await readdir(path, { recursive: true })).filter(it => it.endsWith('.hcl')).sort()
  const sides = await Promise.all(
    files.map(async file =>
      policyOf(file.replace(/\.hcl$/, '').toLowerCase(), join(path, file), await readFile(join(path, file), 'utf8'), options.now),
    ),
  )
  return { resources: sides.flatMap(it => it.resources), findings: sides.flatMap(it => it.findings) }
}
