import { nativeNumber, parseJson, type Diagnostic, type Json, type SourceRange } from '../../kernel/index.ts'
import type { AccessEntry, AnsweringRule } from './access.ts'
import { parseAddress, type Address } from './address.ts'
import { coverageClasses, type Coverage, type CoverageClass, type Covered, type StandingIgnore } from './coverage.ts'
import type { Action, GuardName, Moved, Plan, Refusal, Share, Step, Target, Unmanaged } from './plan.ts'
import { actionWords } from './plan-json.ts'
import { referenceKeys, type Reference } from './reference.ts'
import type { KindName } from './resource.ts'
import type { Source } from './source.ts'
import type { Digest, Values } from './values.ts'

/** The text is no plan that this version can apply. */
export class PlanUnreadable extends Error {}

/**
 * The way back from `encodePlan`. Whoever calls it must compare the plan's digest with one made anew: a plan that was edited is
 * not the plan that somebody reviewed.
 * @throws PlanUnreadable
 */
export function decodePlan(text: string): Plan {
  let raw: unknown
  try {
    raw = parseJson(text)
  } catch (cause) {
    throw new PlanUnreadable('the file is not JSON', { cause })
  }
  const root = new Part(raw as Json, '')
  const format = root.text('format_version')
  if (!/^1\.\d+$/.test(format)) throw new PlanUnreadable(`the plan has format ${format}; this version reads format 1`)
  return {
    format: '1.0',
    source: sourceOf(root.part('source')),
    target: targetOf(root.part('target')),
    owner: root.text('owner'),
    ...(root.has('ledger_key') ? { ledgerKey: referenceOf(root.part('ledger_key')) } : {}),
    steps: root.parts('resource_changes').map(stepOf),
    refusals: root.parts('refusals').map(refusalOf),
    findings: root.parts('diagnostics').map(diagnosticOf),
    access: root.parts('access_changes').map(accessOf),
    limits: { deletes: shareOf(root.part('limits').part('deletes')), updates: shareOf(root.part('limits').part('updates')) },
    unchanged: root.number('unchanged'),
    unmanaged: unmanagedOf(root.part('unmanaged')),
    coverage: coverageFrom(root.part('coverage')),
    ignored: root.parts('ignored').map(ignoredOf),
    observed: root.part('observed').object() as Plan['observed'],
    digest: root.text('digest') as Digest,
  }
}

/** Where no plan could be made, `plan -json` prints why. Undefined for any other text. @throws PlanUnreadable */
export function decodeFailedPlan(text: string): readonly Diagnostic[] | undefined {
  let raw: unknown
  try {
    raw = parseJson(text)
  } catch {
    return undefined
  }
  const root = new Part(raw as Json, '')
  return root.has('errored') && root.flag('errored') ? root.parts('diagnostics').map(diagnosticOf) : undefined
}

/** One JSON object of the plan, which says where it is when something in it is not what it should be. */
class Part {
  readonly #value: Json | undefined
  readonly #where: string

  constructor(value: Json | undefined, where: string) {
    this.#value = value
    this.#where = where
  }

  object(): Values {
    if (typeof this.#value !== 'object' || this.#value === null || Array.isArray(this.#value)) this.#wrong('an object')
    return this.#value as Values
  }

  has(key: string): boolean {
    return this.object()[key] !== undefined && this.object()[key] !== null
  }

  part(key: string): Part {
    return new Part(this.object()[key], this.#inside(key))
  }

  parts(key: string): readonly Part[] {
    return this.#list(key).map((it, i) => new Part(it, `${this.#inside(key)}[${i}]`))
  }

  text(key: string): string {
    const value = this.object()[key]
    return typeof value === 'string' ? value : this.part(key).#wrong('text')
  }

  /** The property alone, so that it can be spread into what it is a part of. */
  maybe<K extends string>(key: string, name: K): { readonly [P in K]?: string } {
    return (this.has(key) ? { [name]: this.text(key) } : {}) as { readonly [P in K]?: string }
  }

  number(key: string): number {
    const value = nativeNumber(this.object()[key])
    return typeof value === 'number' ? value : this.part(key).#wrong('a number')
  }

  flag(key: string): boolean {
    const value = this.object()[key]
    return typeof value === 'boolean' ? value : this.part(key).#wrong('true or false')
  }

  texts(key: string): readonly string[] {
    return this.#list(key).map(it => (typeof it === 'string' ? it : this.part(key).#wrong('a list of texts')))
  }

  oneOf<T extends string>(key: string, words: readonly T[]): T {
    const value = this.text(key)
    return words.find(it => it === value) ?? this.part(key).#wrong(`one of ${words.join(', ')}`)
  }

  address(key: string): Address {
    return parseAddress(this.text(key)) ?? this.part(key).#wrong('an address')
  }

  #list(key: string): readonly Json[] {
    const value = this.object()[key]
    return Array.isArray(value) ? (value as readonly Json[]) : this.part(key).#wrong('a list')
  }

  #inside(key: string): string {
    return this.#where === '' ? key : `${this.#where}.${key}`
  }

  #wrong(expected: string): never {
    throw new PlanUnreadable(`${this.#where === '' ? 'the plan' : this.#where}: expected ${expected}`)
  }
}

const sourceOf = (it: Part): Source => ({
  kind: it.oneOf('kind', ['commit', 'worktree', 'folder']),
  ...it.maybe('commit', 'commit'),
  ...it.maybe('subject', 'subject'),
  ...it.maybe('repository', 'repository'),
  dirty: it.texts('dirty'),
  files: it.text('files') as Digest,
})

