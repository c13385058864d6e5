import type { SourceRange } from '../../kernel/index.ts'

/**
 * A configuration file as generic data with places: what the words mean is the reader's business, who reports a wrong one by
 * its range. `storage "lmdb" { path = "x" }` is a block with one label; `path = "x"` is an attribute.
 */
export interface ConfigNode {
  readonly kind: 'body'
  /** Of the whole `{ … }`; of the whole text for the outermost. */
  readonly at: SourceRange
  readonly entries: readonly ConfigEntry[]
}

export type ConfigEntry = ConfigAttribute | ConfigBlock

export interface ConfigAttribute {
  readonly kind: 'attribute'
  readonly name: string
  readonly nameAt: SourceRange
  readonly value: ConfigValue
}

export interface ConfigBlock {
  readonly kind: 'block'
  readonly name: string
  readonly nameAt: SourceRange
  readonly labels: readonly ConfigLabel[]
  readonly body: ConfigNode
}

export interface ConfigLabel {
  readonly text: string
  readonly at: SourceRange
}

export type ConfigValue =
  | { readonly kind: 'string'; readonly value: string; readonly at: SourceRange }
  /** `source`: as written, because `0x10` and `010` are 16 and 8. */
  | { readonly kind: 'number'; readonly value: number; readonly source: string; readonly at: SourceRange }
  | { readonly kind: 'bool'; readonly value: boolean; readonly at: SourceRange }
  | { readonly kind: 'null'; readonly at: SourceRange }
  | { readonly kind: 'list'; readonly elements: readonly ConfigValue[]; readonly at: SourceRange }
  /** `{ … }` behind an `=`. */
  | { readonly kind: 'object'; readonly body: ConfigNode; readonly at: SourceRange }
