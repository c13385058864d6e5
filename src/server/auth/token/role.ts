import type { Json } from '../../../kernel/index.ts'
import { collection, type Collection, type View } from '../../logical/index.ts'

/** A token role as it is kept. Spans in seconds; the old names beside the new ones, as reads show both. */
export interface TokenRole {
  readonly name: string
  readonly allowedPolicies: readonly string[]
  readonly disallowedPolicies: readonly string[]
  readonly allowedPoliciesGlob: readonly string[]
  readonly disallowedPoliciesGlob: readonly string[]
  /** null as long as nobody gave any. */
  readonly allowedEntityAliases: readonly string[] | null
  readonly orphan: boolean
  readonly renewable: boolean
  readonly pathSuffix: string
  readonly tokenType: string
  readonly period: number
  readonly tokenPeriod: number
  readonly explicitMaxTtl: number
  readonly tokenExplicitMaxTtl: number
  readonly boundCidrs: readonly string[]
  readonly tokenBoundCidrs: readonly string[]
  readonly tokenNumUses: number
  readonly tokenNoDefaultPolicy: boolean
}

export const rolesOf = (view: View): Collection<TokenRole> => collection(view, 'roles/')

/** `*` at either end only, as in the API's other globs. */
export function matchesGlob(globs: readonly string[], text: string): boolean {
  return globs.some(glob => {
    const open = glob.startsWith('*')
    const close = glob.endsWith('*')
    if (glob === '*') return true
    if (open && close) return text.includes(glob.slice(1, -1))
    if (open) return text.endsWith(glob.slice(1))
    return close ? text.startsWith(glob.slice(0, -1)) : text === glob
  })
}

/** A list as the peer's messages print one: `["a" "b"]`. */
export const listed = (items: readonly string[]): string => `[${items.map(it => JSON.stringify(it)).join(' ')}]`

/** A token remembers its role in what is sealed with it. */
export const internalOf = (role: TokenRole | undefined): Json | undefined => role && { role: role.name }
export const roleOf = (internal: Json | undefined): string | undefined =>
  typeof internal === 'object' && internal !== null && 'role' in internal && typeof internal['role'] === 'string'
    ? internal['role']
    : undefined
