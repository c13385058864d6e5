import { compareUtf8 } from '../../kernel/index.ts'
import type { Acl } from '../acl.ts'
import { capabilityBits } from '../capability.ts'
import { compileAcl, type CompileOptions, type HeldPolicy } from '../compile.ts'
import type { AclFailure } from '../decision.ts'
import type { MergedRule } from '../rule.ts'
import type { AccessChange } from './access-change.ts'
import { dependsOnTemplates } from './cells.ts'
import { changesOf } from './changes.ts'
import { holdsTemplates, type Values, withSymbols } from './symbolic.ts'

export interface AccessDelta {
  readonly changes: readonly AccessChange[]
  /** Set where the policies of a side cannot be used together, so that it allows nothing. */
  readonly failure?: { readonly before?: AclFailure; readonly after?: AclFailure }
}

/**
 * What the holder of some policies gains and loses when it holds others in their place: every capability on every path, worked out from the
 * rules and not from samples. No changes if and only if the two decide every request alike, now and at every later moment.
 *
 * Without facts about the holder, templates stand for unknown texts (see `Values`), and changes are also looked for where they
 * cannot be resolved.
 */
export function accessDelta(before: readonly HeldPolicy[], after: readonly HeldPolicy[], options: CompileOptions): AccessDelta {
  const symbolic = options.facts === undefined && (holdsTemplates(before) || holdsTemplates(after))
  const now = atMoment(before, after, options, symbolic ? 'known' : undefined)
  const found = overTime(
    now,
    moments([...before, ...after], options.now),
    moment => atMoment(before, after, { ...options, now: moment }, symbolic ? 'known' : undefined).changes,
  )
  if (symbolic && now.dependsOnTemplates) {
    const known = new Set(found.map(keyOf))
    for (const change of atMoment(before, after, options, 'unknown').changes) {
      if (!known.has(keyOf(change))) found.push({ ...change, unresolved: true })
    }
  }
  return { changes: found, ...(now.failure === undefined ? {} : { failure: now.failure }) }
}

function atMoment(
  before: readonly HeldPolicy[],
  after: readonly HeldPolicy[],
  options: CompileOptions,
  values: Values | undefined,
): AccessDelta & { readonly dependsOnTemplates: boolean } {
  const compiled = (policies: readonly HeldPolicy[]): Acl =>
    compileAcl(values === undefined ? policies : policies.map(it => withSymbols(it, values)), options)
  const [old, fresh] = [compiled(before), compiled(after)]
  const [had, has] = [rulesOf(old, options), rulesOf(fresh, options)]
  const found = { changes: changesOf(had, has), dependsOnTemplates: dependsOnTemplates(had, has) }
  if (old.failure === undefined && fresh.failure === undefined) return found
  return {
    ...found,
    failure: {
      ...(old.failure === undefined ? {} : { before: old.failure }),
      ...(fresh.failure === undefined ? {} : { after: fresh.failure }),
    },
  }
}

/** A root token is one that holds a rule for everything. */
function rulesOf(acl: Acl, { namespace = '' }: CompileOptions): readonly MergedRule[] {
  if (!acl.root) return acl.rules
  return [
    {
      kind: 'prefix',
      key: namespace,
      capabilities: capabilityBits(['create', 'read', 'update', 'delete', 'list', 'scan', 'patch', 'sudo']),
      minWrappingTtl: 0,
      maxWrappingTtl: 0,
      allowedParameters: undefined,
      deniedParameters: undefined,
      requiredParameters: [],
      paginationLimit: 0,
      listFilterTemplate: '',
      controlGroup: undefined,
      grantedBy: new Map(),
      sources: [],
      rank: 1,
    },
  ]
}

/** When rules expire. */
function moments(policies: readonly HeldPolicy[], now: Date): readonly Date[] {
  const times = policies.flatMap(({ rules }) => rules.flatMap(it => it.expiration?.getTime() ?? [])).filter(it => it >= now.getTime())
  return [...new Set(times)].sort((a, b) => a - b).map(it => new Date(it))
}

/** A change that comes or goes when a rule expires says so. */
function overTime(now: AccessDelta, expirations: readonly Date[], changesAt: (moment: Date) => readonly AccessChange[]): AccessChange[] {
  const found: AccessChange[] = [...now.changes]
  let current = new Map(found.map((it, i) => [keyOf(it), i]))
  for (const expiration of expirations) {
    const next = new Map<string, number>()
    for (const change of changesAt(new Date(expiration.getTime() + 1))) {
      const key = keyOf(change)
      const known = current.get(key)
      next.set(key, known ?? found.length)
      if (known === undefined) found.push({ ...change, from: expiration })
    }
    for (const [key, i] of current) {
      const change = found[i]
      if (change !== undefined && !next.has(key)) found[i] = { ...change, until: expiration }
    }
    current = next
  }
  return found
}

const keyOf = ({ change, capabilities, lists, path, except, limitsBefore, limitsAfter }: AccessChange): string =>
  JSON.stringify([change, capabilities, lists === true, path, except.toSorted(compareUtf8), limitsBefore, limitsAfter])
