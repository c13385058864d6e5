import { describe, expect, it } from 'vitest'
import { lines, lintFiles } from '../lint-files.ts'

const EMPTY = 'path "secret/data/app" {}\n'

describe('lint', () => {
  it('gives exact places', () => {
    expect(lines('path "a" {\n  capabilities = ["read", "read"]\n}\n')).toEqual(['example.hcl:2:27 note repeated-capability'])
    expect(lines('path "é/*/x" { capabilities = ["read"] }\npath "b" {}\n')).toEqual([
      'example.hcl:1:6 warning literal-star',
      'example.hcl:2:6 warning empty-rule',
    ])
  })

  it('refuses an empty file, as the server does, and no other that says nothing', () => {
    expect(lines('')).toEqual(['example.hcl:1:1 error syntax'])
    expect(lines('\n')).toEqual([])
  })

  it('sorts by file, place and rule', () => {
    const files = { 'policies/b.hcl': `${EMPTY}path "/x" {}\n`, 'policies/a.hcl': EMPTY }
    expect(lines(files)).toEqual([
      'policies/a.hcl:1:6 warning empty-rule',
      'policies/b.hcl:1:6 warning empty-rule',
      'policies/b.hcl:2:6 warning empty-rule',
      'policies/b.hcl:2:6 note leading-slash',
    ])
  })

  it('takes levels from lockstep.yaml', () => {
    const settings = (level: string): string => `lint: { rules: { empty-rule: ${level} } }\n`
    expect(lines({ 'policies/a.hcl': EMPTY, 'lockstep.yaml': settings('error') })).toEqual(['policies/a.hcl:1:6 error empty-rule'])
    expect(lines({ 'policies/a.hcl': EMPTY, 'lockstep.yaml': settings('off') })).toEqual([])
  })

  it('says where lockstep.yaml names a rule that does not exist', () => {
    const [found] = lintFiles({ 'policies/a.hcl': '# nothing yet\n', 'lockstep.yaml': 'lint:\n  rules:\n    empty-rul: off\n' })
    expect(found).toMatchObject({
      code: 'unknown-rule',
      detail: 'did you mean empty-rule?',
      at: { file: 'lockstep.yaml', start: { line: 3, column: 5 } },
    })
  })
})

describe('fingerprints', () => {
  const prints = (text: string): readonly string[] => lintFiles(text).map(it => it.fingerprint)

  it('stay when lines move', () => {
    expect(prints(`# one\n\n# two\n\n${EMPTY}`)).toEqual(prints(EMPTY))
  })

  it('are different for each finding, also of two that are alike', () => {
    const found = prints('path "a" {\n  capabilities = ["read", "read", "read"]\n}\n')
    expect(found).toHaveLength(2)
    expect(new Set(found).size).toBe(2)
  })
})

describe('a suppression', () => {
  it('counts for the block that follows, up to its end', () => {
    const block = (word: string): string => `path "a" {\n  capabilities = ["${word}", "${word}"]\n}\n`
    expect(lines(`# lockstep:ignore repeated-capability: tried out\n${block('read')}${block('list')}`)).toEqual([
      'example.hcl:5:6 note duplicate-path',
      'example.hcl:6:27 note repeated-capability',
    ])
  })

  it('counts for its line behind something', () => {
    expect(lines('path "a" {} # lockstep:ignore empty-rule: hides a wider rule\n')).toEqual([])
    expect(lines('path "b" {}\npath "a" {} # lockstep:ignore empty-rule: hides a wider rule\n')).toEqual([
      'example.hcl:1:6 warning empty-rule',
    ])
  })

  it('counts for the whole file in the comment that opens it and stands apart', () => {
    expect(lines(`# lockstep:ignore empty-rule: nothing is granted yet\n\n${EMPTY}path "b" {}\n`)).toEqual([])
  })

  it('may name several rules, and each has to be found', () => {
    expect(lines('# lockstep:ignore empty-rule, leading-slash: as the other tool writes it\npath "/a" {}\n')).toEqual([])
    expect(lines('# lockstep:ignore empty-rule, leading-slash: as the other tool writes it\npath "a" {}\n')).toEqual([
      'example.hcl:1:1 note unused-suppression',
    ])
  })

  it('without a reason counts, and is a finding', () => {
    expect(lines(`# lockstep:ignore empty-rule\n${EMPTY}`)).toEqual(['example.hcl:1:1 warning suppression-without-reason'])
    expect(lines(`# lockstep:ignore\n${EMPTY}`)).toEqual(['example.hcl:1:1 error unknown-rule', 'example.hcl:2:6 warning empty-rule'])
  })

  it('works in role files too', () => {
    const role = (comment: string): string => `type: approle\nroles:\n  app:\n    token_policies: [gone]${comment}\n`
    const policy = '# lockstep:ignore unused-policy: given by hand\n\npath "kv/a" {\n  capabilities = ["read"]\n}\n'
    expect(lines({ 'policies/a.hcl': policy, 'roles/approle.yaml': role('') })).toEqual([
      'roles/approle.yaml:4:22 error missing-policy-ref',
    ])
    const reason = ' # lockstep:ignore missing-policy-ref: written by another repository'
    expect(lines({ 'policies/a.hcl': policy, 'roles/approle.yaml': role(reason) })).toEqual([])
  })

  it('is not called unused where its rule is off', () => {
    const policy = `# lockstep:ignore leading-slash: as it is\n${EMPTY}`
    const settings = 'lint: { rules: { leading-slash: off, empty-rule: off } }\n'
    expect(lines({ 'policies/a.hcl': policy, 'lockstep.yaml': settings })).toEqual([])
  })
})
