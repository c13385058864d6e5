import type { Diagnostic } from '../../kernel/index.ts'
import { diagnosticJson, stableJson } from '../model/index.ts'

/** Findings where there is no plan, because the files are not right. */
export const findingsJson = (findings: readonly Diagnostic[]): string =>
  `${stableJson({ format_version: '1.0', errored: true, diagnostics: findings.map(diagnosticJson) }, 2)}\n`
