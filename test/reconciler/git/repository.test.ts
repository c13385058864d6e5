import { execFile } from 'node:child_process'
import { symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { openRepository, watchCommits } from '../../../src/reconciler/git/index.ts'
import { systemClock } from '../../../src/kernel/index.ts'
import { fileOf } from '../../../src/reconciler/load/index.ts'
import { folder, put } from '../harness/run.ts'
import { commitAll, git } from '../harness/git.ts'

const PATHS = ['policies', 'roles', 'engines', 'lockstep.yaml']

describe('a repository', () => {
  it('is none where there is no Git', async () => {
    expect(await openRepository(await folder({ 'policies/a.hcl': '# a\n' }))).toBeUndefined()
  })

  it('names its commit and what is not committed', async () => {
    const dir = await folder({ 'policies/a.hcl': '# a\n', 'policies/b.hcl': '# b\n', 'other.txt': 'x' })
    const id = await commitAll(dir, 'the first one')
    await put(dir, { 'policies/a.hcl': '# changed\n', 'policies/new/c d.hcl': '# c\n', 'other.txt': 'y' })
    await promisify(execFile)('rm', [join(dir, 'policies/b.hcl')])
    const repository = await openRepository(dir)
    expect(await repository?.commit('HEAD')).toEqual({ id, subject: 'the first one' })
    expect(await repository?.dirty(PATHS)).toEqual(['policies/a.hcl', 'policies/b.hcl', 'policies/new/c d.hcl'])
  })

  it('has no commit before the first, and none of a name that means nothing', async () => {
    const dir = await folder({ 'policies/a.hcl': '# a\n' })
    await git(dir, 'init', '-q')
    const repository = await openRepository(dir)
    expect(await repository?.commit('HEAD')).toBeUndefined()
    expect(await repository?.commit('--help')).toBeUndefined()
    expect(await repository?.commit('nothing')).toBeUndefined()
  })

  it('gives the files of a commit to the byte, whatever .gitattributes says of exports', async () => {
    const dir = await folder({
      '.gitattributes': 'policies/a.hcl export-ignore\n*.hcl export-subst\n',
      'policies/a.hcl': '# $Format:%H$\r\n',
      'policies/ü ñ.hcl': '# no line end',
      'policies/same.hcl': '# no line end',
      'policies/empty.hcl': '',
      'lockstep.yaml': 'version: 1\n',
    })
    await git(dir, 'init', '-q')
    await git(dir, 'config', 'core.autocrlf', 'false')
    await commitAll(dir, 'all')
    await put(dir, { 'policies/a.hcl': '# later\n' })
    const repository = await openRepository(dir)
    const commit = await repository?.commit('HEAD')
    if (repository === undefined || commit === undefined) throw new Error('no commit')
    expect(await repository.files(commit, PATHS, fileOf)).toEqual([
      { path: 'lockstep.yaml', text: 'version: 1\n' },
      { path: 'policies/a.hcl', text: '# $Format:%H$\r\n' },
      { path: 'policies/empty.hcl', text: '' },
      { path: 'policies/same.hcl', text: '# no line end' },
      { path: 'policies/ü ñ.hcl', text: '# no line end' },
    ])
  })

  it('refuses links and bytes that are no text, rather than leave them out', async () => {
    const dir = await folder({ 'policies/a.hcl': '# a\n' })
    await symlink('a.hcl', join(dir, 'policies/link.hcl'))
    await promisify(execFile)('sh', ['-c', `printf '\\377\\376' > '${join(dir, 'policies/bytes.hcl')}'`])
    await commitAll(dir, 'all')
    const repository = await openRepository(dir)
    const commit = await repository?.commit('HEAD')
    if (repository === undefined || commit === undefined) throw new Error('no commit')
    expect(await repository.files(commit, PATHS, fileOf)).toEqual([
      { path: 'policies/a.hcl', text: '# a\n' },
      { path: 'policies/bytes.hcl', problem: 'the file is not UTF-8 text' },
      { path: 'policies/link.hcl', problem: 'the file is a symbolic link, which is not followed; put the text itself here' },
    ])
  })

  it('may have the managed folder somewhere below its top', async () => {
    const top = await folder({ 'vault/policies/a.hcl': '# a\n', 'policies/not-ours.hcl': '# x\n' })
    await commitAll(top, 'all')
    await put(top, { 'vault/policies/b.hcl': '# b\n', 'policies/not-ours.hcl': '# y\n' })
    const repository = await openRepository(join(top, 'vault'))
    const commit = await repository?.commit('HEAD')
    if (repository === undefined || commit === undefined) throw new Error('no commit')
    expect(await repository.dirty(PATHS)).toEqual(['policies/b.hcl'])
    expect((await repository.files(commit, PATHS, fileOf)).map(it => it.path)).toEqual(['policies/a.hcl'])
  })

  it.each([
    ['https://user:secret@GitHub.com/acme/vault.git', 'github.com/acme/vault'],
    ['git@github.com:acme/vault.git', 'github.com/acme/vault'],
    ['ssh://git@github.com:2222/acme/vault/', 'github.com:2222/acme/vault'],
    ['file:///srv/git/vault.git', undefined],
    ['../vault', undefined],
  ])('is told by where it comes from, without credentials: %s', async (url, expected) => {
    const dir = await folder()
    await git(dir, 'init', '-q')
    await git(dir, 'remote', 'add', 'origin', url)
    expect(await (await openRepository(dir))?.remote()).toBe(expected)
  })
})

describe('watching for commits', () => {
  it('calls once for each commit that HEAD comes to, one at a time, until it is told to stop', async () => {
    const dir = await folder({ 'policies/a.hcl': '# 1\n' })
    const first = await commitAll(dir, 'one')
    const repository = await openRepository(dir)
    if (repository === undefined) throw new Error('no repository')
    const controller = new AbortController()
    const seen: string[] = []
    let running = 0
    const watching = watchCommits(repository, {
      clock: systemClock,
      signal: controller.signal,
      since: first,
      // Far longer than the test may take: it is the watch that must notice.
      poll: 100_000,
      onCommit: async commit => {
        running++
        expect(running).toBe(1)
        seen.push(commit.subject)
        if (seen.length === 1) {
          await put(dir, { 'policies/a.hcl': '# 3\n' })
          await commitAll(dir, 'three')
        } else controller.abort()
        running--
      },
      onTrouble: error => {
        throw error
      },
    })
    await put(dir, { 'policies/a.hcl': '# 2\n' })
    await commitAll(dir, 'two')
    await watching
    expect(seen).toEqual(['two', 'three'])
  })
})
