import type { PolicyView, RuleView } from '../view/index.ts'

export interface Answers {
  /** Whether the rule decides anything at all. */
  readonly answers: boolean
  /** One of those that answer in its place. */
  readonly instead: RuleView | undefined
}

/** Asks the compiled policy about every kind of path that the rule fits, for a read and for a list, which look paths up differently. */
export function answersOf(rule: RuleView, { reach }: PolicyView): Answers {
  let instead: RuleView | undefined
  for (const path of reach.witnesses(rule)) {
    for (const op of ['read', 'list'] as const) {
      const winner = reach.acl.decide({ path, op, sudoPath: false }).rule
      if (winner === undefined) continue
      if (winner.sources.some(it => reach.viewOf(it.rule) === rule)) return { answers: true, instead: undefined }
      const [source] = winner.sources
      instead ??= source === undefined ? undefined : reach.viewOf(source.rule)
    }
  }
  return { answers: false, instead }
}
