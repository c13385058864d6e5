import type { Json, SourceFile } from '../../../kernel/index.ts'
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
  /** Those that are to be checked. */
  readonly policies: readonly PolicyView[]
  /** Of all of them, those that have not expired. */
  readonly rules: readonly { readonly rule: RuleView; readonly policy: PolicyView }[]
  /** Of all policies that there are, also of those that are not checked; lower-cased. */
  readonly policyNames: ReadonlySet<string>
  readonly repository: Repository | undefined
  /** The policy of this name, lower-cased. */
  policy(name: string): PolicyView | undefined
  /** A second opinion on policy texts, where one was asked for. */
  readonly readHcl2: WorkspaceInput['readHcl2']
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
  /** What a parser of HCL2 makes of a text; undefined where it takes it for none. Slow, so only `lint -strict` has it. */
  readonly readHcl2?: ((text: string) => Json | undefined) | undefined
}

export function viewWorkspace({ policies: inputs, resources, files = [], now, readHcl2 }: WorkspaceInput): WorkspaceView {
  const policies = inputs.flatMap(it => (it.isContext === true ? [] : viewPolicy(it, now)))
  const byName = new Map(policies.map(it => [it.name, it]))
  const context = new Map(inputs.flatMap(it => (it.isContext === true ? [[it.name.toLowerCase(), it] as const] : [])))
  const fromContext = (name: string): PolicyView | undefined => {
    const input = context.get(name)
    if (input === undefined) return undefined
    const made = viewPolicy(input, now)
    byName.set(name, made)
    return made
  }
  const byFile = new Map(files.map(it => [it.name, it]))
  const repository =
    resources === undefined ? undefined : { mounts: mountsOf(resources), holders: holdersOf(resources, path => byFile.get(path)) }
  return {
    policies,
    rules: policies.flatMap(policy => policy.rules.flatMap(rule => (rule.expired ? [] : { rule, policy }))),
    repository,
    readHcl2,
    policyNames: new Set(inputs.map(it => it.name.toLowerCase())),
    policy: name => byName.get(name) ?? fromContext(name),
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

type RuleCheck = (rule: RuleView, policy: PolicyView, view: WorkspaceView) => Iterable<Problem>

/** A rule about the paths of policies, one by one. Those that have expired do nothing, so nothing is said of them. */
export const eachRule = (check: RuleCheck): ((view: WorkspaceView) => readonly Problem[]) => eachRuleBut(() => false, check)

/** The same, with what most paths are spared by: to call a generator takes longer than most rules have to look. */
export const eachRuleBut =
  (isSpared: (rule: RuleView) => boolean, check: RuleCheck): ((view: WorkspaceView) => readonly Problem[]) =>
  view => {
    const found: Problem[] = []
    for (const { rule, policy } of view.rules) if (!isSpared(rule)) for (const problem of check(rule, policy, view)) found.push(problem)
    return found
  }
