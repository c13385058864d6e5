import type { Json } from '../../kernel/index.ts'
import type { Address } from './address.ts'
import type { KindName, LiveObject, Subject } from './resource.ts'
import type { Values } from './values.ts'

/** What an answer of the API holds, as far as it matters here. */
export interface TargetAnswer {
  readonly data?: Readonly<Record<string, Json>> | null
}

/**
 * What planning gets of the target: no way to write. `undefined` is a clean "there is no such thing" and nothing else; any other
 * failure rejects.
 */
export interface TargetReader {
  read(path: string, query?: Readonly<Record<string, string | readonly string[]>>): Promise<TargetAnswer | undefined>
  list(path: string): Promise<readonly string[]>
}

/** What only apply gets. */
export interface TargetWriter extends TargetReader {
  write(path: string, body: unknown): Promise<TargetAnswer | undefined>
  /** What is already gone is no failure. */
  delete(path: string): Promise<void>
}

/** The HTTP status with which the target refused, for an error that carries one. */
export function statusOf(error: unknown): number | undefined {
  const status = (error as { readonly status?: unknown } | undefined)?.status
  return error instanceof Error && typeof status === 'number' ? status : undefined
}

/** One change to make, everything resolved. `values` holds secrets; it must not be kept, shown or logged. */
export interface Change {
  readonly subject: Subject
  readonly values: Values
  /** Absent for a create. */
  readonly live?: LiveObject
  /** Attributes to change; for a create, all. */
  readonly changed: readonly string[]
  readonly compareAndSet: boolean
}

/**
 * `tracked`: the ledger knows a keyed hash of what was written last. `said`: no state, but how a write is to be taken; it goes
 * with every write.
 */
export interface Unread {
  readonly tracked: readonly string[]
  readonly said: readonly string[]
}

export const nothingUnread: Unread = { tracked: [], said: [] }

/** One kind of managed object: how it is compared, read and written. Adding a kind is a folder and a line in `kinds/index.ts`. */
export interface Kind {
  readonly name: KindName
  readonly doc: string
  /** Lower is created earlier and deleted later. */
  rank(subject: Subject): number
  /** It is there with its mount and cannot be away: to delete it is to bring it back to the server's defaults. */
  isPermanent(subject: Subject): boolean
  /** Why it cannot be taken away, although it is not there from the start; undefined when it can. */
  keeps(subject: Subject): string | undefined
  /** Attributes that no answer holds: never compared with what is live. */
  unread(subject: Subject): Unread
  /** Why the change cannot be made in place; undefined when it can. */
  replacement(subject: Subject, before: Values, after: Values, changed: readonly string[]): string | undefined
  /** What is lost for good when the object is deleted, or made anew; undefined when nothing is. */
  loses(subject: Subject, how: 'delete' | 'replace'): string | undefined
  /** Without what is at its default: what the ledger remembers the fingerprint of. */
  essence(subject: Subject, values: Values): Values
  /** What a reader of the plan should know about a change, beyond the change. */
  notes(before: Values, after: Values): readonly string[]
  /** What a reference stands for, canonical; undefined when it is not what the attribute expects. */
  resolved(subject: Subject, attribute: string, text: string): Json | undefined
  /** `extra`: attributes that are only read where the files give them. */
  read(reader: TargetReader, subject: Subject, extra: readonly string[]): Promise<LiveObject | undefined>
  /** The target itself refuses to create what is already there. */
  createsOnly(compareAndSet: boolean): boolean
  create(writer: TargetWriter, change: Change): Promise<void>
  update(writer: TargetWriter, change: Change): Promise<void>
  /**
   * Brings it from another address to its own, and what is changed with it to what it shall be; absent where there is no such thing.
   *
   * @param pause waits so many milliseconds
   */
  move?(writer: TargetWriter, change: Change, from: Address, pause: (ms: number) => Promise<void>): Promise<void>
  remove(writer: TargetWriter, subject: Subject): Promise<void>
}

export type Kinds = Readonly<Record<string, Kind>>
