export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error'

/** Where a component says what it does. Facts are plain values; never pass a secret. */
export interface Log {
  write(level: LogLevel, message: string, facts?: Readonly<Record<string, unknown>>): void
}

export const silentLog: Log = { write: () => undefined }
