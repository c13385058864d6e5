import { readFileSync } from 'node:fs'

const folder = new URL('../vectors/policies/', import.meta.url)

const json = <T>(name: string): T => JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as T

/** What the real server and its command line said to a file: `index.json`. */
export interface RecordedFile {
  readonly file: string
  readonly write_ok: boolean
  /** As the command line shows it. */
  readonly write_error: string | null
  readonly fmt_ok: boolean
  readonly fmt_error: string | null
  readonly fmt_output: string | null
}

export const recordedFiles: readonly RecordedFile[] = json('index.json')

/** Texts with the server's own message, or null where it took them. */
export const recordedVerdicts: readonly { readonly text: string; readonly error: string | null }[] = json('verdicts.json')

/** Texts, most with comments in odd places, as the peer's formatter prints them. */
export const recordedLayouts: readonly { readonly text: string; readonly formatted: string }[] = json('layouts.json')

export const recordedBytes = (file: string): Uint8Array => readFileSync(new URL(file, folder))

/** A moment after which everything recorded as valid is still valid. */
export const recordedAt: Date = new Date('2026-11-24T00:00:00Z')
