import { readFileSync } from 'node:fs'
import { basename, join, relative, sep } from 'node:path'
import { sourceOfBytes } from '../hcl/index.ts'
import { describingFiles, policiesIn, policyFolders } from '../reconciler/files/index.ts'
import { lintWorlds, worldsOf, type LintTexts, type World } from '../reconciler/lint/index.ts'
import { rules, viewWorkspace, type LintFinding, type PolicyInput, type WorkspaceView } from '../reconciler/rules/index.ts'
import type { Place } from './document-kind.ts'

/** Texts by their paths in the repository. */
interface Disk {
  readonly policies: ReadonlyMap<string, string>
  readonly others: ReadonlyMap<string, string>
}

/**
 * One repository, or the policies that belong to none, as the editor sees it: open documents stand in for what is on the disk.
 * The disk is read once and again after `forget`.
 */
export class Repository {
  readonly root: string | undefined
  readonly #now: () => Date
  readonly #open = new Map<string, { readonly place: Place; readonly text: string }>()
  #disk: Disk | undefined
  #worlds: Promise<readonly World[]> | undefined

  constructor(root: string | undefined, now: () => Date) {
    this.root = root
    this.#now = now
  }

  open(place: Place, text: string): void {
    this.#open.set(place.name, { place, text })
    this.#worlds = undefined
  }

  close(name: string): void {
    this.#open.delete(name)
    this.#worlds = undefined
  }

  /** Files have changed on the disk. */
  forget(): void {
    this.#disk = undefined
    this.#worlds = undefined
  }

  /** Findings by file, of the open documents or of all files; those without findings are there as well. */
  async lint(scope: 'open' | 'all'): Promise<ReadonlyMap<string, readonly LintFinding[]>> {
    const texts = this.#texts(scope)
    const findings = lintWorlds(await worldsOf(texts), { rules: Object.values(rules) })
    const asked = [...texts.policies.filter(it => it.isContext !== true).map(it => it.file.name), ...texts.others.map(it => it.path)]
    const byFile = new Map<string, LintFinding[]>(asked.map(it => [it, []]))
    for (const finding of findings) byFile.get(finding.at.file)?.push(finding)
    return byFile
  }

  /** What is known around a file: the repository as its target has it. */
  async viewAround(name: string): Promise<WorkspaceView> {
    this.#worlds ??= worldsOf(this.#texts('open'))
    const worlds = await this.#worlds
    const holds = (it: World): boolean => it.input.policies.some(({ file }) => file.name === name)
    const { input } = worlds.find(holds) ?? worlds[0] ?? { input: { policies: [], now: this.#now() } }
    return viewWorkspace({ ...input, policies: input.policies.map(it => ({ ...it, isContext: it.file.name !== name })) })
  }

  /** The text of a file, open or not. */
  text(name: string): string | undefined {
    return this.#open.get(name)?.text ?? this.#read().policies.get(name) ?? this.#read().others.get(name)
  }

  #texts(scope: 'open' | 'all'): LintTexts {
    const { policies: onDisk, others } = this.#read()
    const policies = new Map<string, PolicyInput>()
    for (const [name, text] of onDisk) policies.set(name, inputOf(name, text, scope === 'open'))
    const describing = new Map(others)
    for (const { place, text } of this.#open.values()) {
      if (place.kind === 'policy') policies.set(place.name, inputOf(place.name, text, false))
      else describing.set(place.name, text)
    }
    return { policies: [...policies.values()], others: [...describing].map(([path, text]) => ({ path, text })), now: this.#now() }
  }

  #read(): Disk {
    if (this.#disk !== undefined) return this.#disk
    const { root } = this
    const texts = (paths: readonly string[]): ReadonlyMap<string, string> =>
      new Map(root === undefined ? [] : paths.flatMap(path => textOf(root, path)))
    const policies = root === undefined ? [] : policyFolders(root).flatMap(it => policiesIn(it))
    this.#disk = {
      policies: texts(
        policies.map(it =>
          relative(root ?? '', it)
            .split(sep)
            .join('/'),
        ),
      ),
      others: texts(root === undefined ? [] : describingFiles(root)),
    }
    return this.#disk
  }
}

const inputOf = (name: string, text: string, isContext: boolean): PolicyInput => ({
  file: { name, text },
  name: /^(?:targets\/[^/]+\/)?policies\/(.+)\.hcl$/.exec(name)?.[1] ?? basename(name, '.hcl'),
  isContext,
})

/** A file that has just been taken away is none. */
function textOf(root: string, path: string): readonly (readonly [string, string])[] {
  try {
    return [[path, sourceOfBytes(path, readFileSync(join(root, path))).text]]
  } catch {
    return []
  }
}
