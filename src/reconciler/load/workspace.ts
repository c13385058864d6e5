import { invariant, nearest, type Checked, type Diagnostic, type SourceFile, type SourceRange } from '../../kernel/index.ts'
import {
  apiPath,
  defaultSettings,
  digestOf,
  digestOfText,
  errorAt,
  fileRange,
  finding,
  hasErrors,
  homeAddress,
  isMountAddress,
  mountAddress,
  mountBelow,
  sortFindings,
  type Address,
  type Digest,
  type MapNode,
  type MountTable,
  type RepositoryFile,
  type Resource,
  type Settings,
  type SourceNode,
} from '../model/index.ts'
import { mountTypes, type Collection, type MountType } from '../shapes/index.ts'
import { readApiFile } from './api-file.ts'
import { managedFolders, settingsFile } from './folder.ts'
import { readHcl } from './hcl.ts'
import { homeFileAt, homeFolders, homeSections } from './home-files.ts'
import { readMountFile, type MountFile } from './mount-file.ts'
import { readMember, readSections, type Place } from './mount-sections.ts'
import { mountPathProblem } from './names.ts'
import { settledMoves } from './moves.ts'
import { readPolicyFile } from './policy-file.ts'
import { readSettings } from './settings-file.ts'
import { readYaml } from './yaml.ts'

/** Everything that a repository says. `findings` with an error: nothing may be concluded from the rest. */
export interface Workspace {
  readonly settings: Settings
  readonly resources: ReadonlyMap<Address, Resource>
  readonly findings: readonly Diagnostic[]
  readonly files: Digest
  readonly isBroken: boolean
}

export interface WorkspaceOptions {
  readonly now: Date
  /** Files below `targets/<environment>/` stand in for, or add to, those of the same path at the top. */
  readonly environment?: string
}

export function loadWorkspace(files: readonly RepositoryFile[], options: WorkspaceOptions): Workspace {
  const reading = new Reading(options)
  const chosen = overlaid(files, options.environment)
  reading.read(chosen)
  const findings = sortFindings(reading.findings)
  return {
    settings: reading.settings,
    resources: new Map([...reading.resources].sort(([a], [b]) => (a < b ? -1 : 1))),
    findings,
    files: digestOf(chosen.map(it => [it.path, digestOfText(it.text ?? '')])),
    isBroken: hasErrors(findings),
  }
}

const OVERLAYS = 'targets/'

/** The files of one environment, each with the path that it stands for. */
function overlaid(files: readonly RepositoryFile[], environment: string | undefined): readonly ManagedFile[] {
  const base = files.filter(it => !it.path.startsWith(OVERLAYS)).map(it => ({ ...it, as: it.path }))
  if (environment === undefined) return base
  const prefix = `${OVERLAYS}${environment}/`
  const over = files.filter(it => it.path.startsWith(prefix)).map(it => ({ ...it, as: it.path.slice(prefix.length) }))
  const replaced = new Set(over.map(it => it.as))
  return [...base.filter(it => !replaced.has(it.as)), ...over]
}

interface ManagedFile extends RepositoryFile {
  /** Its path without an overlay's folder: what decides what the file describes. */
  readonly as: string
}

const tables: Readonly<Record<string, MountTable>> = { roles: 'auth', engines: 'engine' }

const DATA_FILE = /^(.+)\.(?:yaml|hcl)$/

const readData = (file: SourceFile): Checked<SourceNode> => (file.name.endsWith('.hcl') ? readHcl(file) : readYaml(file))

/** Files that people keep beside others. */
const BYSTANDER = /(^|\/)(README|CODEOWNERS|OWNERS|LICENSE|\.git[a-z]*|\.editorconfig|\.keep)(\.[a-z]+)?$|\.md$/i

class Reading {
  settings: Settings = defaultSettings
  readonly resources = new Map<Address, Resource>()
  readonly findings: Diagnostic[] = []
  readonly #now: Date
  readonly #mounts = new Map<string, { readonly address: Address; readonly type: MountType | undefined }>()

  constructor({ now }: WorkspaceOptions) {
    this.#now = now
  }

