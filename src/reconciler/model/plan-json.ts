import type { Diagnostic, Json, SourceRange } from '../../kernel/index.ts'
import type { AccessEntry } from './access.ts'
import type { Action, Plan, Refusal, Step } from './plan.ts'
import { referenceKeys, type Reference } from './reference.ts'
import type { Source } from './source.ts'
import { stableJson, type Values } from './values.ts'

/**
 * A plan as JSON: what `-json` prints and `-out` saves. The names are those that the field's tools for plans read
 * (`resource_changes`, `actions`, `before`, `after`, `after_sensitive`). `format_version` counts its minor part up for what is
 * added and its major part for what changes. It never holds a secret: a hidden value is left out of `before` and `after`, named in
 * the `_sensitive` masks, and found anew by its reference when the plan is applied.
 */
export function encodePlan(plan: Plan): string {
  return `${stableJson(planJson(plan), 2)}\n`
}

export function planJson(plan: Plan): Json {
  return {
    format_version: plan.format,
    source: sourceJson(plan.source),
    target: present({
      address: plan.target.address,
      namespace: plan.target.namespace,
      version: plan.target.version,
      product: plan.target.product,
      cluster_id: plan.target.clusterId,
      compare_and_set: plan.target.compareAndSet,
    }),
    owner: plan.owner,
    ...(plan.ledgerKey === undefined ? {} : { ledger_key: referenceJson(plan.ledgerKey) }),
    resource_changes: plan.steps.map(stepJson),
    refusals: plan.refusals.map(refusalJson),
    access_changes: plan.access.map(accessJson),
    diagnostics: plan.findings.map(diagnosticJson),
    limits: { deletes: { ...plan.limits.deletes }, updates: { ...plan.limits.updates } },
    unchanged: plan.unchanged,
    unmanaged: { ...plan.unmanaged },
    coverage: Object.fromEntries(Object.entries(plan.coverage).map(([kind, it]) => [kind, { ...it }])),
    ignored: plan.ignored.map(it => present({ ...it })),
    observed: { ...plan.observed },
    digest: plan.digest,
  }
}

const sourceJson = (source: Source): Json =>
  present({
    kind: source.kind,
    commit: source.commit,
    subject: source.subject,
    repository: source.repository,
    dirty: source.dirty,
    files: source.files,
  })

export const actionWords: Readonly<Record<Action, readonly string[]>> = {
  create: ['create'],
  update: ['update'],
  move: ['move'],
  replace: ['delete', 'create'],
  adopt: ['adopt'],
  delete: ['delete'],
  forget: ['forget'],
}

function stepJson(step: Step): Json {
  const mask = Object.fromEntries(step.hidden.map(name => [name, true]))
  return present({
    address: step.address,
    previous_address: step.movedFrom,
    moved_to: step.movedTo,
    kind: step.kind,
    mount: step.mount,
    mount_type: step.type,
    stage: step.stage,
    change: {
      actions: actionWords[step.action],
      before: step.before ?? null,
      after: step.after ?? null,
      before_sensitive: step.before === undefined ? {} : mask,
      after_sensitive: step.after === undefined ? {} : mask,
      changed: step.changed,
    },
    references: Object.fromEntries(Object.entries(step.references).map(([name, it]) => [name, referenceJson(it)])),
    fingerprint: step.fingerprint,
    applied: step.applied,
    action_reason: step.moved,
    why: step.why,
    notes: step.notes,
    from: step.from === undefined ? undefined : rangeJson(step.from),
    loses: step.loses,
  })
}

/** One change of who can reach what. */
export const accessJson = (it: AccessEntry): Json =>
  present({
    holders: it.holders,
    change: it.change,
    capabilities: it.capabilities,
    path: it.path,
    except: it.except,
    lists_only: it.lists,
    witness: it.witness,
    limits_before: it.limitsBefore,
    limits_after: it.limitsAfter,
    answered_before: it.answeredBefore.map(rule => ({ ...rule })),
    answered_after: it.answeredAfter.map(rule => ({ ...rule })),
    from: it.from,
    until: it.until,
    unresolved: it.unresolved,
    escalates: it.escalates,
  })

const referenceJson = ({ from, name }: Reference): Values =>
  Object.fromEntries(Object.entries(referenceKeys).flatMap(([key, it]) => (it === from ? [[key, name] as const] : [])))

const refusalJson = ({ guard, summary, detail, about }: Refusal): Json => ({ guard, summary, detail, about })

export const diagnosticJson = (it: Diagnostic): Json =>
  present({
    code: it.code,
    severity: it.severity,
    summary: it.summary,
    detail: it.detail,
    address: it.about,
    range: it.at === undefined ? undefined : rangeJson(it.at),
    related: it.related?.map(({ at, note }) => ({ range: rangeJson(at), note })),
  })

const rangeJson = ({ file, start, end }: SourceRange): Json => ({ file, start: { ...start }, end: { ...end } })

const present = (record: Readonly<Record<string, Json | undefined>>): Values =>
  Object.fromEntries(Object.entries(record).flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const])))
