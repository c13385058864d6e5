import { accessJson, stableJson, type AccessEntry } from '../model/index.ts'
import { accessLines } from './access-lines.ts'
import { accessSection } from './markdown.ts'
import type { Paint } from './paint.ts'

const ALIKE = 'Nobody gains or loses access.'

/** What `diff` found, for people. */
export const renderDiff = (entries: readonly AccessEntry[], options: { readonly paint: Paint; readonly full: boolean }): string =>
  entries.length === 0 ? `${ALIKE}\n` : `${accessLines(entries, options).join('\n')}\n`

/** For a pull request. */
export const diffMarkdown = (entries: readonly AccessEntry[]): string =>
  entries.length === 0 ? `${ALIKE}\n` : `${accessSection(entries).join('\n\n')}\n`

export interface DiffSides {
  readonly old: string
  readonly new: string
}

/** `format_version` counts as that of plans does; the entries are those of a plan's `access_changes`. */
export const diffJson = (entries: readonly AccessEntry[], sides: DiffSides): string =>
  `${stableJson({ format_version: '1.0', old: sides.old, new: sides.new, access_changes: entries.map(accessJson) }, 2)}\n`
