import { type FileHandle, open } from 'node:fs/promises'
import type { Clock, Log, LogLevel } from '../../../kernel/index.ts'

export type LogFormat = 'standard' | 'json'

/** The server's log: lines to stderr, and to a file where there is one. */
export interface LogSink extends Log {
  setLevel(level: LogLevel): void
  /** Opens the file anew, since somebody has moved the old one away. */
  reopen(): Promise<void>
  /** Resolves when everything has been written. */
  close(): Promise<void>
}

export interface LogSinkOptions {
  readonly level: LogLevel
  readonly format: LogFormat
  readonly file?: string | undefined
  readonly clock: Clock
  /** Standard error. */
  readonly write: (text: string) => void
}

const ORDER: readonly LogLevel[] = ['trace', 'debug', 'info', 'warn', 'error']

export async function createLogSink({ level, format, file, clock, write }: LogSinkOptions): Promise<LogSink> {
  let least = ORDER.indexOf(level)
  let handle = file === undefined ? undefined : await openLog(file)
  // Lines reach the file in their order, one write at a time.
  let turn: Promise<unknown> = Promise.resolve()
  const queue = (work: () => Promise<unknown>): Promise<unknown> =>
    (turn = turn.then(work).catch((cause: unknown) => write(`cannot write to the log file: ${String(cause)}\n`)))
  const line = format === 'json' ? jsonLine : standardLine
  return {
    write(at, message, facts = {}) {
      if (ORDER.indexOf(at) < least) return
      const text = line(clock.now(), at, message, facts)
      write(text)
      if (handle !== undefined) void queue(async () => handle?.appendFile(text))
    },
    setLevel(next) {
      least = ORDER.indexOf(next)
    },
    async reopen() {
      if (file === undefined) return
      await queue(async () => {
        const before = handle
        handle = await openLog(file)
        await before?.close()
      })
    },
    async close() {
      await queue(async () => {
        const before = handle
        handle = undefined
        await before?.close()
      })
    },
  }
}

/** What the server logs is nobody else's to read. */
const openLog = (file: string): Promise<FileHandle> => open(file, 'a', 0o600)

type Facts = Readonly<Record<string, unknown>>

/** `2026-11-24T18:44:08.805Z [INFO]  unsealed: shares=3`, as the field's log shippers know it. */
function standardLine(now: Date, level: LogLevel, message: string, facts: Facts): string {
  const shown = Object.entries(facts).map(([key, value]) => `${key}=${quoted(value)}`)
  const tail = shown.length === 0 ? '' : `: ${shown.join(' ')}`
  return `${now.toISOString()} ${`[${level.toUpperCase()}]`.padEnd(7)} ${message.replaceAll('\n', '\\n')}${tail}\n`
}

/** A value that would not read as one word is quoted; so no fact can begin a line of its own. */
function quoted(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value))
  return /^[\w.:/@+-]+$/.test(text) ? text : JSON.stringify(text)
}

const jsonLine = (now: Date, level: LogLevel, message: string, facts: Facts): string =>
  `${JSON.stringify({ '@level': level, '@message': message, '@timestamp': now.toISOString(), ...facts })}\n`
