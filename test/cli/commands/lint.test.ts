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

  it('looks with -strict at what a parser of HCL2 makes of a policy', async () => {
    const odd =
      '# lockstep:ignore hcl2-incompatible: the tool that writes it quotes all keys\n\npath "secret/data/x" {\n  "capabilities" = ["read"]\n}\n'
    await writeFile(join(dir, 'policies/odd.hcl'), odd)
    const { stackTraceLimit } = Error
    expect((await lint('-format=compact', 'policies/odd.hcl')).stdout).toBe('')
    const { code, stdout } = await lint('-strict', '-format=compact', 'policies/odd.hcl')
    expect({ code, stdout }).toEqual({
      code: 2,
      stdout: 'policies/odd.hcl:1:1: warning: a parser of HCL2 refuses this file [hcl2-disagrees]\n',
    })
    // What that parser does to a process stays in a context of its own.
    expect(Error.stackTraceLimit).toBe(stackTraceLimit)
    expect('require' in globalThis).toBe(false)
    await writeFile(join(dir, 'policies/odd.hcl'), odd.replace('hcl2-incompatible:', 'hcl2-incompatible, hcl2-disagrees:'))
    expect((await lint('-strict', '-format=compact', '-fail-level=note', 'policies/odd.hcl')).code).toBe(0)
    expect((await lint('-format=compact', '-fail-level=note', 'policies/odd.hcl')).code).toBe(0)
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

describe('lockstep lint of a repository with targets', () => {
  const put = async (path: string, text: string): Promise<void> => {
    await mkdir(dirname(join(dir, path)), { recursive: true })
    await writeFile(join(dir, path), text)
  }
  const reads = (path: string): string => `path "${path}" {\n  capabilities = ["read"]\n}\n`

  beforeEach(async () => {
    await put('policies/app.hcl', reads('secret/data/app'))
    await put('targets/dr/policies/app.hcl', reads('secret/app'))
    await put('targets/dr/engines/standby.yaml', 'type: kv-v2\n')
  })

  it('lays the files of each over the others, and says of what is wrong in one only in which', async () => {
    await put('policies/both.hcl', reads('standby/data/x'))
    const { stdout } = await lint('-format=compact', '-fail-level=note')
    expect(stdout.split('\n')).toEqual([
      'policies/both.hcl:1:6: warning: no mount of this repository is at standby/ (without a target) [missing-mount]',
      expect.stringMatching(
        /^targets\/dr\/policies\/app\.hcl:1:6: warning: secret\/ has versions, so "secret\/app" is no path of a secret .*\[kv2-data\]$/,
      ),
      '',
    ])
  })

  it('says nothing of the files at the top alone where no target gets them so', async () => {
    await put('policies/both.hcl', reads('standby/data/x'))
    await put('targets/prod/engines/standby.yaml', 'type: kv-v2\n')
    await put(
      'lockstep.yaml',
      'lint: { rules: { unused-policy: off } }\ntargets:\n  dr: { address: https://dr.example }\n  prod: { address: https://prod.example }\n',
    )
    expect((await lint('-format=compact')).stdout).not.toContain('both.hcl')
  })

  it('calls unused only what no target uses', async () => {
    await put('lockstep.yaml', 'version: 1\n')
    await put('policies/some.hcl', reads('secret/data/some'))
    await put('targets/dr/roles/approle.yaml', 'type: approle\nroles:\n  app:\n    token_policies: [app, some]\n')
    const { stdout } = await lint('-format=compact', '-fail-level=note')
    expect(stdout).not.toContain('policies/some.hcl')
    expect(stdout).toContain('policies/team/clean.hcl:1:1: note: nothing gives the policy team/clean')
  })

  it('mends the files of targets too', async () => {
    await put('targets/dr/policies/app.hcl', 'path "secret/data/app" {\n  capabilities = ["read", "read"]\n}\n')
    await lint('-fix')
    expect(await readFile(join(dir, 'targets/dr/policies/app.hcl'), 'utf8')).toBe(reads('secret/data/app'))
  })
})

describe('the repository at the top of this one', () => {
  it('has no findings, not even notes', async () => {
    const top = fileURLToPath(new URL('../../..', import.meta.url))
    for (const more of [[], ['-strict']])
      expect(await runLine(['lint', '-format=compact', '-fail-level=note', ...more], { cwd: top })).toEqual({
        code: 0,
        stdout: '',
        stderr: '',
      })
  })
})
