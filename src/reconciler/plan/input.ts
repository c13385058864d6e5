import type { Diagnostic } from '../../kernel/index.ts'
import type {
  AccessEntry,
  Address,
  Kinds,
  Ledger,
  LiveObject,
  Moves,
  Refusal,
  Resource,
  Seal,
  Settings,
  Source,
  Step,
  Subject,
  Target,
  Unmanaged,
  Values,
} from '../model/index.ts'

/** What was seen on the target. */
export interface Observation {
  /** Wanted objects that are there. What was wanted and is not among them is known to be absent. */
  readonly live: ReadonlyMap<Address, LiveObject>
  /** Every mount that is there, managed or not. */
  readonly mounts: ReadonlySet<Address>
  /** The names of all policies that are there. */
  readonly policies: ReadonlySet<string>
  /** Of what the files name and do not describe, what is there or may be: what may not be read is not known to be away. */
  readonly named: ReadonlySet<Address>
  readonly unmanaged: Unmanaged
  /** What would be unmanaged, if no rule ignored it. */
  readonly ignored: readonly Address[]
}

/** What goes by another name. Whatever else planning is given uses the new ones already. */
export interface PlannedMoves {
  /** Mounts that have to be moved. */
  readonly mounts: Moves
  /** Mounts that stand where they shall be, of which only the ledger does not know. */
  readonly written: Moves
  /** Policies whose old names are to go. */
  readonly policies: Moves
}

/** An object that the ledger names and the files do not. */
export interface Leftover {
  readonly address: Address
  /** What must be known to read and remove it; undefined: its mount is of a type that the tables do not know. */
  readonly subject: Subject | undefined
}

export interface PlanInput {
  readonly source: Source
  readonly target: Target
  readonly settings: Settings
  readonly desired: ReadonlyMap<Address, Resource>
  /** What references stand for, canonical, by address and attribute. Secret: compared, never kept. */
  readonly resolved: ReadonlyMap<Address, Values>
  /** Tells a changed secret from one that is as it was; undefined: there is no key, so nothing can be told. */
  readonly seal?: Seal
  readonly moves: PlannedMoves
  readonly leftovers: readonly Leftover[]
  readonly seen: Observation
  readonly ledger: Ledger
  /** Objects that the ledger of another owner names. */
  readonly foreign: ReadonlyMap<Address, string>
  readonly kinds: Kinds
  /** Which addresses the plan is about. */
  readonly isSelected: (address: Address) => boolean
  /** What was not read, because the ledger is trusted about it; it is not among what is selected. */
  readonly trusted: ReadonlySet<Address>
  /** Guards that need to know more than a plan does. */
  readonly guards: readonly ((steps: readonly Step[]) => readonly Refusal[])[]
  /** What the steps change of who can reach what. */
  readonly access: (steps: readonly Step[]) => readonly AccessEntry[]
  readonly findings: readonly Diagnostic[]
}
