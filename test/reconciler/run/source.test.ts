import { symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { systemClock } from '../../../src/kernel/index.ts'
import { findManagedFolder, headOf, planPhase, watchRepository } from '../../../src/reconciler/index.ts'
import { FakeTarget } from '../harness/fake-target.ts'
import { commitAll, git } from '../harness/git.ts'
import { NOW, stepsOf } from '../harness/repository.ts'
import { applied, folder, planOf, put, take } from '../harness/run.ts'

describe('the source of a plan', () => {
  it('is a folder as it lies where there is no Git, and that is said', async () => {
    const plan = await planOf(await folder({ 'policies/a.hcl': '# a\n' }), new FakeTarget())
    expect(plan.source).toMatchObject({ kind: 'folder', dirty: [] })
    expect(plan.source).not.toHaveProperty('commit')
  })

  it('is the work tree, with the files that are not committed named', async () => {
    const dir = await folder({ 'policies/a.hcl': '# a\n' })
    const id = await commitAll(dir, 'one')
    await put(dir, { 'policies/b.hcl': '# b\n' })
    const plan = await planOf(dir, new FakeTarget())
    expect(plan.source).toMatchObject({ kind: 'worktree', commit: id, subject: 'one', dirty: ['policies/b.hcl'] })
    expect(stepsOf(plan)).toEqual(['create policy/a', 'create policy/b'])
  })

  it('is a commit, whatever lies in the work tree', async () => {
    const dir = await folder({ 'policies/a.hcl': '# a\n' })
    const id = await commitAll(dir, 'one')
    await put(dir, { 'policies/a.hcl': 'not a policy', 'policies/b.hcl': '# b\n' })
    const plan = await planOf(dir, new FakeTarget(), { source: { commit: 'HEAD' } })
    expect(plan.source).toMatchObject({ kind: 'commit', commit: id, dirty: ['policies/a.hcl', 'policies/b.hcl'] })
    expect(stepsOf(plan)).toEqual(['create policy/a'])
  })

  it('is an older commit', async () => {
    const dir = await folder({ 'policies/a.hcl': '# a\n' })
    await commitAll(dir, 'one')
    await put(dir, { 'policies/b.hcl': '# b\n' })
    await commitAll(dir, 'two')
    expect(stepsOf(await planOf(dir, new FakeTarget(), { source: { commit: 'HEAD~1' } }))).toEqual(['create policy/a'])
  })

  it.each([
    ['no such commit', { commit: 'nothing' }, /there is no commit nothing/],
    ['an option in place of a commit', { commit: '--all' }, /there is no commit --all/],
  ])('is refused: %s', async (_what, source, message) => {
    const dir = await folder({ 'policies/a.hcl': '# a\n' })
    await commitAll(dir, 'one')
    await expect(planOf(dir, new FakeTarget(), { source })).rejects.toThrow(message)
  })

  it('cannot be a commit where there is no Git, nor a folder that is not there', async () => {
    const dir = await folder({ 'policies/a.hcl': '# a\n' })
    await expect(planOf(dir, new FakeTarget(), { source: { commit: 'HEAD' } })).rejects.toThrow('is in no Git repository')
    await expect(planOf(join(dir, 'nothing'), new FakeTarget())).rejects.toThrow('cannot be read (ENOENT)')
  })

  it('with a link in it is broken, and nothing is asked of the target', async () => {
    const [dir, target] = [await folder({ 'policies/a.hcl': '# a\n' }), new FakeTarget()]
    await symlink('a.hcl', join(dir, 'policies/b.hcl'))
    const planned = await planPhase({ dir, source: 'worktree', reader: target, target: { address: 'x' }, env: {}, now: NOW })
    expect(planned).toMatchObject({ is: 'broken', findings: [{ code: 'LOAD0001', at: { file: 'policies/b.hcl' } }] })
    expect(target.requests).toEqual([])
  })

  it('keeps two nameless repositories from deleting from each other', async () => {
    const [one, two, target] = [
      await folder({ 'policies/a.hcl': '# a\n', 'policies/x.hcl': '# x\n' }),
      await folder({ 'policies/b.hcl': '# b\n' }),
      new FakeTarget(),
    ]
    for (const [dir, name] of [
      [one, 'one'],
      [two, 'two'],
    ] as const) {
      await commitAll(dir, 'all')
      await git(dir, 'remote', 'add', 'origin', `https://git.example/${name}.git`)
    }
    await applied(one, target)
    const plan = await planOf(two, target)
    expect(plan.refusals.map(it => it.guard)).toContain('other-repository')
    expect(plan.refusals.map(it => it.summary).join()).toContain('were applied from git.example/one, and this is git.example/two')
    await take(one, 'policies/x.hcl')
    expect((await planOf(one, target)).refusals).toEqual([])
  })
})

describe('finding the managed folder', () => {
  it('goes up to the nearest one, and no further than the repository', async () => {
    const dir = await folder({ 'lockstep.yaml': 'version: 1\n', 'policies/deep/a.hcl': '# a\n' })
    expect(await findManagedFolder(join(dir, 'policies/deep'))).toBe(dir)
    const other = await folder({ 'repo/sub/x': '' })
    await put(other, { 'policies/a.hcl': '# a\n' })
    await git(join(other, 'repo'), 'init', '-q')
    expect(await findManagedFolder(join(other, 'repo/sub'))).toBeUndefined()
  })
})

describe('watching a repository', () => {
  it('tells of a commit, and of what is not part of it', async () => {
    const dir = await folder({ 'policies/a.hcl': '# 1\n' })
    const first = await commitAll(dir, 'one')
    expect(await headOf(dir)).toMatchObject({ commit: { id: first }, dirty: [] })
    const controller = new AbortController()
    const seen: unknown[] = []
    const watching = watchRepository({
      dir,
      clock: systemClock,
      signal: controller.signal,
      since: first,
      onCommit: async ({ subject }, dirty) => {
        seen.push([subject, dirty])
        controller.abort()
        await Promise.resolve()
      },
      onTrouble: error => {
        throw error
      },
    })
    await put(dir, { 'policies/a.hcl': '# 2\n' })
    await git(dir, 'add', '-A')
    await put(dir, { 'policies/b.hcl': '# not added\n' })
    await git(dir, 'commit', '-q', '-m', 'two')
    await watching
    expect(seen).toEqual([['two', ['policies/b.hcl']]])
  })

  it('needs a repository', async () => {
    const options = {
      clock: systemClock,
      signal: new AbortController().signal,
      onCommit: () => Promise.resolve(),
      onTrouble: () => undefined,
    }
    await expect(watchRepository({ dir: await folder(), ...options })).rejects.toThrow('is in no Git repository')
  })
})
