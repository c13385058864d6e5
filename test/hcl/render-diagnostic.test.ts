import { describe, expect, it } from 'vitest'
import { parsePolicy, renderDiagnostic } from '../../src/hcl/index.ts'

const now = new Date(0)

function rendered(text: string): string {
  const file = { name: 'policies/a.hcl', text }
  const [finding] = parsePolicy(file, { now }).findings
  return finding === undefined ? '' : renderDiagnostic(finding, file)
}

describe('renderDiagnostic', () => {
  it('shows place, line, carets and what to do', () => {
    expect(rendered('path "a" {\n  capabilties = ["read"]\n}\n')).toBe(
      [
        'error[HCL2003]: unknown key "capabilties" in path "a"',
        ' --> policies/a.hcl:2:3',
        '  |',
        '2 |   capabilties = ["read"]',
        '  |   ^^^^^^^^^^^ did you mean capabilities?',
      ].join('\n'),
    )
  })

  it('shows a second place with its own excerpt', () => {
    expect(rendered('path "a" {\n').split('\n').slice(-4)).toEqual([
      ' ::: policies/a.hcl:1:10',
      '  |',
      '1 | path "a" {',
      '  |          ^ it was opened here',
    ])
  })

  it('puts carets below wide characters and tabs', () => {
    expect(rendered('\ta = "日本\\q"').split('\n').slice(3)).toEqual([
      '1 | \ta = "日本\\q"',
      expect.stringMatching(/^ {2}\| \t {10}\^ known are/),
    ])
  })

  it('shows no control characters', () => {
    expect(rendered('path "\u001b[2J" { x = 1 }')).not.toMatch(/(?!\n)\p{Cc}/u)
  })

  it('cuts a very long line around the place', () => {
    const lines = rendered(`path "${'x'.repeat(10_000)}" { y = 1 }`).split('\n')
    expect(lines[3]?.length).toBeLessThan(200)
    expect(lines[3]).toMatch(/^1 \| … x+" \{ y = 1 \}$/)
    expect(lines[4]?.indexOf('^')).toBe(lines[3]?.indexOf('y'))
  })

  it('does without a source and without a place', () => {
    const at = { file: 'x', start: { line: 12, column: 3, offset: 99 }, end: { line: 12, column: 4, offset: 100 } }
    expect(renderDiagnostic({ code: 'X1', severity: 'warning', summary: 'odd', detail: 'fix it', at })).toBe(
      'warning[X1]: odd\n  --> x:12:3\n   = fix it',
    )
    expect(renderDiagnostic({ code: 'X1', severity: 'note', summary: 'odd', detail: 'fix it' })).toBe('note[X1]: odd\n  = fix it')
  })
})
