/** The words that came before `token_*`, which old clients still speak. */
import type { Seconds } from '../../kernel/index.ts'
import { f, type FieldsOf, type WireObject } from '../../schema/index.ts'
import { parsedAddresses, type TokenSettings, type TokenWishes } from './token-settings.ts'

/** Shown when they were spoken, and then equal to the new ones. Spans in seconds, 0: not set. */
export interface OldTokenWords {
  readonly policies: readonly string[]
  readonly boundCidrs: readonly string[]
  readonly numUses: number
  readonly ttl: number
  readonly maxTtl: number
  readonly period: number
}
export const noOldTokenWords: OldTokenWords = { policies: [], boundCidrs: [], numUses: 0, ttl: 0, maxTtl: 0, period: 0 }

interface OldWishes {
  readonly policies?: readonly string[]
  readonly numUses?: number
  readonly ttl?: Seconds
  readonly maxTtl?: Seconds
  readonly period?: Seconds
  readonly boundCidrs?: readonly string[]
}
/** Input, and also what a reply declares. */
export const oldTokenFields: FieldsOf<OldWishes> = {
  policies: f.strings('Policies of the token.').deprecated('use token_policies'),
  num_uses: f.int('How often the token may be used.').deprecated('use token_num_uses'),
  ttl: f.duration('How long the token lives at first.').deprecated('use token_ttl'),
  max_ttl: f.duration('How long the token may live at most.').deprecated('use token_max_ttl'),
  period: f.duration('How long each renewal reaches.').deprecated('use token_period'),
  bound_cidrs: f.strings('Where the token may be used from.').deprecated('use token_bound_cidrs'),
}

/** The new word wins over its old twin; the twin is kept when it was spoken. */
export function withOldTokenWords<T extends TokenSettings & { readonly old: OldTokenWords }>(role: T, given: OldWishes & TokenWishes): T {
  const words: Partial<OldTokenWords> = {
    ...(given.policies !== undefined && { policies: given.tokenPolicies ?? given.policies }),
    ...(given.numUses !== undefined && { numUses: given.tokenNumUses ?? given.numUses }),
    ...(given.ttl !== undefined && { ttl: given.tokenTtl ?? given.ttl }),
    ...(given.maxTtl !== undefined && { maxTtl: given.tokenMaxTtl ?? given.maxTtl }),
    ...(given.period !== undefined && { period: given.tokenPeriod ?? given.period }),
    ...(given.boundCidrs !== undefined && { boundCidrs: parsedAddresses(given.tokenBoundCidrs ?? given.boundCidrs) }),
    ...(given.tokenPolicies !== undefined && given.policies === undefined && { policies: [] }),
    ...(given.tokenNumUses !== undefined && given.numUses === undefined && { numUses: 0 }),
    ...(given.tokenTtl !== undefined && given.ttl === undefined && { ttl: 0 }),
    ...(given.tokenMaxTtl !== undefined && given.maxTtl === undefined && { maxTtl: 0 }),
    ...(given.tokenPeriod !== undefined && given.period === undefined && { period: 0 }),
    ...(given.tokenBoundCidrs !== undefined && given.boundCidrs === undefined && { boundCidrs: [] }),
  }
  return {
    ...role,
    old: { ...role.old, ...words },
    ...(words.policies !== undefined && given.tokenPolicies === undefined && { tokenPolicies: words.policies }),
    ...(words.numUses !== undefined && given.tokenNumUses === undefined && { tokenNumUses: words.numUses }),
    ...(words.ttl !== undefined && given.tokenTtl === undefined && { tokenTtl: words.ttl }),
    ...(words.maxTtl !== undefined && given.tokenMaxTtl === undefined && { tokenMaxTtl: words.maxTtl }),
    ...(words.period !== undefined && given.tokenPeriod === undefined && { tokenPeriod: words.period }),
    ...(words.boundCidrs !== undefined && given.tokenBoundCidrs === undefined && { tokenBoundCidrs: words.boundCidrs }),
  }
}

/** In wire form, those that were spoken. */
export const shownOldTokenWords = ({ old, ...role }: TokenSettings & { readonly old: OldTokenWords }): WireObject => ({
  ...(old.boundCidrs.length > 0 && { bound_cidrs: role.tokenBoundCidrs }),
  ...(old.maxTtl > 0 && { max_ttl: old.maxTtl }),
  ...(old.numUses > 0 && { num_uses: old.numUses }),
  ...(old.period > 0 && { period: old.period }),
  ...(old.policies.length > 0 && { policies: role.tokenPolicies }),
  ...(old.ttl > 0 && { ttl: old.ttl }),
})
