import type { Diagnostic } from '../../kernel/index.ts'
import { kinds } from '../kinds/index.ts'
import type { StoredLedger } from '../ledger/index.ts'
import { loadWorkspace, type Workspace } from '../load/index.ts'
import {
  addressMatcher,
  fileRange,
  finding,
  referenceText,
  sortFindings,
  type Address,
  type IgnoreRule,
  type Ledger,
  type LiveObject,
  type Plan,
  type Resource,
  type Seal,
  type TargetReader,
  type Values,
} from '../model/index.ts'
import { makePlan } from '../plan/index.ts'
import { accessAfter } from './access-after.ts'
import { planningReader } from './gathered.ts'
import { LedgerKeyUnusable, sealOf } from './ledger-key.ts'
import { observe, type Seen } from './observe.ts'
import { ownAccessGuard } from './own-access.ts'
import { resolverOf } from './references.ts'
import { trustedBy } from './trusted.ts'
import { readSource, type ReadSource, type SourceChoice } from './source.ts'

export interface PlanOptions {
  /** The managed folder. */
  readonly dir: string
  readonly source: SourceChoice
  /** Whose overlay of files is taken. */
  readonly environment?: string
  readonly reader: TargetReader
  /** As shown in the plan, and compared when a saved one is applied. */
  readonly target: { readonly address: string; readonly namespace?: string }
  /** Where `$env` references look. */
  readonly env: Readonly<Record<string, string | undefined>>
  readonly now: Date
  /** Absent: everything. */
  readonly isSelected?: (address: Address) => boolean
  /** Ignore rules for this run alone. An object that the files describe is left out of it. */
  readonly ignore?: readonly string[]
  /**
   * `changed`: only what the files do not say as they were last applied is read. What somebody changed on the target elsewhere is then not
   * seen.
   */
  readonly refresh?: 'all' | 'changed'
  /** Requests under way at once. */
  readonly parallelism?: number
  /** Whether what references stand for is looked up and compared; true unless told. */
  readonly followsReferences?: boolean
  /** The reader answers as the target did then. */
  readonly snapshotOf?: Date
}

/** `broken`: the files are not right, so nothing was asked of the target and nothing may be concluded. */
export type Planned =
  | { readonly is: 'planned'; readonly plan: Plan; readonly stored: StoredLedger }
  | { readonly is: 'broken'; readonly findings: readonly Diagnostic[]; readonly source: ReadSource['source'] }

const AT_ONCE = 32

/** Files → workspace, target → observation, both → plan. Reads only: what it is given has no way to write. */
export async function planPhase(options: PlanOptions): Promise<Planned> {
  const { dir, environment, now } = options
  const read = await readSource(dir, options.source)
  const workspace = loadWorkspace(read.files, { now, ...(environment === undefined ? {} : { environment }) })
  if (workspace.isBroken) return { is: 'broken', findings: workspace.findings, source: read.source }
  return await planWorkspace(workspace, read, options)
}

async function planWorkspace(workspace: Workspace, read: ReadSource, options: PlanOptions): Promise<Planned> {
  const reader = planningReader(options.reader, options.parallelism ?? AT_ONCE)
  const once = ignoreRules(options.ignore ?? [])
  const settings = once.length === 0 ? workspace.settings : { ...workspace.settings, ignore: [...workspace.settings.ignore, ...once] }
  const whole = once.filter(it => it.attributes === undefined)
  const chosen = selection(workspace.resources, options.isSelected)
  const isWanted = (address: Address): boolean => chosen(address) && !whole.some(it => it.matches(address))
  const desired = workspace.resources
  const isTrusted = options.refresh === 'changed' ? trustedBy(desired, settings) : undefined
  const wanted = { desired, settings, isSelected: isWanted, ...(isTrusted === undefined ? {} : { isTrusted }) }
  const [seen, references] = await Promise.all([
    observe(reader, options.target, wanted),
    options.followsReferences === false
      ? { values: new Map<Address, Values>(), findings: [] }
      : resolveAll(
          [...desired.values()].filter(it => isWanted(it.address)),
          options,
          reader,
        ),
  ])
  const owner = workspace.settings.ownership.owner
  const { seal, findings: keyFindings } = await keyOf(workspace, seen.ledger, options, reader)
  const managed = [...new Set([...desired.keys(), ...seen.ledger.entries.keys()])]
  const guard =
    seen.token === undefined ? [] : [ownAccessGuard({ token: seen.token, live: seen.observation.live, managed, owner, now: options.now })]
  const plan = makePlan({
    source: { ...read.source, files: workspace.files },
    target: seen.target,
    settings,
    desired,
    resolved: references.values,
    ...(seal === undefined ? {} : { seal }),
    leftovers: seen.leftovers,
    seen: seen.observation,
    ledger: seen.ledger,
    moves: seen.moves,
    foreign: seen.foreign,
    kinds,
    isSelected: address => isWanted(address) && !seen.trusted.has(address),
    trusted: seen.trusted,
    guards: guard,
    access: steps => accessAfter(withTrusted(seen, desired), steps, options.now),
    findings: sortFindings([
      ...workspace.findings,
      ...references.findings,
      ...keyFindings,
      ...seen.moves.findings,
      ...trustNote(seen),
      ...snapshotNote(options),
    ]),
  })
  return { is: 'planned', plan, stored: seen.stored }
}

