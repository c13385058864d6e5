import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/** Without anybody's configuration. */
export async function git(dir: string, ...args: readonly string[]): Promise<string> {
  const env = { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' }
  const { stdout } = await promisify(execFile)('git', ['-c', 'user.name=Test', '-c', 'user.email=test@example.org', ...args], {
    cwd: dir,
    env,
  })
  return stdout.trim()
}

/** Commits everything; the commit's id. */
export async function commitAll(dir: string, message: string): Promise<string> {
  await git(dir, 'init', '-q')
  await git(dir, 'add', '-A')
  await git(dir, 'commit', '-q', '-m', message)
  return await git(dir, 'rev-parse', 'HEAD')
}
