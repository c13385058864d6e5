import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { starterFiles } from '../../../src/cli/init/index.ts'
import { folder, planOf } from '../../reconciler/harness/run.ts'
import { FakeTarget } from '../../reconciler/harness/fake-target.ts'
import { runLine } from '../context.ts'

const action = `acme/lockstep@${'a'.repeat(40)}`

describe('lockstep init', () => {
  it('makes a repository that lints, tests and plans clean', async () => {
    const cwd = await folder()
    expect(await runLine(['init', 'mine'], { cwd })).toMatchObject({ code: 0, stderr: '' })
    const dir = join(cwd, 'mine')
    const ran = [await runLine(['fmt', '-check', 'policies'], { cwd: dir }), await runLine(['lint', '-fail-level=note'], { cwd: dir })]
    expect(ran.map(it => [it.code, it.stdout])).toEqual([
      [0, ''],
      [0, expect.stringContaining('') as string],
    ])
    expect(await runLine(['test'], { cwd: dir })).toMatchObject({ code: 0, stderr: '' })
    const plan = await planOf(dir, new FakeTarget())
    expect(plan.findings).toEqual([])
    expect(plan.steps.map(it => it.action)).toEqual(plan.steps.map(() => 'create'))
  })

  it('writes workflows that run the named action, with no right for all jobs', async () => {
    const cwd = await folder()
    expect(await runLine(['init', '-github', `-action=${action}`, '.'], { cwd })).toMatchObject({ code: 0 })
    const workflows = join(cwd, '.github/workflows')
    const names = readdirSync(workflows).sort()
    expect(names).toEqual(['apply.yml', 'comments.yml', 'drift.yml', 'lint.yml', 'plan.yml', 'snapshot.yml'])
    for (const name of names) {
      const text = readFileSync(join(workflows, name), 'utf8')
      expect(text).toContain(`uses: ${action}\n`)
      expect(text).toContain('\npermissions: {}\n')
      expect(text).not.toMatch(/uses: (?!\S+@[0-9a-f]{40})/)
      // The same as this repository's own, but for the action.
      const own = readFileSync(join(import.meta.dirname, '../../../.github/workflows', name), 'utf8')
      expect(text.replaceAll(action, './')).toBe(own)
    }
  })

  it('leaves alone what is there', async () => {
    const cwd = await folder({ 'lockstep.yaml': '# mine\n' })
    expect(await runLine(['init', '.'], { cwd })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('nothing was written') as string,
    })
    expect(readdirSync(cwd)).toEqual(['lockstep.yaml'])
    expect(Object.keys(starterFiles)[0]).toBe('lockstep.yaml')
  })

  it.each([undefined, 'acme/lockstep@main', 'acme/lockstep@v1', 'x'])('refuses the action %s', async given => {
    const cwd = await folder()
    const { code, stderr } = await runLine(['init', '-github', ...(given === undefined ? [] : [`-action=${given}`]), '.'], { cwd })
    expect([code, stderr]).toEqual([1, expect.stringContaining('40 digits')])
    expect(readdirSync(cwd)).toEqual([])
  })
})

describe('scripts/action.sh', () => {
  it('is a script that bash can read', () => {
    execFileSync('bash', ['-n', join(import.meta.dirname, '../../../scripts/action.sh')])
  })
})
