import type { SourceFile } from '../../../kernel/index.ts'
import type { Resource } from '../../model/index.ts'
import type { Problem } from '../rule.ts'
import { viewPolicy, type PolicyInput, type PolicyView } from './policy-view.ts'
import { holdersOf, mountsOf, type Holder, type MountFact } from './repository-facts.ts'
import type { RuleView } from './rule-view.ts'

/** What is known beside the policies. Absent where files are looked at by themselves: then rules that need it are silent. */
export interface Repository {
  readonly mounts: readonly MountFact[]
  readonly holders: readonly Holder[]
}

export interface WorkspaceView {
  readonly policies: readonly PolicyView[]
  readonly repository: Repository | undefined
  /** The policy of this name, lower-cased. */
  policy(name: string): PolicyView | undefined
  /** The mount that a path of a rule is below; undefined where the repository has none, or a wildcard leaves it open. */
  mountOf(path: string): MountFact | undefined
}

export interface WorkspaceInput {
  readonly policies: readonly PolicyInput[]
  /** Mounts and roles as `load` gives them. */
  readonly resources?: readonly Resource[]
  /** The other files, so that findings in them have exact places. */
  readonly files?: readonly SourceFile[]
  readonly now: Date
}

export function viewWorkspace({ policies: inputs, resources, files = [], now }: WorkspaceInput): WorkspaceView {
  const policies = inputs.map(it => viewPolicy(it, now))
  const byName = new Map(policies.map(it => [it.name, it]))
  const byFile = new Map(files.map(it => [it.name, it]))
  const repository =
    resources === undefined ? undefined : { mounts: mountsOf(resources), holders: holdersOf(resources, path => byFile.get(path)) }
  return {
    policies,
    repository,
    policy: name => byName.get(name),
    mountOf: path => repository?.mounts.find(it => path.startsWith(it.path)),
  }
}

/** A rule about policies that the server would take, one by one. */
export const eachPolicy =
  (check: (policy: PolicyView, view: WorkspaceView) => Iterable<Problem>): ((view: WorkspaceView) => readonly Problem[]) =>
  view => {
    const found: Problem[] = []
    for (const policy of view.policies) for (const problem of check(policy, view)) found.push(problem)
    return found
  }

/** A rule about the paths of policies, one by one. Those that have expired do nothing, so nothing is said of them. */
export const eachRule =
  (check: (rule: RuleView, policy: PolicyView, view: WorkspaceView) => Iterable<Problem>): ((view: WorkspaceView) => readonly Problem[]) =>
  view => {
    const found: Problem[] = []
    for (const policy of view.policies)
      for (const rule of policy.rules) if (!rule.expired) for (const problem of check(rule, policy, view)) found.push(problem)
    return found
  }
