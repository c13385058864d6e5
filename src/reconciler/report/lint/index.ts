/**
 * What the linter found, in the formats of those who read it: people, editors, GitHub, code scanning, test reports. Pure: values
 * in, text out. Must not know a rule, nor where the text goes. A face of its own, because the rest of the reports needs diff, whose
 * loading takes longer than to lint a file.
 */
export { compactReport, lintSummary } from './compact.ts'
export { githubReport } from './github.ts'
export { jsonReport } from './json.ts'
export { junitReport } from './junit.ts'
export { type LintReport } from './reported.ts'
export { sarifReport } from './sarif.ts'
export { coloured, plain, type Paint } from '../paint.ts'
