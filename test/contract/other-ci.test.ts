import { execFile, execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runLine } from '../cli/context.ts'
import { folder } from '../reconciler/harness/run.ts'
import { startOurs, type RunningServer } from './harness/server.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** What docs/reference/github.md tells users of GitLab to run, to the letter. */
function documented(): readonly string[] {
  const [, example = ''] =
    /```yaml\n# \.gitlab-ci\.yml\n([\s\S]*?)```/.exec(readFileSync(join(root, 'docs/reference/github.md'), 'utf8')) ?? []
  return [...example.matchAll(/^ {4}- (lockstep .+)$/gm)].map(([, line = '']) => line)
}

describe('the example for GitLab', () => {
  let server: RunningServer
  beforeAll(async () => {
    server = await startOurs('dev')
  })
  afterAll(() => server.stop())

  it('makes each report that it names', async () => {
    const dir = await folder()
    expect(await runLine(['init', '.'], { cwd: dir })).toMatchObject({ code: 0 })
    const git = (...args: readonly string[]): unknown =>
      execFileSync('git', ['-c', 'user.name=ann', '-c', 'user.email=ann@example.com', ...args], { cwd: dir, stdio: 'pipe' })
    git('init', '--quiet')
    git('add', '--all')
    git('commit', '--quiet', '--message', 'first')
    const env = {
      PATH: `${join(root, 'bin')}:${process.env['PATH'] ?? ''}`,
      HOME: server.home,
      VAULT_ADDR: server.address,
      VAULT_TOKEN: 'root',
    }
    const lines = documented()
    expect(lines).toHaveLength(5)
    const codes: number[] = []
    for (const line of lines) {
      codes.push(
        await promisify(execFile)('bash', ['-c', line], { cwd: dir, env }).then(
          () => 0,
          (cause: { code: number }) => cause.code,
        ),
      )
    }
    // The last one is drift: nothing was applied yet, so the server differs.
    expect(codes).toEqual([0, 0, 0, 0, 2])
    for (const name of ['lint.xml', 'access.xml', 'drift.xml']) expect(readFileSync(join(dir, name), 'utf8')).toContain('<testsuite')
    expect(readFileSync(join(dir, 'plan.md'), 'utf8')).toContain('policy/app-read')
  })
})
