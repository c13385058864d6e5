import {
  digestOf,
  equalJson,
  fingerprintOf,
  without,
  type Digest,
  type Kind,
  type LedgerEntry,
  type LiveObject,
  type Moved,
  type Resource,
  type Seal,
  type Subject,
  type Values,
} from '../model/index.ts'

/** One described object beside its live side. */
export interface Comparison {
  /** What will be there afterwards, without what is hidden. */
  readonly after: Values
  readonly before: Values | undefined
  /** Attributes that differ, hidden ones too. */
  readonly changed: readonly string[]
  readonly hidden: readonly string[]
  readonly applied: Digest
  readonly fingerprint: Digest | 'absent'
  readonly moved: Moved
}

export interface Sides {
  readonly kind: Kind
  readonly resource: Resource
  readonly live: LiveObject | undefined
  /** What its references stand for. */
  readonly resolved: Values
  readonly entry: LedgerEntry | undefined
  /** Attributes that somebody else may set: the live value stays. */
  readonly ignored: readonly string[]
  readonly seal: Seal | undefined
}

export function compare(sides: Sides): Comparison {
  const { kind, resource, live, resolved, entry, ignored } = sides
  const hidden = Object.keys(resource.references).sort()
  const kept =
    live === undefined ? {} : Object.fromEntries(ignored.flatMap(name => (name in live.values ? [[name, live.values[name] ?? null]] : [])))
  const after = { ...resource.values, ...kept }
  const applied = digestOf(kind.essence(resource, without(resource.values, ignored)))
  const before = live === undefined ? undefined : without(live.values, hidden)
  const { tracked, said } = kind.unread(resource)
  const differing =
    live === undefined
      ? []
      : [...differences(without({ ...after, ...resolved }, [...tracked, ...said]), live.values), ...changedSecrets(sides, tracked)].sort()
  return {
    after,
    before,
    // For what is new, what is said beyond the defaults is what deserves to be shown.
    changed: live === undefined ? Object.keys(kind.essence(resource, after)) : differing,
    hidden,
    applied,
    fingerprint: live === undefined ? 'absent' : fingerprintOf(live.values, hidden),
    moved: movedOf(entry, applied, before === undefined ? undefined : essenceDigest(kind, resource, before, ignored)),
  }
}

/** Of the attributes that are managed; what the server has beyond them is not looked at. */
function differences(wanted: Values, live: Values): readonly string[] {
  return Object.keys(wanted)
    .filter(name => !equalJson(wanted[name], live[name]))
    .sort()
}

/**
 * Of attributes that no answer holds, those that are not as they were last written. One that was never written from here may be
 * anything, so it is written; one that is no longer described has to go.
 */
function changedSecrets({ resource, resolved, entry, ignored, seal }: Sides, tracked: readonly string[]): readonly string[] {
  const wanted = { ...resource.values, ...resolved }
  return tracked.filter(name => {
    if (ignored.includes(name)) return false
    const known = entry?.sealed?.[name]
    const value = wanted[name]
    if (value === undefined) return known !== undefined && resource.references[name] === undefined
    if (known === undefined) return true
    return seal !== undefined && seal(resource.address, name, value) !== known
  })
}

/** In the form that the ledger remembers, of those attributes that the files give. */
function essenceDigest(kind: Kind, resource: Resource, live: Values, ignored: readonly string[]): Digest {
  const managed = Object.fromEntries(Object.entries(live).filter(([name]) => name in resource.values))
  return digestOf(kind.essence(resource, without(managed, ignored)))
}

function movedOf(entry: LedgerEntry | undefined, wanted: Digest, live: Digest | undefined): Moved {
  if (entry?.applied === undefined) return 'new'
  if (entry.applied === wanted) return 'target'
  return entry.applied === live ? 'repository' : 'both'
}

/** The same for an object that the files no longer describe. */
export function movedOfLeftover(kind: Kind, subject: Subject, entry: LedgerEntry, live: Values): Moved {
  if (entry.applied === undefined) return 'repository'
  return entry.applied === digestOf(kind.essence(subject, live)) ? 'repository' : 'both'
}
