import { randomBytes, randomUUID } from 'node:crypto'
import { createClient } from '../../src/client/index.ts'
import { type Context, dispatch, type Output } from '../../src/cli/index.ts'
import { systemClock } from '../../src/kernel/index.ts'

export interface Situation {
  readonly program?: string
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  readonly home?: string
  /** All that stdin holds. */
  readonly stdin?: string
  /** What a person answers, question by question. */
  readonly answers?: readonly string[]
  readonly terminal?: boolean
}

/** A context like the real process's, but that what is written stays here. */
export interface Stage {
  readonly ctx: Context
  stdout(): string
  stderr(): string
}

export function stage(it: Situation = {}): Stage {
  const written = { out: '', err: '' }
  const { terminal = false, answers = [], home = '/nonexistent' } = it
  const output = (where: 'out' | 'err'): Output => ({
    write: text => void (written[where] += text),
    isTerminal: terminal,
    columns: terminal ? 80 : undefined,
  })
  let [left, asked] = [it.stdin ?? '', 0]
  const take = (): string => {
    const text = left
    left = ''
    return text
  }
  const ctx: Context = {
    program: it.program ?? 'lockstep',
    stdout: output('out'),
    stderr: output('err'),
    stdin: {
      isTerminal: terminal,
      text: () => Promise.resolve(take()),
      bytes: () => Promise.resolve(Buffer.from(take())),
      ask(prompt) {
        written.err += prompt
        const answer = answers[asked++]
        return answer === undefined ? Promise.reject(new Error('nobody answers')) : Promise.resolve(answer)
      },
    },
    get streams(): never {
      throw new Error('a command that speaks a protocol is run as a process')
    },
    env: it.env ?? {},
    cwd: it.cwd ?? '/nonexistent',
    home,
    interactive: terminal,
    colour: terminal,
    clock: systemClock,
    sleep: () => Promise.resolve(),
    random: { bytes: count => randomBytes(count), uuid: () => randomUUID() },
    signal: new AbortController().signal,
    atEnd: () => undefined,
    client: createClient,
  }
  return { ctx, stdout: () => written.out, stderr: () => written.err }
}

export interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** One command line in this process. */
export async function runLine(argv: readonly string[], it: Situation = {}): Promise<Ran> {
  const { ctx, stdout, stderr } = stage(it)
  const code = await dispatch(ctx, argv)
  return { code, stdout: stdout(), stderr: stderr() }
}
