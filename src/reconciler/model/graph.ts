import type { Address } from './address.ts'

export type GraphNodeKind = 'holder' | 'policy' | 'mount'

export interface Graph {
  readonly nodes: readonly { readonly id: Address; readonly kind: GraphNodeKind }[]
  /** `lives`: an object on its mount; `holds`: somebody has a policy; `reaches`: a policy speaks of paths of a mount. */
  readonly edges: readonly { readonly from: Address; readonly to: Address; readonly how: 'lives' | 'holds' | 'reaches' }[]
}
