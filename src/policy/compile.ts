import type { PathRule, PolicyDoc } from '../hcl/policy/index.ts'
import { compareUtf8, goQuote } from '../kernel/index.ts'
import { type Acl, brokenAcl, rootAcl, rulesAcl } from './acl.ts'
import type { AclFailure } from './decision.ts'
import type { IdentityFacts } from './identity.ts'
import { draftOf, mergeRule, type RuleDraft } from './merge.ts'
import { compareWeights, weightOf } from './priority.ts'
import { ruleKeyOf } from './rule-key.ts'
import type { DroppedRule, PolicyRef } from './rule.ts'
import { isTemplated, resolveTemplate, type TemplateFlags } from './template.ts'

/** A policy as a token holds it. A plain document will do where there are no namespaces and no template flags. */
export interface HeldPolicy extends PolicyDoc {
  /** Path of the namespace it lives in; absent: that of the options. */
  readonly namespace?: string
  readonly templateFlags?: TemplateFlags
}

export interface CompileOptions {
  readonly now: Date
  /** Who holds the token; without facts no identity template can be resolved. */
  readonly facts?: IdentityFacts | undefined
  /** Path of the token's namespace with a final slash; absent or `''`: the root one. */
  readonly namespace?: string
}

/**
 * Makes one meaning of the policies of a token. Their order is that of their lower-cased names, whatever order they are
 * given in; a policy without a name stands behind the others.
 */
export function compileAcl(policies: readonly HeldPolicy[], options: CompileOptions): Acl {
  const root = policies.find(it => it.name === 'root')
  if (root !== undefined) return policies.length === 1 ? rootAcl(options.namespace) : brokenAcl(rootWithOthers(refOf(root, options)))
  const merged = new Merging(options)
  for (const policy of inOrder(policies, options)) {
    const failure = merged.add(policy)
    if (failure !== undefined) return brokenAcl(failure)
  }
  return merged.finish()
}

const refOf = (policy: HeldPolicy, options: CompileOptions): PolicyRef => ({
  name: policy.name,
  namespace: policy.namespace ?? options.namespace ?? '',
})

const rootWithOthers = (policy: PolicyRef): AclFailure => ({
  reason: 'root-with-others',
  policy,
  message: 'failed to construct ACL: other policies present along with root',
})

function inOrder(policies: readonly HeldPolicy[], options: CompileOptions): readonly HeldPolicy[] {
  const keyed = policies.map(policy => ({ policy, name: policy.name.toLowerCase(), namespace: refOf(policy, options).namespace }))
  keyed.sort(
    (a, b) => Number(a.name === '') - Number(b.name === '') || compareUtf8(a.namespace, b.namespace) || compareUtf8(a.name, b.name),
  )
  return keyed.map(it => it.policy)
}

/** Rules by kind and key while policies are being added. */
class Merging {
  readonly #options: CompileOptions
  readonly #drafts = new Map<string, RuleDraft>()
  readonly #dropped: DroppedRule[] = []
  #validUntil: number = Number.POSITIVE_INFINITY

  constructor(options: CompileOptions) {
    this.#options = options
  }

  add(held: HeldPolicy): AclFailure | undefined {
    const policy = refOf(held, this.#options)
    const expired = new Set(held.expired)
    for (const rule of inTextOrder(held.rules, held.expired ?? [])) {
      const failure = this.#addRule(rule, policy, held.templateFlags ?? {}, expired.has(rule))
      if (failure !== undefined) return failure
    }
    return undefined
  }

  /** Templating comes before everything else: a forbidden value counts even in a rule that has expired. */
  #addRule(rule: PathRule, policy: PolicyRef, flags: TemplateFlags, expired: boolean): AclFailure | undefined {
    const { now, facts } = this.#options
    let path = rule.path
    if (isTemplated(path)) {
      const resolved = resolveTemplate(path, { facts, namespace: policy.namespace, flags, now })
      if (resolved.is === 'forbidden') return forbiddenValue(policy, path, resolved.character)
      if (resolved.is === 'unresolved') {
        this.#dropped.push({ policy, rule, why: { is: 'unresolved', detail: resolved.why } })
        return undefined
      }
      path = resolved.text
      if (resolved.timed) this.#changesAt(now.getTime() + 1000 - (now.getTime() % 1000) - 1)
    }
    if (expired || (rule.expiration !== undefined && now > rule.expiration)) {
      this.#dropped.push({ policy, rule, why: { is: 'expired' } })
      return undefined
    }
    if (rule.expiration !== undefined) this.#changesAt(rule.expiration.getTime())
    const key = ruleKeyOf(path, policy.namespace)
    if (key === undefined) return forbiddenWildcard(policy, rule.path, path)
    const id = `${key.kind} ${key.key}`
    const known = this.#drafts.get(id)
    if (known === undefined) this.#drafts.set(id, draftOf(key, rule, policy))
    else mergeRule(known, rule, policy)
    return undefined
  }

  /** The last moment for which what is built now holds. */
  #changesAt(moment: number): void {
    this.#validUntil = Math.min(this.#validUntil, moment)
  }

  finish(): Acl {
    const rules = [...this.#drafts.values()]
    rankWildcards(rules)
    return rulesAcl(rules, this.#dropped, Number.isFinite(this.#validUntil) ? new Date(this.#validUntil) : undefined)
  }
}

/** A document keeps the rules that had expired when it was read apart, because they were not looked at closely. */
const inTextOrder = (rules: readonly PathRule[], expired: readonly PathRule[]): readonly PathRule[] =>
  expired.length === 0 ? rules : [...rules, ...expired].sort((a, b) => (a.at?.start.offset ?? 0) - (b.at?.start.offset ?? 0))

/** Which of two wildcard rules wins does not depend on the path, so it is settled once. */
function rankWildcards(rules: readonly RuleDraft[]): void {
  const weighed = rules.filter(it => it.kind !== 'exact').map(rule => ({ rule, weight: weightOf(rule) }))
  weighed.sort((a, b) => compareWeights(a.weight, b.weight))
  for (const [i, { rule }] of weighed.entries()) rule.rank = i + 1
}

const forbiddenValue = (policy: PolicyRef, path: string, character: string): AclFailure => ({
  reason: 'forbidden-value',
  policy,
  message: `${unparsable(policy, path)}: template substitution contains forbidden value: "${character}"`,
})

const forbiddenWildcard = (policy: PolicyRef, written: string, path: string): AclFailure => ({
  reason: 'forbidden-wildcard',
  policy,
  message: `${unparsable(policy, written)}: path ${goQuote(path)}: invalid use of wildcards ('+*' is forbidden)`,
})

const unparsable = (policy: PolicyRef, path: string): string =>
  `error parsing templated policy ${goQuote(policy.name)}: failed to parse policy: path ${goQuote(path)}`
