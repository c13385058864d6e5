import type { SourceRange } from '../../kernel/index.ts'
import type { IdentityFacts, ReasonClass } from '../../policy/index.ts'
import type { AskedRequest, HolderKind } from '../access/index.ts'

/** Whose requests a test is about: what is named here is looked up when the test runs. Several count together. */
export interface Subject {
  readonly holders: readonly { readonly said: string; readonly kind?: HolderKind; readonly at: SourceRange }[]
  readonly policies: readonly { readonly said: string; readonly at: SourceRange }[]
  readonly facts?: IdentityFacts
}

/** One request and what must become of it. */
export interface Expectation {
  readonly request: AskedRequest
  readonly allowed: boolean
  /** The rule that must answer: of this policy, and with this path if one is said. */
  readonly by?: { readonly policy: string; readonly path?: string }
  /** Why it must be denied. */
  readonly because?: ReasonClass
  readonly at: SourceRange
}

/** Exactly these holders may do each of these, and no other. */
export interface NobodyBut {
  readonly holders: Subject['holders']
  readonly can: readonly Expectation[]
}

export interface AccessTest {
  readonly name: string
  readonly at: SourceRange
  readonly body:
    | { readonly is: 'of'; readonly subject: Subject; readonly expectations: readonly Expectation[] }
    | ({ readonly is: 'nobody-but' } & NobodyBut)
}
