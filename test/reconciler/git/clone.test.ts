import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { cloneOf, GitFailed } from '../../../src/reconciler/git/index.ts'
import { commitAll, git } from '../harness/git.ts'
import { folder, put } from '../harness/run.ts'

const env = { PATH: process.env['PATH'], HOME: '/root-of-nobody', GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' }

async function upstream(): Promise<{ readonly url: string; readonly clone: ReturnType<typeof cloneOf> }> {
  const url = await folder({ 'policies/a.hcl': '# a\n' })
  await git(url, 'init', '-q', '-b', 'main')
  await commitAll(url, 'the first one')
  const own = await folder({})
  return { url, clone: cloneOf({ url, branch: 'main', folder: join(own, 'clone'), env }) }
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )

describe('a clone', () => {
  it('follows the branch, also when it is written anew', async () => {
    const { url, clone } = await upstream()
    const first = await git(url, 'rev-parse', 'HEAD')
    expect(await clone.update()).toEqual({ id: first, subject: 'the first one' })
    expect(await readFile(join(clone.folder, 'policies/a.hcl'), 'utf8')).toBe('# a\n')
    await put(url, { 'policies/b.hcl': '# b\n' })
    const second = await commitAll(url, 'the second one')
    expect(await clone.update()).toEqual({ id: second, subject: 'the second one' })
    await git(url, 'reset', '-q', '--hard', first)
    await put(url, { 'policies/c.hcl': '# c\n' })
    const forced = await commitAll(url, 'instead of it')
    expect(await clone.update()).toEqual({ id: forced, subject: 'instead of it' })
    expect(await exists(join(clone.folder, 'policies/b.hcl'))).toBe(false)
    expect(await exists(join(clone.folder, 'policies/c.hcl'))).toBe(true)
  })

  it('keeps what it has when the branch is gone or the repository cannot be reached', async () => {
    const { url, clone } = await upstream()
    await clone.update()
    await git(url, 'checkout', '-q', '--detach')
    await git(url, 'branch', '-q', '-D', 'main')
    await expect(clone.update()).rejects.toThrow(/^the branch main cannot be fetched: couldn't find remote ref refs\/heads\/main$/)
    expect(await exists(join(clone.folder, 'policies/a.hcl'))).toBe(true)
    const gone = cloneOf({ url: join(url, 'nowhere'), branch: 'main', folder: clone.folder, env })
    await expect(gone.update()).rejects.toThrow(GitFailed)
  })

  it('runs no hook that the repository or a template brings, and follows no submodule', async () => {
    const { url, clone } = await upstream()
    const other = await folder({ 'policies/inside.hcl': '# inside\n' })
    await commitAll(other, 'other')
    await git(url, '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', other, 'policies/sub')
    await commitAll(url, 'with a submodule')
    await clone.update()
    const mark = join(clone.folder, 'mark')
    const hook = join(clone.folder, '.git/hooks/post-checkout')
    await mkdir(join(clone.folder, '.git/hooks'), { recursive: true })
    await writeFile(hook, `#!/bin/sh\ntouch ${mark}\n`)
    await chmod(hook, 0o755)
    await put(url, { 'policies/b.hcl': '# b\n' })
    await commitAll(url, 'another one')
    await clone.update()
    expect(await exists(mark)).toBe(false)
    expect(await exists(join(clone.folder, 'policies/sub/policies/inside.hcl'))).toBe(false)
  })

  it('is refused an address that is an option, another transport, or holds a password', async () => {
    const own = await folder({})
    const at = (url: string): ReturnType<typeof cloneOf> => cloneOf({ url, branch: 'main', folder: join(own, 'clone'), env })
    expect(() => at('--upload-pack=touch mark')).toThrow('the address of the repository is none')
    expect(() => at('https://ada:hunter2@git.example.org/x')).toThrow(/holds a password/)
    await expect(at('ext::sh -c "touch mark"').update()).rejects.toThrow(/transport 'ext' not allowed/)
    await expect(cloneOf({ url: own, branch: '../x', folder: join(own, 'clone'), env }).update()).rejects.toThrow(GitFailed)
  })
})
