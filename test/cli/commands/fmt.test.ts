import { chmod, lstat, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runLine } from '../context.ts'

const ugly = 'path "a" {\ncapabilities=["read"]\n}\n'
const tidy = 'path "a" {\n  capabilities = ["read"]\n}\n'
const losesComment = 'path "a" {\n  min_wrapping_ttl = "1s"\n  max_wrapping_ttl = # why\n    "90m"\n}\n'

let dir = ''
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'lockstep-fmt-'))
  await mkdir(join(dir, 'policies/team/.hidden'), { recursive: true })
  await writeFile(join(dir, 'policies/ugly.hcl'), ugly)
  await writeFile(join(dir, 'policies/team/tidy.hcl'), tidy)
  await writeFile(join(dir, 'policies/team/.hidden/ugly.hcl'), ugly)
  await writeFile(join(dir, 'policies/README.md'), 'not a policy')
})
afterEach(async () => await rm(dir, { recursive: true }))

const fmt = (...args: readonly string[]): ReturnType<typeof runLine> => runLine(['fmt', ...args], { cwd: dir })

describe('lockstep fmt', () => {
  it('prints one file as it should look, and leaves it', async () => {
    expect(await fmt('policies/ugly.hcl')).toEqual({ code: 0, stdout: tidy, stderr: '' })
    expect(await readFile(join(dir, 'policies/ugly.hcl'), 'utf8')).toBe(ugly)
  })

  it('formats standard input', async () => {
    expect(await runLine(['fmt', '-'], { stdin: ugly })).toEqual({ code: 0, stdout: tidy, stderr: '' })
    expect((await runLine(['fmt', '-check', '-'], { stdin: ugly })).code).toBe(2)
    expect((await runLine(['fmt', '-check', '-'], { stdin: tidy })).code).toBe(0)
  })

  it('names with -check what is not formatted, in a folder and below, and exits with 2', async () => {
    expect(await fmt('-check', 'policies')).toEqual({ code: 2, stdout: 'policies/ugly.hcl\n', stderr: '' })
    expect(await fmt('-check')).toEqual({ code: 2, stdout: 'policies/ugly.hcl\n', stderr: '' })
    expect(await fmt('-check', 'policies/team')).toEqual({ code: 0, stdout: '', stderr: '' })
  })

  it('shows with -diff what would change', async () => {
    const { stdout, code } = await fmt('-diff', 'policies')
    expect(code).toBe(0)
    expect(stdout).toContain('--- policies/ugly.hcl\n')
    expect(stdout).toContain('-capabilities=["read"]\n+  capabilities = ["read"]\n')
  })

  it('rewrites with -write, and then finds nothing more', async () => {
    expect(await fmt('-write')).toEqual({ code: 0, stdout: 'policies/ugly.hcl\n', stderr: '' })
    expect(await readFile(join(dir, 'policies/ugly.hcl'), 'utf8')).toBe(tidy)
    expect((await fmt('-check')).code).toBe(0)
  })

  it('refuses and points where a comment would be lost, and formats the others', async () => {
    await writeFile(join(dir, 'policies/comment.hcl'), losesComment)
    const { code, stderr, stdout } = await fmt('-write', 'policies')
    expect(code).toBe(1)
    expect(stderr).toMatch(/formatting would lose this comment[^]*policies\/comment\.hcl:3:/)
    expect(stdout).toBe('policies/ugly.hcl\n')
    expect(await readFile(join(dir, 'policies/comment.hcl'), 'utf8')).toBe(losesComment)
  })

  it('goes on behind a file that is no policy', async () => {
    await writeFile(join(dir, 'policies/broken.hcl'), 'path "a" {')
    await writeFile(join(dir, 'policies/latin.hcl'), Buffer.from([...Buffer.from('# caf'), 0xe9, 10]))
    const { code, stderr, stdout } = await fmt('-write', 'policies')
    expect({ code, stdout }).toEqual({ code: 1, stdout: 'policies/ugly.hcl\n' })
    expect(stderr).toMatch(/policies\/broken\.hcl:1:11[^]*policies\/latin\.hcl:1:6/)
    expect(await readFile(join(dir, 'policies/latin.hcl'))).toEqual(Buffer.from([...Buffer.from('# caf'), 0xe9, 10]))
  })

  it('replaces a file whole: its mode stays, and so does a link to it', async () => {
    await chmod(join(dir, 'policies/ugly.hcl'), 0o640)
    await symlink('policies/ugly.hcl', join(dir, 'link.hcl'))
    expect((await fmt('-write', 'link.hcl')).stdout).toBe('link.hcl\n')
    expect((await lstat(join(dir, 'link.hcl'))).isSymbolicLink()).toBe(true)
    expect(await readFile(join(dir, 'policies/ugly.hcl'), 'utf8')).toBe(tidy)
    expect((await stat(join(dir, 'policies/ugly.hcl'))).mode & 0o777).toBe(0o640)
    expect(await readdir(join(dir, 'policies'))).toEqual(['README.md', 'team', 'ugly.hcl'])
  })

  it('takes the policies of targets, and leaves what describes mounts', async () => {
    for (const [path, text] of [
      ['targets/dr/policies/more.hcl', ugly],
      ['targets/dr/engines/kv.hcl', 'type="kv"'],
      ['engines/kv.hcl', 'type="kv"'],
    ] as const) {
      await mkdir(join(dir, path, '..'), { recursive: true })
      await writeFile(join(dir, path), text)
    }
    expect(await fmt('-check')).toEqual({ code: 2, stdout: 'policies/ugly.hcl\ntargets/dr/policies/more.hcl\n', stderr: '' })
    expect(await fmt('-check', '.')).toEqual({ code: 2, stdout: 'policies/ugly.hcl\ntargets/dr/policies/more.hcl\n', stderr: '' })
  })

  it('does not follow links out of a folder', async () => {
    await writeFile(join(dir, 'outside.hcl'), ugly)
    await symlink(join(dir, 'outside.hcl'), join(dir, 'policies/team/link.hcl'))
    await fmt('-write', 'policies/team')
    expect(await readFile(join(dir, 'outside.hcl'), 'utf8')).toBe(ugly)
  })

  it('refuses what cannot be meant', async () => {
    expect((await fmt('policies')).stderr).toMatch(/2 files cannot be printed at once/)
    expect((await fmt('-check', '-write', 'policies')).code).toBe(1)
    expect((await fmt('-write', '-')).stderr).toMatch(/standard input cannot be rewritten/)
    expect((await fmt('absent.hcl')).stderr).toMatch(/cannot read absent\.hcl: no such file or folder/)
  })
})
