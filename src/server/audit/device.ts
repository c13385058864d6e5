import type { Clock } from '../../kernel/index.ts'

/** Options of a device as they are given: strings, as the field's tools send them. */
export type AuditOptions = Readonly<Record<string, string>>

/**
 * Where entries go. An entry comes hashed and rendered, as one line with its end. A device neither reads nor changes it.
 */
export interface AuditDevice {
  /** Resolves when the line is out of our hands. Lines of one device keep their order. */
  write(line: string): Promise<void>
  /** At SIGHUP: opens its file anew, connects anew. */
  reopen(): Promise<void>
  close(): Promise<void>
}

export interface AuditDeviceKind {
  readonly type: string
  readonly doc: string
  /** What its `options` may hold beside those that every device has. Others are kept and shown, and mean nothing. */
  readonly options: Readonly<Record<string, string>>
  /** Rejects with an AuditRefused that says what is wrong with the options, in the peer's words where it has some. */
  open(options: AuditOptions, host: { readonly clock: Clock }): Promise<AuditDevice>
}

/** Options that a device cannot be made of. The text is shown to whoever gave them. */
export class AuditRefused extends Error {}

/** What an operating system's error is called by the field's tools; those of Node's name functions nobody has heard of. */
export function plainReason(cause: unknown): string {
  const { code, message } = cause as NodeJS.ErrnoException
  return (code === undefined ? undefined : REASONS[code]) ?? message
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connect: connection refused',
  ECONNRESET: 'connection reset by peer',
  EPIPE: 'broken pipe',
  ENOENT: 'no such file or directory',
  EISDIR: 'is a directory',
  EACCES: 'permission denied',
  ENOSPC: 'no space left on device',
  ENOTDIR: 'not a directory',
}
