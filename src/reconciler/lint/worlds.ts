import type { LintSettings, RepositoryFile } from '../model/index.ts'
import type { LintInput, PolicyInput } from '../rules/index.ts'

/** The texts of a repository, those of its targets too; or policies alone. */
export interface LintTexts {
  /** Files by their paths in the repository. */
  readonly policies: readonly PolicyInput[]
  /** What describes mounts and roles, and the settings. */
  readonly others: readonly RepositoryFile[]
  readonly now: Date
  readonly readHcl2?: LintInput['readHcl2']
}

/** One form of a repository that a server can be brought to. */
export interface World {
  /** Absent: the files at the top, without those of a target. */
  readonly target?: string
  readonly input: LintInput
  readonly settings?: LintSettings
}

const OVERLAY = /^targets\/([^/]+)\//

/**
 * The files at the top, and with the files of each target laid over them. Where every target has files of its own and there are
 * several, no server ever gets those at the top alone, and nothing is said of them alone.
 */
export async function worldsOf(texts: LintTexts): Promise<readonly World[]> {
  const { policies, others, now } = texts
  const overlays = [
    ...new Set([...policies.map(it => it.file.name), ...others.map(it => it.path)].flatMap(it => OVERLAY.exec(it)?.[1] ?? [])),
  ]
  const more = texts.readHcl2 === undefined ? {} : { readHcl2: texts.readHcl2 }
  if (others.length === 0 && overlays.length === 0) return [{ input: { policies, now, ...more } }]
  // Most of the cost of a start is YAML, which policies alone have no use for.
  const { loadWorkspace } = await import('../load/index.ts')
  const world = (target: string | undefined): World & { readonly targets: ReadonlySet<string> } => {
    const loaded = loadWorkspace(others, { now, ...(target === undefined ? {} : { environment: target }) })
    const files = others.flatMap(({ path, text }) =>
      text !== undefined && (OVERLAY.exec(path)?.[1] ?? target) === target ? [{ name: path, text }] : [],
    )
    const resources = loaded.isBroken || others.length === 0 ? {} : { resources: [...loaded.resources.values()] }
    return {
      ...(target === undefined ? {} : { target }),
      input: { policies: overlaid(policies, target), ...resources, files, loading: loaded.findings, now, ...more },
      settings: loaded.settings.lint,
      targets: new Set(loaded.settings.targets.keys()),
    }
  }
  const top = world(undefined)
  const isUsedAlone = top.targets.size < 2 || [...top.targets].some(it => !overlays.includes(it))
  return [...(isUsedAlone ? [top] : []), ...overlays.sort().map(world)]
}

/** A target's policy stands in for the one of the same path at the top. */
function overlaid(policies: readonly PolicyInput[], target: string | undefined): readonly PolicyInput[] {
  const top = policies.filter(it => !OVERLAY.test(it.file.name))
  if (target === undefined) return top
  const prefix = `targets/${target}/`
  const over = policies.filter(it => it.file.name.startsWith(prefix))
  const replaced = new Set(over.map(it => it.file.name.slice(prefix.length)))
  return [...top.filter(it => !replaced.has(it.file.name)), ...over]
}
