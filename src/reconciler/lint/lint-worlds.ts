import { lint, type LintFinding, type Rule } from '../rules/index.ts'
import type { World } from './worlds.ts'

export interface LintOptions {
  readonly rules: readonly Rule[]
}

/**
 * What is found in each of the worlds, once. A finding that holds for some targets only says for which; of those that say that
 * something is not used anywhere, only what holds for all is told.
 */
export function lintWorlds(worlds: readonly World[], { rules }: LintOptions): readonly LintFinding[] {
  const [only] = worlds
  if (worlds.length === 1 && only !== undefined) return lintWorld(only, rules)
  const everywhere = new Set(rules.flatMap(it => (it.everywhere === true ? it.id : [])))
  const found = new Map<string, { readonly finding: LintFinding; readonly worlds: World[] }>()
  for (const world of worlds) {
    for (const finding of lintWorld(world, rules)) {
      const key = `${finding.fingerprint} ${finding.at.start.offset}`
      const known = found.get(key)
      if (known === undefined) found.set(key, { finding, worlds: [world] })
      else known.worlds.push(world)
    }
  }
  const files = worlds.map(
    it => new Set([...it.input.policies.map(({ file }) => file.name), ...(it.input.files ?? []).map(({ name }) => name)]),
  )
  const kept = [...found.values()].flatMap(({ finding, worlds: where }) => {
    const all = worlds.filter((_, i) => files[i]?.has(finding.at.file) === true)
    if (where.length >= all.length) return finding
    return everywhere.has(finding.code) ? [] : withTargets(finding, where)
  })
  return kept.sort(inOrder)
}

const lintWorld = ({ input, settings }: World, rules: readonly Rule[]): readonly LintFinding[] =>
  lint(input, rules, settings === undefined ? {} : { settings })

function withTargets(finding: LintFinding, worlds: readonly World[]): LintFinding {
  const names = worlds.map(it => (it.target === undefined ? 'without a target' : `in the target ${it.target}`))
  return { ...finding, summary: `${finding.summary} (${names.join(', ')})` }
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

const inOrder = (a: LintFinding, b: LintFinding): number =>
  compare(a.at.file, b.at.file) || a.at.start.offset - b.at.start.offset || compare(a.code, b.code) || compare(a.summary, b.summary)
