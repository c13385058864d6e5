import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, it } from 'vitest'
import { runLine } from '../cli/context.ts'
import { folder } from '../reconciler/harness/run.ts'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../../', import.meta.url))
const requirements = join(root, 'test/contract/workflows.requirements.txt')
const tools = join(root, '.cache/workflow-linters')
const bin = (name: string): string => join(tools, 'bin', name)

const names = ['apply', 'comments', 'drift', 'lint', 'plan', 'snapshot'].map(it => `.github/workflows/${it}.yml`)

describe('the workflows', () => {
  beforeAll(async () => {
    if (existsSync(bin('actionlint')) && existsSync(bin('zizmor'))) return
    await run('python3', ['-m', 'pip', 'install', '--quiet', '--no-deps', '--require-hashes', '-r', requirements, '--target', tools])
  })

  const lint = async (cwd: string, files: readonly string[]): Promise<void> => {
    await run(bin('actionlint'), ['-shellcheck=', '-pyflakes=', ...files], { cwd, env: { ...process.env, PYTHONPATH: tools } })
    const { stdout } = await run(bin('zizmor'), ['--offline', '--no-progress', '--min-severity=medium', '--format=json', ...files], { cwd })
    expect(JSON.parse(stdout)).toEqual([])
  }

  it('of this repository pass actionlint and zizmor', async () => {
    await lint(root, [...names, '.github/workflows/ci.yml'])
  })

  it('of a new repository do too', async () => {
    const dir = await folder()
    await runLine(['init', '-github', `-action=acme/lockstep@${'a'.repeat(40)}`, '.'], { cwd: dir })
    await lint(dir, names)
  })
})
