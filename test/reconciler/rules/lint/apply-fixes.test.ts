import { describe, expect, it } from 'vitest'
import { parsePolicy } from '../../../../src/hcl/index.ts'
import { compileAcl } from '../../../../src/policy/index.ts'
import { applyFixes } from '../../../../src/reconciler/rules/index.ts'
import { NOW } from '../../harness/repository.ts'
import { lintFiles } from '../lint-files.ts'

function fix(text: string): string {
  const found = applyFixes({ name: 'example.hcl', text }, lintFiles(text))
  return found === undefined ? text : fix(found.text)
}

const capabilities = (text: string, path: string): readonly string[] => {
  const { value } = parsePolicy({ name: 'example.hcl', text }, { now: NOW })
  if (value === undefined) throw new Error('does not parse')
  return compileAcl([value], { now: NOW }).capabilities(path)
}

const messy = `# who reads the app's secrets
path "/secret/app" { # the old store
  "policy" = "write" # kept
}

path "kv/app" {
  capabilities = [
    "read", # needed
    "list",
    "read",
    "list"
  ]
}
`

describe('the safe edits', () => {
  it('are made until none is left, and keep every comment', () => {
    expect(fix(messy)).toBe(`# who reads the app's secrets
path "secret/app" { # the old store
  capabilities = ["create", "read", "update", "delete", "list"] # kept
}

path "kv/app" {
  capabilities = [
    "read", # needed
    "list"
  ]
}
`)
  })

  it('change nothing that a token may do', () => {
    for (const path of ['secret/app', 'kv/app']) expect(capabilities(fix(messy), path)).toEqual(capabilities(messy, path))
  })

  it('are done after one round', () => {
    expect(fix(fix(messy))).toBe(fix(messy))
  })

  it('leave alone what a comment stands in', () => {
    const text = 'path "kv/app" {\n  capabilities = [\n    "read",\n    "read", # why twice\n    "list",\n  ]\n}\n'
    expect(fix(text)).toBe(text)
  })
})
