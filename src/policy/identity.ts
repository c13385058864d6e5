/** What templates may say about the holder of a token. Names and metadata as the identity store keeps them. */
export interface IdentityFacts {
  readonly entity?: EntityFacts
  /** Those the entity is in, directly or through another group. */
  readonly groups?: readonly GroupFacts[]
}

export interface EntityFacts {
  readonly id: string
  readonly name: string
  readonly metadata?: Metadata
  readonly aliases?: readonly AliasFacts[]
}

export interface AliasFacts {
  readonly id: string
  readonly name: string
  readonly mountAccessor: string
  readonly metadata?: Metadata
  readonly customMetadata?: Metadata
}

export interface GroupFacts {
  readonly id: string
  readonly name: string
  /** Path of its namespace; `''` (the root one) if absent. A template names only groups of its policy's namespace. */
  readonly namespace?: string
  readonly metadata?: Metadata
}

export type Metadata = Readonly<Record<string, string>>
