/** Runs ssh with what it needs in a folder that only its user can read, and that is gone afterwards. */
import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CommandFailed, type Env } from '../../command.ts'

export async function withFolder<T>(work: (keep: (name: string, text: string) => Promise<string>) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'lockstep-ssh-'))
  try {
    return await work(async (name, text) => {
      const path = join(folder, name)
      await writeFile(path, text, { mode: 0o600 })
      return path
    })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Its exit code; 2 when a signal ended it. What a terminal sends, such as Ctrl-C, is for it alone. */
export async function run(program: string, args: readonly string[], env: Env, input: 'inherit' | 'ignore'): Promise<number> {
  const hold = (): void => undefined
  process.on('SIGINT', hold)
  try {
    return await new Promise((done, fail) => {
      const child = spawn(program, args, { stdio: [input, 'inherit', 'inherit'], env: { ...env } })
      child.once('error', cause => fail(new CommandFailed(`failed to run ssh command: ${cause.message}`, 2, { cause })))
      child.once('exit', code => done(code ?? 2))
    })
  } finally {
    process.off('SIGINT', hold)
  }
}

/** Whether a program can be run: asked for its version. */
export const isThere = (program: string, env: Env): Promise<boolean> =>
  new Promise(done => {
    const child = spawn(program, ['-V'], { stdio: 'ignore', env: { ...env } })
    child.once('error', () => done(false))
    child.once('spawn', () => done(true))
  })
