import { describe, expect, it } from 'vitest'
import { parsePolicy } from '../../../src/hcl/policy/index.ts'

const now = new Date('2026-01-01T00:00:00Z')
const parse = (text: string): ReturnType<typeof parsePolicy> => parsePolicy({ name: 'p.hcl', text }, { now })

describe('parsePolicy', () => {
  it('reads rules in text order with their words decoded', () => {
    const { value } = parse('path "secret/\\u0061" {\n  capabilities = ["read", "list", "read"]\n}\npath "b" {\n  policy = "write"\n}\n')
    expect(value?.rules.map(it => [it.path, it.capabilities])).toEqual([
      ['secret/a', ['read', 'list']],
      ['b', ['create', 'read', 'update', 'delete', 'list']],
    ])
  })

  it('keeps deny alone, whatever stands beside it', () => {
    const { value } = parse('path "a" { capabilities = ["read", "deny", "bogus"] }')
    expect(value?.rules[0]?.capabilities).toEqual(['deny'])
  })

  it('leaves an expired rule out and lists it apart', () => {
    const { value } = parse('path "a" {\n  capabilities = ["read"]\n  expiration = "2025-12-31T23:59:59Z"\n}')
    expect(value?.rules).toEqual([])
    expect(value?.expired?.map(it => it.path)).toEqual(['a'])
  })

  it('points at an unknown key and suggests the nearest', () => {
    const { findings, peerError } = parse('path "a" {\n  capabilties = ["read"]\n}')
    expect(peerError).toBe('failed to parse policy: path "a": 1 error occurred:\n\t* invalid key "capabilties" on line 2\n\n')
    expect(findings).toMatchObject([
      { code: 'HCL2003', detail: 'did you mean capabilities?', at: { start: { line: 2, column: 3 }, end: { line: 2, column: 14 } } },
    ])
  })
})
