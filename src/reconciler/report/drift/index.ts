/** Drift in the formats of those who read it: machines, code scanning, test reports, issues. Pure: values in, text out. */
export { driftJson } from './json.ts'
export { driftJunit } from './junit.ts'
export { driftMarkdown } from './markdown.ts'
export { driftSarif } from './sarif.ts'
export { percentText } from './words.ts'