/** What is not read is taken to be as it was applied. */
const withTrusted = ({ observation, trusted }: Seen, desired: ReadonlyMap<Address, Resource>): ReadonlyMap<Address, LiveObject> =>
  new Map([...observation.live, ...[...trusted].map(it => [it, { values: desired.get(it)?.values ?? {} }] as const)])

const trustNote = ({ trusted }: Seen): readonly Diagnostic[] =>
  trusted.size === 0
    ? []
    : [
        finding('note', 'PLAN0011', `${trusted.size} objects were not read, because the files say of them what was last applied`, {
          detail: 'what somebody changed on the server there is not seen; plan without -refresh=false looks at everything',
        }),
      ]

const snapshotNote = ({ snapshotOf }: PlanOptions): readonly Diagnostic[] =>
  snapshotOf === undefined
    ? []
    : [
        finding('note', 'PLAN0014', `planned with a snapshot of ${snapshotOf.toISOString()}, and not with the server itself`, {
          detail:
            'secrets, objects under api/ and what the server has become since are not compared; a plan with the server has the last word',
        }),
      ]

/** `ADDRESS` or `ADDRESS#attribute`; `*` stands for anything in an address. */
function ignoreRules(texts: readonly string[]): readonly IgnoreRule[] {
  return texts.map(text => {
    const [pattern = '', attribute] = text.split('#')
    return {
      pattern,
      matches: addressMatcher(pattern),
      ...(attribute === undefined ? {} : { attributes: [attribute] }),
      reason: 'for this run, by -ignore',
      at: fileRange('-ignore'),
    }
  })
}

/** Whoever selects a role means the mount that it lives on too, should that not be there yet. */
function selection(desired: ReadonlyMap<Address, Resource>, isSelected: PlanOptions['isSelected']): (address: Address) => boolean {
  if (isSelected === undefined) return () => true
  const mounts = new Set([...desired.values()].flatMap(it => (isSelected(it.address) && it.mount !== undefined ? it.mount : [])))
  return address => isSelected(address) || mounts.has(address)
}

/** A run that only looks may lack the key as it may lack the secrets; apply may not. */
async function keyOf(
  { settings, resources }: Workspace,
  ledger: Ledger,
  options: PlanOptions,
  reader: TargetReader,
): Promise<{ readonly seal?: Seal; readonly findings: readonly Diagnostic[] }> {
  const secrets = [...resources.values()].filter(it => kinds[it.kind]?.unread(it).tracked.some(name => name in it.references) === true)
  const [first] = secrets
  if (first === undefined) return { findings: [] }
  const { ledgerKey, owner } = settings.ownership
  if (options.followsReferences === false) return { findings: [] }
  const said = (detail: string): readonly Diagnostic[] => [
    finding('note', 'PLAN0010', `whether the secrets of ${countText(secrets.length)} have changed cannot be told`, {
      detail,
      about: first.address,
    }),
  ]
  if (ledgerKey === undefined) {
    const isWritten = secrets.some(it => ledger.entries.has(it.address))
    return {
      findings: isWritten
        ? said('they are written with whatever else changes; to track them, give ownership.ledger_key in lockstep.yaml')
        : [],
    }
  }
  try {
    return { seal: await sealOf(ledgerKey, owner, resolverOf({ env: options.env, dir: options.dir, reader })), findings: [] }
  } catch (error) {
    if (!(error instanceof LedgerKeyUnusable)) throw error
    return { findings: said(error.message) }
  }
}

const countText = (count: number): string => (count === 1 ? 'one object' : `${count} objects`)

interface ResolvedReferences {
  readonly values: ReadonlyMap<Address, Values>
  readonly findings: readonly Diagnostic[]
}

/**
 * What references stand for, as far as it can be found here. A run that only looks, in the CI of a pull request, may well lack the
 * secrets: then they are not compared, and the plan says so. Apply needs them, and looks again.
 */
async function resolveAll(resources: readonly Resource[], options: PlanOptions, reader: TargetReader): Promise<ResolvedReferences> {
  const resolve = resolverOf({ env: options.env, dir: options.dir, reader })
  const values = new Map<Address, Values>()
  const findings: Diagnostic[] = []
  const all = resources.flatMap(resource => Object.entries(resource.references).map(([name, reference]) => ({ resource, name, reference })))
  await Promise.all(
    all.map(async ({ resource, name, reference }) => {
      const { address, kind } = resource
      const extras = { at: resource.at[name], about: address }
      try {
        const value = kinds[kind]?.resolved(resource, name, await resolve(reference))
        if (value !== undefined) values.set(address, { ...values.get(address), [name]: value })
        else
          findings.push(
            finding('error', 'PLAN0005', `${name}: what ${referenceText(reference)} stands for is not what is expected here`, extras),
          )
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error)
        findings.push(finding('warning', 'PLAN0005', `${name} is not compared: ${why}`, extras))
      }
    }),
  )
  return { values, findings }
}