  read(files: readonly ManagedFile[]): void {
    const members: ManagedFile[] = []
    // Mount files by length, so that a mount is known before what lies in a folder of its name.
    for (const file of files.toSorted((a, b) => a.as.length - b.as.length || (a.as < b.as ? -1 : 1))) {
      if (file.text === undefined) this.findings.push(errorAt('LOAD0001', fileRange(file.path), file.problem ?? 'the file cannot be read'))
      else this.#readFile(file, { name: file.path, text: file.text }, members)
    }
    for (const file of members) this.#readMemberFile(file)
    for (const resource of this.resources.values()) {
      if (resource.kind === 'api') this.#place(resource)
      this.#checkIgnored(resource)
    }
    const moves = settledMoves(this.settings.moved, this.resources, this.#now)
    this.findings.push(...moves.findings)
    this.settings = { ...this.settings, moved: moves.moves }
    for (const resource of moves.kept) this.#add(resource)
  }

  #readFile(file: ManagedFile, source: SourceFile, members: ManagedFile[]): void {
    const [folder = '', ...rest] = file.as.split('/')
    if (file.as === settingsFile) return this.#readSettings(source)
    if (BYSTANDER.test(file.as)) return undefined
    if (rest.length === 0) return this.#stray(file, `nothing is expected at ${file.as}`)
    const table = tables[folder]
    if (folder === 'policies') return this.#readPolicy(file, source, rest.join('/'))
    if (folder === 'api') return this.#readApi(file, source, rest.join('/'))
    if (homeFolders.includes(folder)) return this.#readHome(file, source)
    if (table === undefined) {
      const near = nearest(folder, managedFolders)
      return this.#stray(file, `there is no folder ${folder}/${near === undefined ? '' : `; did you mean ${near}/?`}`)
    }
    const path = DATA_FILE.exec(rest.join('/'))?.[1]
    if (path === undefined) return this.#stray(file, 'a file here is named <mount>.yaml or <mount>.hcl')
    const isMember = [...this.#mounts.keys()].some(it => `${folder}/${path}`.startsWith(`${it}/`)) || this.#isBuiltInMember(table, path)
    if (isMember) members.push(file)
    else this.#readMount(file, source, table, path)
    return undefined
  }

  #stray(file: ManagedFile, why: string): void {
    this.findings.push(
      errorAt(
        'LOAD0009',
        fileRange(file.path),
        why,
        'a file that is not understood could be one that was misnamed, and its object would be deleted',
      ),
    )
  }

  #readSettings(source: SourceFile): void {
    const read = readSettings(source, this.#now)
    this.findings.push(...read.findings)
    this.settings = read.value ?? this.settings
  }

  #readPolicy(file: ManagedFile, source: SourceFile, path: string): void {
    const name = /^(.+)\.hcl$/.exec(path)?.[1]
    if (name === undefined) return this.#stray(file, 'a policy is a file named <name>.hcl')
    const read = readPolicyFile(file.path, name, source.text, this.#now)
    this.findings.push(...read.findings)
    if (read.value !== undefined) this.#add(read.value)
    return undefined
  }

