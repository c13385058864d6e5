import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runLine } from '../context.ts'

const files: Readonly<Record<string, string>> = {
  'lockstep.yaml': 'lint: { rules: { unused-policy: off } }\n',
  'engines/secret.yaml': 'type: kv-v2\n',
  'roles/approle.yaml': 'type: approle\nroles:\n  app:\n    token_policies: [app]\n',
  'policies/app.hcl': 'path "secret/app" {\n  capabilities = ["read", "read"]\n}\n',
  'policies/team/clean.hcl': 'path "secret/data/team" {\n  capabilities = ["read"]\n}\n',
}

let dir = ''
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'lockstep-lint-'))
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(dir, path)), { recursive: true })
    await writeFile(join(dir, path), text)
  }
})
afterEach(async () => await rm(dir, { recursive: true }))

const lint = (...args: readonly string[]): ReturnType<typeof runLine> => runLine(['lint', ...args], { cwd: dir })

describe('lockstep lint', () => {
  it('shows each finding with its line, and exits with 2', async () => {
    const { code, stdout, stderr } = await lint()
    expect({ code, stderr }).toEqual({ code: 2, stderr: '' })
    expect(stdout).toContain('warning[kv2-data]: secret/ has versions, so "secret/app" is no path of a secret\n --> policies/app.hcl:1:6\n')
    expect(stdout).toContain('1 warning and 1 note in 5 files\n')
  })

  it('knows mounts and roles also where one file is named', async () => {
    expect((await lint('-format=compact', 'policies/app.hcl')).stdout).toContain('[kv2-data]')
    expect(await lint('policies/team')).toEqual({ code: 0, stdout: 'nothing in 1 file\n', stderr: '' })
  })

  it('fails from the level that is asked for', async () => {
    expect((await lint('-fail-level=error')).code).toBe(0)
    expect((await lint('-fail-level=note')).code).toBe(2)
  })

  it('makes the safe edits, and the next run finds them made', async () => {
    expect((await lint('-fix', '-fail-level=error')).stdout).toContain('1 warning in 5 files')
    const fixed = 'path "secret/app" {\n  capabilities = ["read"]\n}\n'
    expect(await readFile(join(dir, 'policies/app.hcl'), 'utf8')).toBe(fixed)
    await lint('-fix')
    expect(await readFile(join(dir, 'policies/app.hcl'), 'utf8')).toBe(fixed)
  })

  it('reads standard input, without a repository', async () => {
    const { code, stdout } = await runLine(['lint', '-format=compact', '-'], { cwd: dir, stdin: 'path "secret/app" {}\n' })
    expect({ code, stdout }).toEqual({
      code: 2,
      stdout: '<stdin>:1:6: warning: "secret/app" has no capabilities, and hides what wider rules allow there [empty-rule]\n',
    })
  })

  it('reports what is wrong with the files of mounts and roles', async () => {
    await writeFile(join(dir, 'roles/approle.yaml'), 'type: approle\nroels: {}\n')
    const { code, stdout } = await lint('-format=compact')
    expect(code).toBe(2)
    expect(stdout).toContain('roles/approle.yaml:2:1: error: unknown key "roels"')
  })

  it.each([
    [['nowhere.hcl'], 'cannot read nowhere.hcl: no such file or folder'],
    [['-format=html'], 'invalid output format "html"; expected one of pretty, compact, json, github, sarif, junit'],
    [['-fail-level=fatal'], 'invalid value "fatal" for flag -fail-level: expected one of error, warning, note'],
    [['-fix', '-'], '"-" is standard input: it stands alone, and cannot be fixed'],
  ])('says what it cannot do: %j', async (args, message) => {
    const { code, stderr } = await lint(...args)
    expect(code).toBe(1)
    expect(stderr).toContain(message)
  })
})

describe('the repository at the top of this one', () => {
  it('has no findings, not even notes', async () => {
    const top = fileURLToPath(new URL('../../..', import.meta.url))
    expect(await runLine(['lint', '-format=compact', '-fail-level=note'], { cwd: top })).toEqual({ code: 0, stdout: '', stderr: '' })
  })
})