const targetOf = (it: Part): Target => ({
  address: it.text('address'),
  ...it.maybe('namespace', 'namespace'),
  version: it.text('version'),
  ...it.maybe('product', 'product'),
  ...it.maybe('cluster_id', 'clusterId'),
  compareAndSet: it.flag('compare_and_set'),
})

const kindNames: readonly KindName[] = ['policy', 'mount', 'object', 'api']
const movements: readonly Moved[] = ['repository', 'target', 'both', 'new']
const guards: readonly GuardName[] = [
  'max-deletes',
  'max-updates',
  'data-loss',
  'foreign-owner',
  'other-repository',
  'nothing-left',
  'own-access',
  'in-the-way',
]

function actionOf(change: Part): Action {
  const words = change.texts('actions').join()
  const found = (Object.keys(actionWords) as Action[]).find(it => actionWords[it].join() === words)
  if (found === undefined) throw new PlanUnreadable(`the actions "${words}" are not known`)
  return found
}

function stepOf(it: Part): Step {
  const change = it.part('change')
  const hidden = new Set([
    ...Object.keys(change.part('before_sensitive').object()),
    ...Object.keys(change.part('after_sensitive').object()),
  ])
  const references = it.part('references')
  return {
    address: it.address('address'),
    kind: it.oneOf('kind', kindNames),
    ...(it.has('mount') ? { mount: it.address('mount') } : {}),
    ...it.maybe('mount_type', 'type'),
    action: actionOf(change),
    stage: it.number('stage'),
    ...(change.has('before') ? { before: change.part('before').object() } : {}),
    ...(change.has('after') ? { after: change.part('after').object() } : {}),
    changed: change.texts('changed'),
    hidden: [...hidden].sort(),
    references: Object.fromEntries(Object.keys(references.object()).map(name => [name, referenceOf(references.part(name))])),
    fingerprint: it.text('fingerprint') as Step['fingerprint'],
    ...(it.has('applied') ? { applied: it.text('applied') as Digest } : {}),
    moved: it.oneOf('action_reason', movements),
    why: it.text('why'),
    notes: it.texts('notes'),
    ...(it.has('from') ? { from: rangeOf(it.part('from')) } : {}),
    ...it.maybe('loses', 'loses'),
    ...(it.has('previous_address') ? { movedFrom: it.address('previous_address') } : {}),
    ...(it.has('moved_to') ? { movedTo: it.address('moved_to') } : {}),
  }
}

function referenceOf(it: Part): Reference {
  const [key = ''] = Object.keys(it.object())
  const from = referenceKeys[key]
  if (from === undefined) throw new PlanUnreadable(`the reference "${key}" is not known`)
  return { from, name: it.text(key) }
}

const refusalOf = (it: Part): Refusal => ({
  guard: it.oneOf('guard', guards),
  summary: it.text('summary'),
  detail: it.text('detail'),
  about: it.texts('about') as readonly Address[],
})

const changeWords: readonly AccessEntry['change'][] = ['gained', 'lost', 'widened', 'narrowed', 'limited otherwise']

const accessOf = (it: Part): AccessEntry => ({
  holders: it.texts('holders') as readonly Address[],
  change: it.oneOf('change', changeWords),
  capabilities: it.texts('capabilities'),
  path: it.text('path'),
  except: it.texts('except'),
  ...(it.has('lists_only') ? { lists: true } : {}),
  witness: it.text('witness'),
  limitsBefore: it.texts('limits_before'),
  limitsAfter: it.texts('limits_after'),
  answeredBefore: it.parts('answered_before').map(ruleOf),
  answeredAfter: it.parts('answered_after').map(ruleOf),
  ...it.maybe('from', 'from'),
  ...it.maybe('until', 'until'),
  ...(it.has('unresolved') ? { unresolved: true } : {}),
  ...it.maybe('escalates', 'escalates'),
})

const ruleOf = (it: Part): AnsweringRule => ({ path: it.text('path'), policies: it.texts('policies'), denies: it.flag('denies') })

const diagnosticOf = (it: Part): Diagnostic => ({
  code: it.text('code'),
  severity: it.oneOf('severity', ['error', 'warning', 'note']),
  summary: it.text('summary'),
  ...it.maybe('detail', 'detail'),
  ...it.maybe('address', 'about'),
  ...(it.has('range') ? { at: rangeOf(it.part('range')) } : {}),
  ...(it.has('related') ? { related: it.parts('related').map(one => ({ at: rangeOf(one.part('range')), note: one.text('note') })) } : {}),
})

const positionOf = (it: Part): SourceRange['start'] => ({
  line: it.number('line'),
  column: it.number('column'),
  offset: it.number('offset'),
})

const rangeOf = (it: Part): SourceRange => ({ file: it.text('file'), start: positionOf(it.part('start')), end: positionOf(it.part('end')) })

const shareOf = (it: Part): Share => ({ count: it.number('count'), of: it.number('of'), allowed: it.number('allowed') })

const coverageFrom = (it: Part): Coverage =>
  Object.fromEntries(
    coverageClasses.map(kind => {
      const one = it.part(kind)
      return [kind, { managed: one.number('managed'), unmanaged: one.number('unmanaged'), ignored: one.number('ignored') }]
    }),
  ) as Record<CoverageClass, Covered>

const ignoredOf = (it: Part): StandingIgnore => ({
  pattern: it.text('pattern'),
  ...(it.has('attributes') ? { attributes: it.texts('attributes') } : {}),
  ...it.maybe('reason', 'reason'),
  ...it.maybe('until', 'until'),
})

const unmanagedOf = (it: Part): Unmanaged => ({
  policies: it.texts('policies'),
  auth: it.texts('auth') as readonly Address[],
  engines: it.texts('engines') as readonly Address[],
  objects: it.texts('objects') as readonly Address[],
  unlisted: it.texts('unlisted'),
})
