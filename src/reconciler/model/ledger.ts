import type { Json } from '../../kernel/index.ts'
import type { Address } from './address.ts'
import { movedAddress, type Moves } from './move.ts'
import type { Digest } from './values.ts'

/** The policies in which ledgers are kept; no file describes them, and they are not counted as unmanaged. */
export const ledgerFolder = 'lockstep/ledger/'

/** The policy that says which of several watches works for an owner. It stands in the folder of the ledger, and is no part of it. */
export const lockName = (owner: string): string => `${ledgerFolder}${owner}/lock`
export const isLock = (name: string): boolean => name.startsWith(ledgerFolder) && name.endsWith('/lock')

/**
 * How an object came to be ours:
 *
 * - `creating`: we said that we would create it, and have not yet said that we did. If it stands there, we did.
 * - `created`: we created it, so we may delete it.
 * - `adopted`: it was there before we were told to manage it. Taken out of the files it is let go, and stays.
 */
export type Origin = 'creating' | 'created' | 'adopted'

/** `-`: it was written, and that is all that is known. */
export type Sealed = Digest | '-'

export interface LedgerEntry {
  readonly origin: Origin
  /** Of the canonical values (without secrets and defaults) that were last applied; absent while `creating`. */
  readonly applied?: Digest
  /** By attribute: the keyed hash of a secret as it was last written; `-` where there was no key. */
  readonly sealed?: Readonly<Record<string, Sealed>>
}

/** What one owner has written down on the target. Immutable. */
export interface Ledger {
  readonly owner: string
  readonly entries: ReadonlyMap<Address, LedgerEntry>
  /** Where the files came from when it was last written: the address of the Git remote, without credentials. */
  readonly repository?: string
  /** The commit that was last applied whole. */
  readonly commit?: string
}

/** What an entry becomes, given what it is by then, and all others; `undefined` is no entry. */
export type LedgerEdit = (before: LedgerEntry | undefined, all: ReadonlyMap<Address, LedgerEntry>) => LedgerEntry | undefined

/** What an apply learns, to be merged into whatever the ledger says when it is written. */
export interface LedgerChange {
  readonly entries: ReadonlyMap<Address, LedgerEdit>
  /** Mounts that go by another name, with all that lives on them; before the edits, which use the new ones. */
  readonly moves?: Moves
  readonly repository?: string
  readonly commit?: string
}

export const emptyLedger = (owner: string): Ledger => ({ owner, entries: new Map() })

/** Tells secrets apart without telling them: the same hash for the same value at the same place, to whoever has the key. */
export type Seal = (address: Address, attribute: string, value: Json) => Digest

export const isOwned = (entry: LedgerEntry | undefined): boolean => entry !== undefined && entry.origin !== 'adopted'

/** What has an entry by its new name already keeps that one. */
export function movedEntries(before: Ledger['entries'], moves: Moves = new Map()): Map<Address, LedgerEntry> {
  const entries = new Map(before)
  if (moves.size === 0) return entries
  for (const [address, entry] of before) {
    const to = movedAddress(address, moves)
    if (to === address) continue
    entries.delete(address)
    if (!before.has(to)) entries.set(to, entry)
  }
  return entries
}

export function mergeLedger(ledger: Ledger, change: LedgerChange): Ledger {
  const entries = movedEntries(ledger.entries, change.moves)
  for (const [address, edit] of change.entries) {
    const entry = edit(entries.get(address), entries)
    if (entry === undefined) entries.delete(address)
    else entries.set(address, entry)
  }
  return {
    ...ledger,
    entries,
    ...(change.repository === undefined ? {} : { repository: change.repository }),
    ...(change.commit === undefined ? {} : { commit: change.commit }),
  }
}
