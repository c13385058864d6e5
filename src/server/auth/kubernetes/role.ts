import { noOldTokenWords, noTokenSettings, type OldTokenWords, type TokenSettings } from '../../framework/index.ts'
import type { Labels } from './selector.ts'

/** What the identity store is to call whoever logs in. */
export const ALIAS_SOURCES = ['serviceaccount_uid', 'serviceaccount_name'] as const
export type AliasSource = (typeof ALIAS_SOURCES)[number]

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
  readonly old: OldTokenWords
}

export const newRole: Role = {
  ...noTokenSettings,
  names: [],
  namespaces: null,
  selector: '',
  labels: {},
  audience: '',
  aliasNameSource: 'serviceaccount_uid',
  old: noOldTokenWords,
}
