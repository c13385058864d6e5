import { noTokenSettings, type TokenSettings } from '../../framework/index.ts'
import type { Labels } from './selector.ts'

/** What the identity store is to call whoever logs in. */
export const ALIAS_SOURCES = ['serviceaccount_uid', 'serviceaccount_name'] as const
export type AliasSource = (typeof ALIAS_SOURCES)[number]

/** The old words for `token_*`: shown when they were spoken, and then equal to the new ones. Spans in seconds, 0: not set. */
export interface OldWords {
  readonly policies: readonly string[]
  readonly boundCidrs: readonly string[]
  readonly numUses: number
  readonly ttl: number
  readonly maxTtl: number
  readonly period: number
}

/** A role as kept, `role/<name>`, the name in lower case. */
export interface Role extends TokenSettings {
  readonly names: readonly string[]
  /** null: never given, which the API shows. */
  readonly namespaces: readonly string[] | null
  /** As given, and what it means; empty: none. */
  readonly selector: string
  readonly labels: Labels
  /** Empty: any. */
  readonly audience: string
  readonly aliasNameSource: AliasSource
  readonly old: OldWords
}

const noOldWords: OldWords = { policies: [], boundCidrs: [], numUses: 0, ttl: 0, maxTtl: 0, period: 0 }

export const newRole: Role = {
  ...noTokenSettings,
  names: [],
  namespaces: null,
  selector: '',
  labels: {},
  audience: '',
  aliasNameSource: 'serviceaccount_uid',
  old: noOldWords,
}
