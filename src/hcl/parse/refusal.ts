import type { Diagnostic } from '../../kernel/index.ts'

/** Why the server would refuse a text: our finding, and the server's own words for it. */
export interface Refusal {
  readonly finding: Diagnostic
  readonly peer: string
}

/** A value, or the reasons there is none; the first reason is the one the server gives. */
export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly refusals: readonly Refusal[] }
