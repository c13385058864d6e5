import type { SourceRange } from '../../kernel/index.ts'
import type { Address } from './address.ts'
import type { Reference } from './reference.ts'
import type { Values } from './values.ts'

/** `object`: whatever lives on a mount, and what every server has; `api`: anything else, by its path. */
export type KindName = 'policy' | 'mount' | 'object' | 'api'

/** Which object is meant, and what must be known to know what it looks like. */
export interface Subject {
  readonly address: Address
  readonly kind: KindName
  /** The mount it lives on. */
  readonly mount?: Address
  /** The type of the mount that it is, or that it lives on. */
  readonly type?: string
}

/** One value of an attribute that names another object. */
export interface NamedObject {
  readonly attribute: string
  readonly value: string
  /** It may stand at any of these. */
  readonly at: readonly Address[]
}

/** What the files say about one object. */
export interface Resource extends Subject {
  /** Canonical. A value that is given by reference is not in it. */
  readonly values: Values
  /** By attribute. */
  readonly references: Readonly<Record<string, Reference>>
  readonly from: SourceRange
  /** Where an attribute's value stands. */
  readonly at: Readonly<Record<string, SourceRange>>
  /** The names of the policies that it gives to tokens. */
  readonly policies: readonly string[]
  /** Other objects that it names, and does not work without. */
  readonly names?: readonly NamedObject[]
  /** What it names and cannot be made without. */
  readonly needs?: readonly Address[]
}

/** What stands on the target. */
export interface LiveObject {
  readonly values: Values
  /** For compare-and-set, where the target offers it. */
  readonly version?: number
  /** What is not managed, but has to be said again with every write lest the server drop it. */
  readonly carried?: Values
  /** Attributes that the target keeps to itself, and of which it says that they are set. */
  readonly secrets?: readonly string[]
}
