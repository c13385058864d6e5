import type { RuleCoverage, TestResult } from '../../access-tests/index.ts'
import { placeText } from '../../model/index.ts'
import { harmlessLine, type Paint } from '../paint.ts'
import { escapedXml } from '../xml.ts'

export interface TestReport {
  readonly results: readonly TestResult[]
  /** Absent: it was not asked for. */
  readonly coverage?: RuleCoverage
  /** The least share of rules that tests must cover, in percent. */
  readonly failUnder?: number
  readonly notes: readonly string[]
}

export const isBelow = ({ coverage, failUnder }: TestReport): boolean =>
  coverage !== undefined && failUnder !== undefined && coverage.percent < failUnder

const failed = (results: readonly TestResult[]): number => results.filter(it => it.failures.length > 0).length
const checksOf = (results: readonly TestResult[]): number => results.reduce((sum, it) => sum + it.checks, 0)
/** Never up to a hundred what is less: `99.96` is not all. */
const percentText = (percent: number): string => `${Math.floor(percent * 10) / 10} %`

export function testsText(report: TestReport, paint: Paint): string {
  const lines: string[] = []
  for (const [file, results] of Map.groupBy(report.results, it => it.test.at.file)) {
    lines.push(harmlessLine(file))
    for (const { test, checks, failures } of results) {
      const mark = failures.length === 0 ? paint('green', '✓') : paint('red', '✗')
      lines.push(`  ${mark} ${harmlessLine(test.name)} ${paint('dim', `(${checks} ${checks === 1 ? 'check' : 'checks'})`)}`)
      for (const { at, message, detail } of failures) {
        lines.push(`      ${harmlessLine(placeText(at))}: ${harmlessLine(message)}`)
        if (detail !== undefined) lines.push(`        ${harmlessLine(detail)}`)
      }
    }
  }
  if (lines.length > 0) lines.push('')
  const bad = failed(report.results)
  const total = `${report.results.length} ${report.results.length === 1 ? 'test' : 'tests'}, ${checksOf(report.results)} ${checksOf(report.results) === 1 ? 'check' : 'checks'}`
  lines.push(`${total}, ${bad === 0 ? paint('green', 'all as they should be') : paint('red', `${bad} failed`)}`)
  lines.push(...coverageLines(report, paint))
  lines.push(...report.notes.map(it => `${paint('yellow', 'note')}: ${harmlessLine(it)}`))
  return `${lines.join('\n')}\n`
}

function coverageLines(report: TestReport, paint: Paint): readonly string[] {
  const { coverage, failUnder } = report
  if (coverage === undefined) return []
  const share = `${coverage.covered} of ${coverage.rules} rules are covered (${percentText(coverage.percent)})`
  const lines = [isBelow(report) ? `${paint('red', share)}, and ${failUnder ?? 0} % are asked for` : share]
  for (const { path, at } of coverage.uncovered) lines.push(`  not covered: ${harmlessLine(placeText(at))} "${harmlessLine(path)}"`)
  return lines
}

export function testsJson(report: TestReport): string {
  const { results, coverage, failUnder, notes } = report
  const shown = results.map(({ test, checks, failures }) => ({
    name: test.name,
    file: test.at.file,
    line: test.at.start.line,
    ok: failures.length === 0,
    checks,
    failures: failures.map(({ at, message, detail }) => ({
      line: at.start.line,
      column: at.start.column,
      message,
      ...(detail === undefined ? {} : { detail }),
    })),
  }))
  const value = {
    ok: failed(results) === 0 && !isBelow(report),
    tests: shown,
    ...(coverage === undefined
      ? {}
      : {
          coverage: {
            rules: coverage.rules,
            covered: coverage.covered,
            percent: coverage.percent,
            ...(failUnder === undefined ? {} : { fail_under: failUnder }),
            uncovered: coverage.uncovered.map(({ policy, path, at }) => ({ policy, path, file: at.file, line: at.start.line })),
          },
        }),
    notes,
  }
  return `${JSON.stringify(value, undefined, 2)}\n`
}

/** A suite a file, a case a test; too little coverage is a case of its own that fails. */
export function testsJunit(report: TestReport): string {
  const suites = [...Map.groupBy(report.results, it => it.test.at.file)].map(([file, results]) =>
    suite(file, results.length, failed(results), results.map(testCase).join('')),
  )
  const covered = coverageSuite(report)
  const total = report.results.length + (covered === undefined ? 0 : 1)
  const bad = failed(report.results) + (isBelow(report) ? 1 : 0)
  const head = `<testsuites name="lockstep test" tests="${total}" failures="${bad}" errors="0">`
  return `<?xml version="1.0" encoding="UTF-8"?>\n${head}\n${suites.join('')}${covered ?? ''}</testsuites>\n`
}

const suite = (name: string, tests: number, failures: number, cases: string): string =>
  `  <testsuite name="${escapedXml(name)}" tests="${tests}" failures="${failures}" errors="0">\n${cases}  </testsuite>\n`

function testCase({ test, failures }: TestResult): string {
  const file = escapedXml(test.at.file)
  const open = `    <testcase name="${escapedXml(test.name)}" classname="${file}" file="${file}" line="${test.at.start.line}"`
  const [first] = failures
  if (first === undefined) return `${open}/>\n`
  const lines = failures.map(({ at, message, detail }) => `${placeText(at)}: ${message}${detail === undefined ? '' : `\n    ${detail}`}`)
  const message = failures.length === 1 ? first.message : `${failures.length} failures`
  return `${open}>\n      <failure message="${escapedXml(message)}">${escapedXml(lines.join('\n'))}</failure>\n    </testcase>\n`
}

function coverageSuite(report: TestReport): string | undefined {
  if (report.coverage === undefined || report.failUnder === undefined) return undefined
  const open = '    <testcase name="rules covered by tests" classname="lockstep.coverage"'
  const text = coverageLines(report, (_colour, it) => it).join('\n')
  const below = isBelow(report)
  const inner = below
    ? `${open}>\n      <failure message="${escapedXml(text.split('\n')[0] ?? '')}">${escapedXml(text)}</failure>\n    </testcase>\n`
    : `${open}/>\n`
  return suite('coverage', 1, below ? 1 : 0, inner)
}
