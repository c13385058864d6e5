import { type Diagnostic } from '../../kernel/index.ts'
import { memberFile, mountFile, sectionFile } from '../adopt/index.ts'
import { kinds, observeMounts, observePolicies } from '../kinds/index.ts'
import { storedLedgers } from '../ledger/index.ts'
import { loadWorkspace, type Workspace } from '../load/index.ts'
import {
  classOf,
  finding,
  hasErrors,
  homeAddress,
  ledgerFolder,
  mountAddress,
  policyAddress,
  restOf,
  textOf,
  type Address,
  type MountTable,
  type RepositoryFile,
  type Reference,
  type TargetReader,
} from '../model/index.ts'
import { builtInMounts, homes, mountTypeOf } from '../shapes/index.ts'
import { planningReader } from './gathered.ts'
import { factsOf } from './facts.ts'
import { foundOn } from './found-objects.ts'
import { readSource } from './source.ts'

export interface AdoptOptions {
  readonly dir: string
  readonly environment?: string
  readonly reader: TargetReader
  readonly now: Date
  readonly isSelected?: (address: Address) => boolean
  readonly parallelism?: number
}

/**
 * `broken`: what is in the folder already is not right. Otherwise files that describe what no file describes yet, none of which
 * was there; `notes` say what could not be taken over, `references` which secrets have to be put where.
 */
export type Adopted =
  | { readonly is: 'broken'; readonly findings: readonly Diagnostic[] }
  | {
      readonly is: 'adopted'
      readonly files: readonly RepositoryFile[]
      readonly notes: readonly Diagnostic[]
      readonly references: readonly { readonly address: Address; readonly attribute: string; readonly reference: Reference }[]
    }

const AT_ONCE = 32
const NEVER: ReadonlySet<string> = new Set(['root', 'default', 'response-wrapping', 'control-group', 'default-ceiling'])

/** What stands on a target and in no file, as files. Reads only. */
export async function adoptPhase(options: AdoptOptions): Promise<Adopted> {
  const { dir, now, environment } = options
  const { files } = await readSource(dir, 'worktree')
  const load = (all: readonly RepositoryFile[]): Workspace =>
    loadWorkspace(all, { now, ...(environment === undefined ? {} : { environment }) })
  const workspace = load(files)
  if (workspace.isBroken) return { is: 'broken', findings: workspace.findings }
  const adoption = new Adoption(
    planningReader(options.reader, options.parallelism ?? AT_ONCE),
    workspace,
    options.isSelected ?? (() => true),
  )
  await adoption.look()
  return settled(adoption, files, load)
}

/** What the files would say is read back: whatever of it is not understood is left out, and said. */
function settled(adoption: Adoption, before: readonly RepositoryFile[], load: (all: readonly RepositoryFile[]) => Workspace): Adopted {
  const notes = [...adoption.notes]
  let files = adoption.files.toSorted((a, b) => (a.path < b.path ? -1 : 1))
  let after = load([...before, ...files])
  if (after.isBroken) {
    const wrong = after.findings.filter(it => it.severity === 'error')
    const refused = new Set(wrong.map(it => it.at?.file ?? ''))
    for (const it of wrong) notes.push(note(`${it.at?.file ?? 'a file'} is left out: ${it.summary}`))
    files = files.filter(it => !refused.has(it.path))
    after = load([...before, ...files])
  }
  if (hasErrors(after.findings)) return { is: 'broken', findings: after.findings }
  const written = new Set(files.map(it => it.path))
  const references = [...after.resources.values()]
    .filter(it => written.has(it.from.file))
    .flatMap(({ address, references: all }) => Object.entries(all).map(([attribute, reference]) => ({ address, attribute, reference })))
  return { is: 'adopted', files, notes, references }
}

const note = (summary: string, about?: Address): Diagnostic => finding('note', 'ADOPT0001', summary, { about })

