import { readdir, readFile, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { Checked, Diagnostic } from '../../kernel/index.ts'
import { type ConfigFile, type Known, readConfigFile } from './file.ts'
import { codes } from './findings.ts'
import { mergeConfig } from './merge.ts'
import type { ServerConfig } from './server-config.ts'

export interface ConfigSources {
  /** Files and folders, in the order in which they count; a folder stands for its *.hcl and *.json, in the order of their names. */
  readonly paths: readonly string[]
  /** Read before them. */
  readonly base?: ConfigFile
  readonly known: Known
}

/** Reads configuration files. No value: something is wrong with them, and what was found says what and where. */
export async function loadConfig({ paths, base, known }: ConfigSources): Promise<Checked<ServerConfig>> {
  const findings: Diagnostic[] = []
  const files: ConfigFile[] = base === undefined ? [] : [base]
  for (const path of await listed(paths, findings)) {
    const text = await readFile(path, 'utf8').catch((cause: unknown) => void findings.push(unreadable(path, cause)))
    if (text === undefined) continue
    const read = readConfigFile({ name: path, text }, known)
    findings.push(...read.findings)
    if (read.value !== undefined) files.push(read.value)
  }
  if (findings.some(it => it.severity === 'error')) return { findings }
  const { value, findings: more } = mergeConfig(files)
  return { ...(value !== undefined && { value }), findings: [...findings, ...more] }
}

async function listed(paths: readonly string[], findings: Diagnostic[]): Promise<readonly string[]> {
  const folders = new Set<string>()
  const found: { readonly path: string; readonly folder: boolean }[] = []
  for (const path of paths) {
    const stats = await stat(path).catch((cause: unknown) => void findings.push(unreadable(path, cause)))
    if (stats === undefined) continue
    if (stats.isDirectory()) folders.add(resolve(path))
    found.push({ path, folder: stats.isDirectory() })
  }
  const all: string[] = []
  for (const { path, folder } of found) {
    if (folder) all.push(...(await filesIn(path, findings)))
    // A file that its folder has brought in already does not count twice.
    else if (!(isConfig(path) && folders.has(dirname(resolve(path))))) all.push(path)
  }
  return all
}

async function filesIn(folder: string, findings: Diagnostic[]): Promise<readonly string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true })
    const names = entries.filter(it => !it.isDirectory() && isConfig(it.name) && !isEditors(it.name)).map(it => it.name)
    return names.sort().map(it => join(folder, it))
  } catch (cause) {
    findings.push(unreadable(folder, cause))
    return []
  }
}

const isConfig = (path: string): boolean => /\.(hcl|json)$/.test(path)

/** What Emacs and Vim leave beside a file. */
const isEditors = (name: string): boolean => /^\.#|^#.*#$|~$/.test(name)

const REASONS: Readonly<Record<string, string>> = { ENOENT: 'there is no such file', EACCES: 'permission denied', EISDIR: 'it is a folder' }

function unreadable(path: string, cause: unknown): Diagnostic {
  const { code, message } = cause as NodeJS.ErrnoException
  return { code: codes.unreadable, severity: 'error', summary: `cannot read ${path}: ${REASONS[code ?? ''] ?? message}` }
}
