import { escapedXml } from '../xml.ts'
import { type LintReport, type ReportedFinding } from './reported.ts'

/** A test a file; each of its findings is a failure. */
export function junitReport({ findings, files }: LintReport): string {
  const byFile = Map.groupBy(findings, it => it.at.file)
  const names = [...new Set([...files, ...byFile.keys()])].sort()
  const failed = names.filter(it => byFile.has(it)).length
  const head = `name="lockstep lint" tests="${names.length}" failures="${failed}" errors="0"`
  const cases = names.map(name => testCase(name, byFile.get(name) ?? []))
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites ${head}>\n  <testsuite ${head}>\n${cases.join('')}  </testsuite>\n</testsuites>\n`
}

function testCase(name: string, findings: readonly ReportedFinding[]): string {
  const open = `    <testcase name="${escapedXml(name)}" classname="lockstep.lint" file="${escapedXml(name)}"`
  const [first] = findings
  if (first === undefined) return `${open}/>\n`
  // The format has one failure a test, so that it is the text that names them all.
  const message = findings.length === 1 ? first.summary : `${findings.length} findings`
  const lines = findings.map(
    ({ at, severity, code, summary, detail }) =>
      `${at.file}:${at.start.line}:${at.start.column}: ${severity}: ${summary} [${code}]${detail === undefined ? '' : `\n    ${detail}`}`,
  )
  return `${open}>\n      <failure type="${escapedXml(first.code)}" message="${escapedXml(message)}">${escapedXml(lines.join('\n'))}</failure>\n    </testcase>\n`
}
