import { describe, expect, it } from 'vitest'
import {
  compactReport,
  githubReport,
  jsonReport,
  junitReport,
  lintSummary,
  plain,
  sarifReport,
} from '../../../src/reconciler/report/lint/index.ts'
import { rules } from '../../../src/reconciler/rules/index.ts'
import { lintFiles } from '../rules/lint-files.ts'

const findings = lintFiles({ 'policies/a b.hcl': 'path "/a<&" {}\n', 'policies/Upper.hcl': 'path "b" {\n  capabilities = ["read"]\n}\n' })
const report = { findings, files: ['policies/Upper.hcl', 'policies/a b.hcl', 'policies/c.hcl'], rules: Object.values(rules) }

describe('what the linter found', () => {
  it('is one line each for compilers and editors', () => {
    expect(compactReport(report, plain)).toBe(
      [
        'policies/Upper.hcl:1:1: warning: the server calls this policy upper [name-case]',
        'policies/a b.hcl:1:6: warning: "/a<&" has no capabilities, and hides what wider rules allow there [empty-rule]',
        'policies/a b.hcl:1:6: note: "/a<&" is the same as "a<&" [leading-slash]',
        '',
      ].join('\n'),
    )
    expect(lintSummary(report)).toBe('2 warnings and 1 note in 3 files')
    expect(lintSummary({ ...report, findings: [] })).toBe('nothing in 3 files')
  })

  it('is annotations for GitHub', () => {
    const [first, second] = githubReport(report).split('\n')
    expect(first).toBe(
      '::warning file=policies/Upper.hcl,line=1,endLine=1,col=1,endColumn=1,title=name-case::the server calls this policy upper%0Arename the file',
    )
    expect(second).toMatch(/^::warning file=policies\/a b\.hcl,line=1,endLine=1,col=6,endColumn=12,title=empty-rule::/)
  })

  it('is JSON with edits', () => {
    const json = JSON.parse(jsonReport(report)) as { readonly counts: object; readonly findings: readonly Record<string, unknown>[] }
    expect(json.counts).toEqual({ error: 0, warning: 2, note: 1 })
    expect(json.findings[2]).toMatchObject({
      rule: 'leading-slash',
      file: 'policies/a b.hcl',
      line: 1,
      column: 6,
      end_column: 12,
      fix: { safe: true, edits: [{ start: 5, end: 11, text: '"a<&"' }] },
    })
  })

  it('is SARIF with rules, regions and fingerprints', () => {
    const [run] = (JSON.parse(sarifReport(report)) as { readonly runs: readonly Run[] }).runs
    expect(run?.tool.driver.rules.map(it => it.id)).toEqual(Object.keys(rules))
    const [whole, empty] = run?.results ?? []
    expect(whole?.locations).toEqual([{ physicalLocation: { artifactLocation: { uri: 'policies/Upper.hcl' } } }])
    expect(empty).toMatchObject({
      ruleId: 'empty-rule',
      level: 'warning',
      partialFingerprints: { 'lockstep/v1': findings[1]?.fingerprint },
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: 'policies/a%20b.hcl' },
            region: { startLine: 1, startColumn: 6, endLine: 1, endColumn: 12 },
          },
        },
      ],
    })
    expect(run?.tool.driver.rules[empty?.ruleIndex ?? -1]?.id).toBe('empty-rule')
  })

  it('is a JUnit report with a test for each file', () => {
    const xml = junitReport(report)
    expect(xml).toContain('<testsuites name="lockstep lint" tests="3" failures="2" errors="0">')
    expect(xml).toContain('<testcase name="policies/c.hcl" classname="lockstep.lint" file="policies/c.hcl"/>')
    expect(xml).toContain('message="2 findings"')
    expect(xml).toContain('&quot;/a&lt;&amp;&quot; is the same as')
  })
})

interface Run {
  readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } }
  readonly results: readonly { readonly ruleIndex?: number; readonly locations: readonly unknown[] }[]
}
