import type { SourceRange } from '../../../kernel/index.ts'
import { isFileFinding, type LintReport, type ReportedFinding, type ReportedRule } from './reported.ts'

/** SARIF 2.1.0 (OASIS), which code scanning reads. Fingerprints keep a finding the same when lines move. */
export function sarifReport({ findings, rules }: LintReport): string {
  const indexes = new Map(rules.map(({ id }, i) => [id, i]))
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'lockstep', rules: rules.map(descriptor) } },
        columnKind: 'unicodeCodePoints',
        results: findings.map(it => result(it, indexes.get(it.code))),
      },
    ],
  }
  return `${JSON.stringify(log, null, 2)}\n`
}

const descriptor = ({ id, severity, doc, why }: ReportedRule): object => ({
  id,
  shortDescription: { text: doc },
  fullDescription: { text: why },
  defaultConfiguration: { level: severity },
})

const result = (finding: ReportedFinding, ruleIndex: number | undefined): object => ({
  ruleId: finding.code,
  ...(ruleIndex === undefined ? {} : { ruleIndex }),
  level: finding.severity,
  message: { text: finding.detail === undefined ? finding.summary : `${finding.summary}\n${finding.detail}` },
  locations: [location(finding.at, isFileFinding(finding))],
  partialFingerprints: { 'lockstep/v1': finding.fingerprint },
  ...(finding.related === undefined
    ? {}
    : { relatedLocations: finding.related.map(({ at, note }, id) => ({ id, ...location(at, false), message: { text: note } })) }),
})

const location = ({ file, start, end }: SourceRange, isWhole: boolean): object => ({
  physicalLocation: {
    artifactLocation: { uri: file.split('/').map(encodeURIComponent).join('/') },
    ...(isWhole ? {} : { region: { startLine: start.line, startColumn: start.column, endLine: end.line, endColumn: end.column } }),
  },
})