class Adoption {
  readonly files: RepositoryFile[] = []
  readonly notes: Diagnostic[] = []
  readonly #reader: TargetReader
  readonly #workspace: Workspace
  readonly #isSelected: (address: Address) => boolean
  #foreign: ReadonlyMap<Address, string> = new Map()

  constructor(reader: TargetReader, workspace: Workspace, isSelected: (address: Address) => boolean) {
    this.#reader = reader
    this.#workspace = workspace
    this.#isSelected = isSelected
  }

  async look(): Promise<void> {
    await factsOf(this.#reader)
    await this.#policies()
    await Promise.all([this.#mounts('auth'), this.#mounts('engine'), ...homes.map(({ home, type }) => this.#home(home, type))])
  }

  /** No file describes it, nobody else manages it, and nobody said that it is to be left alone. */
  #isFree(address: Address): boolean {
    const isIgnored = this.#workspace.settings.ignore.some(it => it.attributes === undefined && it.matches(address))
    return this.#isSelected(address) && !this.#workspace.resources.has(address) && !this.#foreign.has(address) && !isIgnored
  }

  async #policies(): Promise<void> {
    const { live } = await observePolicies(this.#reader, () => true)
    const ledgers = storedLedgers(
      new Map(
        [...live]
          .map(([address, it]) => [restOf(address), { text: textOf(it.values['policy']) }] as const)
          .filter(([name]) => name.startsWith(ledgerFolder)),
      ),
    )
    const { owner } = this.#workspace.settings.ownership
    this.#foreign = new Map(
      [...ledgers].flatMap(([name, { ledger }]) => (name === owner ? [] : [...ledger.entries.keys()].map(it => [it, name] as const))),
    )
    for (const [address, it] of live) {
      const name = restOf(address)
      if (NEVER.has(name) || name.startsWith(ledgerFolder) || !this.#isFree(policyAddress(name))) continue
      this.files.push({ path: `policies/${name}.hcl`, text: textOf(it.values['policy']) })
    }
  }

  async #mounts(table: MountTable): Promise<void> {
    const mounts = await observeMounts(this.#reader, table)
    const builtIn = new Set(builtInMounts[table].map(it => mountAddress(table, it)))
    await Promise.all(
      [...mounts].map(async ([address, mount]) => {
        const type = mountTypeOf(table, mount.type)
        if (builtIn.has(address) && type?.builtInAt === undefined) return
        const isDescribed = this.#workspace.resources.has(address) || (type?.builtInAt !== undefined && this.#isDescribedBelow(address))
        if (!isDescribed && type?.builtInAt === undefined && !this.#isFree(address)) return
        const found = type === undefined ? { objects: [], notes: [] } : await foundOn(this.#reader, address, type, mount.live().values)
        for (const it of found.notes) this.notes.push(note(it, address))
        const objects = found.objects.filter(it => this.#isFree(it.address))
        if (!isDescribed) {
          const file = mountFile({ address, table, live: mount.live(), type, objects })
          if (file !== undefined) this.files.push(file)
          return
        }
        for (const it of objects) {
          if (it.section.is === 'collection') this.files.push(memberFile(table, address, it))
          else if (
            Object.keys(
              kinds['object']?.essence({ address: it.address, kind: 'object', mount: address, type: mount.type }, it.live.values) ?? {},
            ).length > 0
          )
            this.notes.push(note(`${it.address} is not at its defaults; describe it under ${it.key} in the file of its mount`, it.address))
        }
      }),
    )
  }

  #isDescribedBelow(mount: Address): boolean {
    return [...this.#workspace.resources.keys()].some(it => it.startsWith(mount))
  }

  async #home(home: 'sys' | 'identity', name: string): Promise<void> {
    const type = mountTypeOf(home, name)
    if (type === undefined) return
    const { objects, notes } = await foundOn(this.#reader, homeAddress(home), type, {})
    for (const it of notes) this.notes.push(note(it))
    for (const it of objects) {
      const file = this.#isFree(it.address) && classOf(it.address) === home ? sectionFile(it) : undefined
      if (file !== undefined) this.files.push(file)
    }
  }
}
