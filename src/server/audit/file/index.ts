/**
 * The audit device that appends to a file, or to the server's standard output. Knows lines and file descriptors, and what the
 * peer says of a bad path; must not know what a line says. Several waiting lines make one write.
 */
import type { Stats } from 'node:fs'
import { chmod, mkdir, open, stat, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import { AuditRefused, plainReason, type AuditDevice, type AuditDeviceKind } from '../index.ts'
import { Lines } from './lines.ts'

const EXECUTABLE = 0o111

export const file: AuditDeviceKind = {
  type: 'file',
  doc: 'Appends each entry to a file, as one line.',
  options: {
    file_path: 'The file; `stdout` for the server’s standard output, `discard` for nowhere. Also `path`.',
    mode: 'Its mode, octal (0600). 0000 leaves that of a file that is there as it is. Never executable.',
  },
  async open(options) {
    const path = options['file_path'] ?? options['path'] ?? ''
    if (path === '') throw new AuditRefused('file_path is required')
    if (path === 'discard') return { write: async () => undefined, reopen: async () => undefined, close: async () => undefined }
    if (path === 'stdout') return new Lines(async () => ({ fd: 1, close: async () => undefined }))
    const mode = await modeOf(path, options['mode'])
    const device: AuditDevice & { ready(): Promise<void> } = new Lines(() => openFile(path, mode))
    // A path that cannot be written to is refused now, not at the first request.
    await device.ready().catch((cause: unknown) => {
      const reason = plainReason(cause)
      throw new AuditRefused(`sanity check failed; unable to open ${JSON.stringify(path)} for writing: open ${path}: ${reason}`, { cause })
    })
    return device
  },
}

async function modeOf(path: string, text: string | undefined): Promise<number | undefined> {
  if (text === undefined) return 0o600
  if (!/^[0-7]+$/.test(text)) throw new AuditRefused(`strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`)
  const mode = Number.parseInt(text, 8)
  if (mode !== 0) return mode & 0o777 & ~EXECUTABLE
  const there: Stats | undefined = await stat(path).catch((cause: unknown) => {
    throw new AuditRefused(`stat ${path}: ${plainReason(cause)}`, { cause })
  })
  return there === undefined ? 0o600 : undefined
}

async function openFile(path: string, mode: number | undefined): Promise<FileHandle> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const handle = await open(path, 'a', mode ?? 0o600)
  try {
    // What was there before keeps its content, not its mode. A pipe or a device has one of its own.
    if (mode !== undefined && (await handle.stat()).isFile()) await chmod(path, mode)
    return handle
  } catch (cause) {
    await handle.close()
    throw cause
  }
}
