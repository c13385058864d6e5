import type { Diagnostic, Severity, SourceRange } from '../../kernel/index.ts'
import type { Address } from './address.ts'

/** Every code that loading and planning can give, with what it means. Codes are never reused. */
export const findingCodes = {
  LOAD0001: 'a file cannot be read',
  LOAD0002: 'a file is not the YAML it should be',
  LOAD0003: 'a key is not known here',
  LOAD0004: 'a value is not of the kind that is expected',
  LOAD0005: 'something that is needed is missing',
  LOAD0006: 'the same object is described twice',
  LOAD0007: 'a name cannot be used',
  LOAD0008: 'a reference to a secret is not well formed',
  LOAD0009: 'a file in a managed folder is not understood',
  LOAD0010: 'attributes contradict each other',
  LOAD0011: 'an object is reserved and cannot be managed',
  LOAD0012: 'a deprecated name is used',
  LOAD0013: 'a name is changed by the server',
  LOAD0014: 'an ignore rule has run out',
  LOAD0015: 'an object is managed and ignored at once',
  LOAD0016: 'a secret stands in clear in a file',
  LOAD0017: 'a move leads nowhere',
  LOAD0018: 'a move starts at what the files still describe',
  PLAN0001: 'the target could not be read',
  PLAN0002: 'a role names a policy that does not exist',
  PLAN0003: 'an object that was there before is taken over',
  PLAN0004: 'an object that is no longer in the files stays, because it was not created by us',
  PLAN0005: 'a value given by reference cannot be found',
  PLAN0006: 'the owner has no name',
  PLAN0007: 'what a mount holds cannot be managed',
  PLAN0008: 'the ledger cannot be read',
  PLAN0009: 'what stands in the way cannot be told',
  TEST0001: 'an access test names what is not there',
  ADOPT0001: 'something on the target could not be taken over',
  PLAN0010: 'changes of secrets cannot be told, for want of a key',
  PLAN0011: 'objects were not read, because the ledger was trusted about them',
  PLAN0012: 'a move cannot be made',
  PLAN0013: 'an object names another that does not exist',
  PLAN0014: 'the plan was made with a snapshot of the server',
} as const

export type FindingCode = keyof typeof findingCodes

export interface FindingExtras {
  readonly detail?: string | undefined
  readonly at?: SourceRange | undefined
  readonly about?: Address | undefined
  readonly related?: Diagnostic['related']
}

export function finding(severity: Severity, code: FindingCode, summary: string, extras: FindingExtras = {}): Diagnostic {
  const { detail, at, about, related } = extras
  return {
    code,
    severity,
    summary,
    ...(detail === undefined ? {} : { detail }),
    ...(at === undefined ? {} : { at }),
    ...(about === undefined ? {} : { about }),
    ...(related === undefined ? {} : { related }),
  }
}

export const errorAt = (code: FindingCode, at: SourceRange | undefined, summary: string, detail?: string): Diagnostic =>
  finding('error', code, summary, { at, detail })

export const hasErrors = (findings: readonly Diagnostic[]): boolean => findings.some(it => it.severity === 'error')

const RANK: Readonly<Record<Severity, number>> = { error: 0, warning: 1, note: 2 }

/** Errors first; then by file and place. */
export function sortFindings(findings: readonly Diagnostic[]): readonly Diagnostic[] {
  return findings.toSorted(
    (a, b) =>
      RANK[a.severity] - RANK[b.severity] ||
      compare(a.at?.file ?? '', b.at?.file ?? '') ||
      (a.at?.start.offset ?? 0) - (b.at?.start.offset ?? 0) ||
      compare(a.code, b.code) ||
      compare(a.about ?? '', b.about ?? ''),
  )
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** `policies/a.hcl:3:5`. */
export const placeText = (at: SourceRange): string => `${at.file}:${at.start.line}:${at.start.column}`

/** The range of a whole file, for what has no narrower place. */
export const fileRange = (file: string): SourceRange => ({
  file,
  start: { line: 1, column: 1, offset: 0 },
  end: { line: 1, column: 1, offset: 0 },
})
