import { homedir } from 'node:os'
import { createClient } from '../client/index.ts'
import { systemClock } from '../kernel/index.ts'
import type { Env, Input, Output, Surroundings } from './command.ts'

function outputOf(stream: NodeJS.WriteStream): Output {
  // `lockstep list … | head -1` closes our pipe early: that is the reader's right, and no failure.
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0)
    throw error
  })
  return { write: text => void stream.write(text), isTerminal: stream.isTTY, columns: stream.columns }
}

function inputOf(stream: NodeJS.ReadStream): Input {
  const bytes = async (): Promise<Buffer> => {
    const chunks: Buffer[] = []
    for await (const chunk of stream) chunks.push(chunk as Buffer)
    return Buffer.concat(chunks)
  }
  return {
    isTerminal: stream.isTTY,
    bytes,
    text: async () => (await bytes()).toString('utf8'),
    async ask(prompt, how) {
      const { ask } = await import('./prompt.ts')
      return await ask(stream, process.stderr, prompt, how?.secret ?? false)
    },
  }
}

/** Loaded when it is needed: importing it costs 11 ms, and few commands draw anything at random. */
const crypto = (): typeof import('node:crypto') => process.getBuiltinModule('node:crypto')

/** NO_COLOR (no-color.org) and the field's own variable turn colour off; a dumb terminal has none. */
const wantsColour = (env: Env): boolean =>
  (env['NO_COLOR'] ?? '') === '' && (env['BAO_CLI_NO_COLOR'] ?? env['VAULT_CLI_NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb'

function signalOfProcess(): AbortSignal {
  const controller = new AbortController()
  const stop = (): void => {
    // The first one asks; whoever sends a second does not want to wait.
    process.removeListener('SIGINT', stop).removeListener('SIGTERM', stop)
    controller.abort()
  }
  process.on('SIGINT', stop).on('SIGTERM', stop)
  return controller.signal
}

/** The context of the real process. */
export function processContext(program: string): Surroundings {
  const { env } = process
  let signal: AbortSignal | undefined
  return {
    program,
    stdout: outputOf(process.stdout),
    stderr: outputOf(process.stderr),
    get stdin() {
      return inputOf(process.stdin)
    },
    get streams() {
      return { input: process.stdin, output: process.stdout }
    },
    env,
    cwd: process.cwd(),
    home: env['HOME'] ?? homedir(),
    interactive: process.stdin.isTTY && process.stdout.isTTY && (env['CI'] ?? '') === '',
    colour: wantsColour(env),
    clock: systemClock,
    sleep: ms => new Promise(done => setTimeout(done, ms)),
    random: { bytes: count => crypto().randomBytes(count), uuid: () => crypto().randomUUID() },
    get signal() {
      signal ??= signalOfProcess()
      return signal
    },
    client: createClient,
  }
}
