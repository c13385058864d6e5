import { execFile } from 'node:child_process'

export type GitEnv = Readonly<Record<string, string | undefined>>

/** What Git did not do, with what it said. */
export class GitSaid extends Error {
  readonly stderr: string
  constructor(stderr: string, because: { readonly cause?: unknown } = {}) {
    super(stderr.trim() === '' ? 'Git failed' : stderr.trim(), because)
    this.stderr = stderr
  }
}

/** A remote that says nothing for so long is taken to be gone. */
const LONGEST_MS = 120_000
const MOST_BYTES = 64 * 1024 * 1024

/**
 * Git, with nobody to ask: for what simple-git has no way to say (an environment of its own, a signal, stderr of a success).
 * @returns stdout
 * @throws GitSaid
 */
export async function runGit(folder: string, args: readonly string[], env: GitEnv, signal?: AbortSignal): Promise<string> {
  return (await gitAnswer(folder, args, env, signal)).stdout
}

export function gitAnswer(
  folder: string,
  args: readonly string[],
  env: GitEnv,
  signal?: AbortSignal,
): Promise<{ readonly stdout: string; readonly stderr: string }> {
  const options = {
    cwd: folder,
    env: { ...env, GIT_TERMINAL_PROMPT: '0', GIT_OPTIONAL_LOCKS: '0', LC_ALL: 'C' },
    timeout: LONGEST_MS,
    maxBuffer: MOST_BYTES,
    ...(signal === undefined ? {} : { signal }),
  }
  return new Promise((resolve, reject) => {
    execFile('git', [...args], options, (cause, stdout, stderr) => {
      if (cause === null) resolve({ stdout, stderr })
      else if (cause.code === 'ENOENT') reject(new GitSaid('there is no git on this machine, or the folder is gone', { cause }))
      else reject(new GitSaid(cause.killed === true && stderr === '' ? 'Git took too long' : stderr, { cause }))
    })
  })
}

/** What Git calls fatal, else its first line. A URL with a user's name or a password is not repeated. */
export function firstLineOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  const lines = text.split('\n').filter(it => it.trim() !== '')
  const line = lines.find(it => it.startsWith('fatal:')) ?? lines[0] ?? ''
  return line
    .replace(/^fatal: /, '')
    .replace(/\/\/[^/@\s]*@/g, '//')
    .trim()
}
