import type { Client, ClientOptions } from '../client/index.ts'
import type { Clock, Random } from '../kernel/index.ts'
import type { Flag, Flags, ValuesOf } from './flag.ts'

export interface Output {
  write(text: string): void
  readonly isTerminal: boolean
  readonly columns: number | undefined
}

export interface Input {
  readonly isTerminal: boolean
  /** Everything up to the end. A second call gives an empty string. */
  text(): Promise<string>
  /** The same before it is decoded, for texts that may turn out to be no UTF-8. */
  bytes(): Promise<Uint8Array>
  /** Asks on stderr and reads one line; `secret` shows no echo on a terminal. */
  ask(prompt: string, how?: { readonly secret?: boolean }): Promise<string>
}

export type Env = Readonly<Record<string, string | undefined>>

/** All that a command may know of the process around it. Tests pass one of their own. */
export interface Context {
  /** The name it was called by: `lockstep`, or `bao` or `vault` through a link. */
  readonly program: string
  readonly stdout: Output
  readonly stderr: Output
  readonly stdin: Input
  /** The raw ends, for a command that speaks a protocol over them. */
  readonly streams: { readonly input: NodeJS.ReadableStream; readonly output: NodeJS.WritableStream }
  readonly env: Env
  readonly cwd: string
  readonly home: string
  /** A person sits at both ends: stdin and stdout are terminals, and CI is not set. */
  readonly interactive: boolean
  /** Colour is welcome on those outputs that are terminals. */
  readonly colour: boolean
  readonly clock: Clock
  /** Waits and keeps the process alive meanwhile, which the clock's own timers do not. */
  sleep(ms: number): Promise<void>
  readonly random: Random
  /** Aborts on the first SIGINT or SIGTERM. Only a command that reads it is spared the signal's default, which is to end at once. */
  readonly signal: AbortSignal
  /** Has something done when the command has ended, however it ended; the last one first. */
  atEnd(work: () => Promise<void>): void
  /** Makes a client; `connect` (connection.ts) makes one from the flags and the environment. */
  client(options: ClientOptions): Client
}

/** What the process itself brings: the rest is dispatch's. */
export type Surroundings = Omit<Context, 'atEnd'>

export interface Given<F> {
  readonly flags: ValuesOf<F>
  readonly args: readonly string[]
  /** The keys of the flags that were given on the command line. */
  readonly set: ReadonlySet<string>
}

/** A command as its module exports it (`export const command: Command`), its flags' types erased. */
export interface Command {
  /** Behind the program's name: `kv put [options] KEY [DATA]`. */
  readonly usage: string
  /** The help's text: paragraphs, examples indented by four more columns. `{program}` becomes the program's name. */
  readonly about: string
  readonly flags: Flags
  /** All from the first argument on is meant for another program, flags and all. */
  readonly passesOn?: boolean
  /** Gives the exit code. Throws CommandFailed for what ends it with a message. */
  run(ctx: Context, given: Given<Flags>): Promise<number>
}

/** Types `run` from the command's own flags, and forgets those types at the edge. */
export function defineCommand<const F extends { readonly [K in keyof F]: Flag<unknown> }>(
  spec: Omit<Command, 'flags' | 'run'> & { readonly flags: F; run(ctx: Context, given: Given<F>): Promise<number> },
): Command {
  return { ...spec, flags: { ...spec.flags } }
}

/** Ends a command with a message on stderr and an exit code (1: usage and what is local; 2: the server said no). */
export class CommandFailed extends Error {
  readonly exitCode: number
  constructor(message: string, exitCode: number = 1, because?: { readonly cause?: unknown }) {
    super(message, because)
    this.exitCode = exitCode
  }
}