  /** What lies on a mount of these files goes with it. */
  #place(resource: Resource): void {
    const path = apiPath(resource.address)
    const mount = mountBelow(
      (path.startsWith('auth/') ? path : `engine/${path}`) as Address,
      [...this.resources.keys()].filter(isMountAddress),
    )
    if (mount !== undefined) this.resources.set(resource.address, { ...resource, mount })
  }

  #readApi(file: ManagedFile, source: SourceFile, rest: string): void {
    const path = DATA_FILE.exec(rest)?.[1]
    if (path === undefined) return this.#stray(file, 'a file here is named <path of the API>.yaml')
    const data = readData(source)
    this.findings.push(...data.findings)
    if (data.value === undefined) return undefined
    const made = readApiFile(file.path, path, data.value, this.findings)
    if (made !== undefined) this.#add(made)
    return undefined
  }

  /** `quotas/rate-limit.yaml`, `identity/groups/<name>.yaml`, `password-policies/<name>.hcl`. */
  #readHome(file: ManagedFile, source: SourceFile): void {
    const at = /^(.+)\.(yaml|hcl)$/.exec(file.as)
    const found = at === null ? undefined : homeFileAt(at[1] ?? '')
    if (found === undefined) {
      const expected = homeSections
        .filter(it => it.key.split('/')[0] === file.as.split('/')[0])
        .map(it => (it.key.includes('/') ? `${it.key}.yaml` : `${it.key}/<name>.yaml`))
      return this.#stray(file, `files here are named ${expected.join(', ')}, or one object a file in a folder of that name`)
    }
    const { home, type, key, section, name } = found
    const place = { mount: homeAddress(home), type }
    if (name !== undefined && section.is === 'collection' && section.text !== undefined && at?.[2] === 'hcl') {
      const value: SourceNode = { is: 'scalar', value: source.text, at: fileRange(file.path) }
      const text: MapNode = { is: 'map', entries: [{ key: section.text, keyAt: value.at, value }], at: value.at }
      for (const it of readMember(section, name, value.at, text, place, this.findings)) this.#add(it)
      return undefined
    }
    const data = readData(source)
    this.findings.push(...data.findings)
    if (data.value === undefined) return undefined
    if (data.value.is !== 'map') {
      this.findings.push(errorAt('LOAD0004', data.value.at, 'expected a map'))
      return undefined
    }
    const entry = { key, keyAt: fileRange(file.path), value: data.value }
    const made =
      name === undefined || section.is !== 'collection'
        ? readSections([entry], place, undefined, this.findings)
        : readMember(section, name, fileRange(file.path), data.value, place, this.findings)
    for (const it of made) this.#add(it)
    return undefined
  }

  #isBuiltInMember(table: MountTable, path: string): boolean {
    return Object.values(mountTypes).some(it => it.table === table && it.builtInAt !== undefined && path.startsWith(`${it.builtInAt}/`))
  }

  #readMount(file: ManagedFile, source: SourceFile, table: MountTable, path: string): void {
    const builtIn = Object.values(mountTypes).some(it => it.table === table && it.builtInAt === path)
    const problem = builtIn ? undefined : mountPathProblem(table, path)
    if (problem !== undefined) {
      this.findings.push(errorAt('LOAD0007', fileRange(file.path), `"${path}" cannot be a mount: ${problem}`))
      return
    }
    const data = readData(source)
    const read: Checked<MountFile> =
      data.value === undefined ? { findings: data.findings } : readMountFile(file.path, table, path, data.value)
    this.findings.push(...read.findings)
    // Also a broken file is a mount, so that what lies below it is not taken for mounts.
    this.#mounts.set(file.as.replace(DATA_FILE, '$1'), { address: mountAddress(table, path), type: read.value?.type })
    for (const resource of read.value?.resources ?? []) this.#add(resource)
  }

  /** `roles/<mount>/<collection>/<name>.yaml`. */
  #readMemberFile(file: ManagedFile): void {
    const path = file.as.replace(DATA_FILE, '$1')
    const [key, mount] = [...this.#mounts].find(([it]) => path.startsWith(`${it}/`)) ?? this.#builtInAbove(path)
    // Nothing is known of a mount whose own file is broken, and that file has said so.
    if (mount.type === undefined && hasErrors(this.findings)) return
    const [name = '', ...names] = path.slice(key.length + 1).split('/')
    const section = mount.type?.sections[name]
    if (section?.is === 'collection' && names.length === 1) {
      this.#readMember(file, section, names[0] as string, { mount: mount.address, type: mount.type as MountType })
      return
    }
    const collections = Object.entries(mount.type?.sections ?? {}).flatMap(([it, { is }]) => (is === 'collection' ? it : []))
    const expected = collections.map(it => `${key}/${it}/<name>.yaml`).join(' or ')
    this.#stray(file, expected === '' ? `nothing on ${mount.address} is described in files of its own` : `a file here is named ${expected}`)
  }

  #builtInAbove(path: string): [string, { readonly address: Address; readonly type: MountType | undefined }] {
    const [folder = ''] = path.split('/')
    const table = tables[folder]
    const type = Object.values(mountTypes).find(it => it.table === table && path.startsWith(`${folder}/${it.builtInAt ?? '/'}/`))
    invariant(type?.builtInAt, 'only files below a mount are read as its members')
    return [`${folder}/${type.builtInAt}`, { address: mountAddress(table as MountTable, type.builtInAt), type }]
  }

  #readMember(file: ManagedFile, section: Collection, name: string, place: Place): void {
    const data = readData({ name: file.path, text: file.text ?? '' })
    this.findings.push(...data.findings)
    if (data.value === undefined) return
    if (data.value.is !== 'map') {
      this.findings.push(errorAt('LOAD0004', data.value.at, `expected a map with what the ${section.noun} says, or {}`))
      return
    }
    for (const resource of readMember(section, name, fileRange(file.path), data.value, place, this.findings)) this.#add(resource)
  }

  #add(resource: Resource): void {
    const other = this.resources.get(resource.address)
    if (other === undefined) {
      this.resources.set(resource.address, resource)
      return
    }
    this.findings.push(
      finding('error', 'LOAD0006', `${resource.address} is described twice`, {
        at: resource.from,
        about: resource.address,
        related: [{ at: other.from, note: 'here first' }],
      }),
    )
  }

  /** Both at once cannot be meant: whichever we took, somebody would be surprised. */
  #checkIgnored({ address, from }: Resource): void {
    const rule = this.settings.ignore.find(it => it.attributes === undefined && it.matches(address))
    if (rule === undefined) return
    const related: { at: SourceRange; note: string }[] = [{ at: rule.at, note: `ignored by "${rule.pattern}"` }]
    this.findings.push(
      finding('error', 'LOAD0015', `${address} is described here and ignored in ${settingsFile}`, { at: from, about: address, related }),
    )
  }
}
