import type { Holder, PolicyView, RuleView, WorkspaceView } from '../view/index.ts'

export interface HeldSet {
  readonly holder: Holder
  /** In the order in which the server merges them. */
  readonly policies: readonly PolicyView[]
}

/** Each set of policies that some token gets together, once, if one of them is checked. */
export function heldSets(view: WorkspaceView): readonly HeldSet[] {
  const sets = new Map<string, HeldSet>()
  const checked = new Set(view.policies.map(it => it.name))
  for (const holder of view.repository?.holders ?? []) {
    if (!holder.together || holder.policies.length < 2 || !holder.policies.some(it => checked.has(it))) continue
    const policies = holder.policies.toSorted().flatMap(name => view.policy(name) ?? [])
    const key = policies.map(it => it.name).join('\0')
    if (policies.length > 1 && !sets.has(key)) sets.set(key, { holder, policies })
  }
  return [...sets.values()]
}

export interface SharedRule {
  readonly policy: PolicyView
  readonly rule: RuleView
}

/** The rules that the server makes one of, in the order of merging; only those of which there is more than one. */
export function mergedRules(policies: readonly PolicyView[]): readonly (readonly SharedRule[])[] {
  const groups = new Map<string, SharedRule[]>()
  for (const policy of policies) {
    for (const rule of policy.rules) {
      if (rule.expired) continue
      const key = rule.path
      const group = groups.get(key)
      if (group === undefined) groups.set(key, [{ policy, rule }])
      else group.push({ policy, rule })
    }
  }
  return [...groups.values()].filter(it => it.length > 1)
}
