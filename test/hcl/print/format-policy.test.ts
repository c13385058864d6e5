import { describe, expect, it } from 'vitest'
import { formatPolicy } from '../../../src/hcl/index.ts'

const now = new Date('2026-01-01T00:00:00Z')
const format = (text: string): ReturnType<typeof formatPolicy> => formatPolicy({ name: 'p.hcl', text }, { now })

describe('formatPolicy', () => {
  it('aligns neighbours and keeps every comment', () => {
    const { value, findings } = format(
      '# what\npath "a" {\n capabilities=["read",\n "list"] # why\n  min_wrapping_ttl = "1s" # s\n max_wrapping_ttl   =  60 # sixty\n}\npath "b" {}\npath "c" {}',
    )
    expect(findings).toEqual([])
    expect(value).toBe(
      `# what
path "a" {
  capabilities = ["read",
    "list",
  ] # why

  min_wrapping_ttl = "1s" # s
  max_wrapping_ttl = 60   # sixty
}

path "b" {}
path "c" {}
`.replace('["read",', '[\n    "read",'),
    )
  })

  it('prints what the server would refuse not at all', () => {
    expect(format('path "a" { capabilities = ["reed"] }')).toMatchObject({
      findings: [{ code: 'HCL2007', detail: 'did you mean read?' }],
      peerError: 'failed to parse policy: path "a": path "a": invalid capability "reed"',
    })
  })

  it('points at a comment that would vanish', () => {
    const { value, findings, peerError } = format('path "a" {\n  capabilities = ["read"]\n  comment = # why\n  "x"\n}\n')
    expect([value, peerError]).toEqual([undefined, undefined])
    expect(findings).toMatchObject([{ code: 'HCL3001', at: { start: { line: 3, column: 13 }, end: { line: 3, column: 18 } } }])
  })

  it('points at a comment that would break what it lands behind', () => {
    const { value, findings } = format('path "a" { # why\n  comment = <<EOT\nx\nEOT\n}\n')
    expect(value).toBeUndefined()
    expect(findings).toMatchObject([{ code: 'HCL3002', at: { start: { line: 1, column: 12 } } }])
  })

  it('refuses a policy in JSON', () => {
    expect(format('\n {"path": {}}')).toMatchObject({
      findings: [{ code: 'HCL3003' }],
      peerError: 'Error printing result: At 2:2: expected: IDENT | STRING got: LBRACE',
    })
  })

  it('refuses a key that is set twice, as written', () => {
    expect(format('path "a" {\n  comment = { x = 1\n  x = 2 }\n}')).toMatchObject({
      findings: [{ code: 'HCL3006', at: { start: { line: 3, column: 3 } } }],
      peerError: 'Error printing result: The argument "x" at 3:3 was already set. Each argument can only be defined once',
    })
    expect(format('path "a" {\n  comment = [[{ x = 1\n  x = 2 }]]\n}').peerError).toBe(
      'Error printing result: At 2:14: error while trying to parse list within list: At 2:15: error while trying to parse object within list: The argument "x" at 3:3 was already set. Each argument can only be defined once',
    )
    expect(format('path "a" {\n  comment = "x"\n  "comment" = "y"\n}').value).toBeDefined()
    expect(format('path "a" {}\npath "a" {}').value).toBeDefined()
  })

  it('refuses a text that is base64, because the server reads another one', () => {
    expect(format('cGF0aCAiYSIge30=')).toMatchObject({ findings: [{ code: 'HCL3004' }] })
  })

  it('makes one line break of nothing', () => {
    expect(format('').value).toBe('\n')
    expect(format(' \n\n').value).toBe('\n')
  })

  it('warns where it joins two comments in one line', () => {
    const { value, findings } = format('path "a" {\n  # one\n  # two\n\n  capabilities = []\n}\n')
    expect(value).toBe('path "a" {\n  # one  # two\n\n  capabilities = []\n}\n')
    expect(findings).toMatchObject([{ code: 'HCL3007', severity: 'warning', at: { start: { line: 3 } } }])
  })

  it('warns where it drops a key without value', () => {
    expect(format('path "a" {}\nname =')).toMatchObject({ value: 'path "a" {}\n', findings: [{ code: 'HCL3005', severity: 'warning' }] })
  })

  it('aligns by bytes, as the peer does', () => {
    expect(format('path "a" {\n  comment = { é = 1\n  ab = 2 }\n}').value).toBe(
      'path "a" {\n  comment = {\n    é = 1\n    ab = 2\n  }\n}\n',
    )
  })

  it('takes a run of a hundred thousand neighbours', () => {
    const lines = Array.from({ length: 100_000 }, (_, i) => `k${i} = 1`).join('\n')
    expect(format(`path "a" {\ncomment = {\n${lines}\n}\n}`).value).toContain('\n    k0     = 1\n')
  })
})
