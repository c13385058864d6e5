import { rfc3339Nano } from '../../../../kernel/index.ts'
import type { WireObject } from '../../../../schema/index.ts'
import { isRecord } from '../../../framework/index.ts'
import type { View } from '../../../logical/index.ts'

/**
 * A key: its settings and what is known of each version. One record, `keys/<path>`. The contents of version n are a record
 * of their own, `versions/<id>/<n>`, which never changes once it is written: a key that is deleted and made again has
 * another id. So whoever has read the key knows what the version records hold, or that one is gone.
 *
 * Times are milliseconds since 1970. Version numbers only grow, and an absent `deleted` is "not to be deleted".
 */
export interface Key {
  readonly id: string
  /** The newest version; 0 while there is none. */
  readonly current: number
  /** The oldest that pruning has left; 0 as long as it has never run. */
  readonly oldest: number
  readonly created: number
  readonly updated: number
  /** Changes of the settings, for check-and-set; 0 when only data was ever written. */
  readonly metadataVersion: number
  readonly maxVersions: number
  readonly casRequired: boolean
  readonly metadataCasRequired: boolean
  /** Seconds, 0: none. */
  readonly deleteVersionAfter: number
  readonly customMetadata: Readonly<Record<string, string>> | null
  readonly versions: Readonly<Record<string, Version>>
}

export interface Version {
  readonly created: number
  /** May lie ahead. */
  readonly deleted?: number
  readonly destroyed?: true
}

export const newKey = (id: string, now: number): Key => ({
  id,
  current: 0,
  oldest: 0,
  created: now,
  updated: now,
  metadataVersion: 0,
  maxVersions: 0,
  casRequired: false,
  metadataCasRequired: false,
  deleteVersionAfter: 0,
  customMetadata: null,
  versions: {},
})

export const keysOf = (view: View): View => view.sub('keys/')
const versionsOf = (view: View, key: Key): View => view.sub(`versions/${key.id}/`)

export const textOf = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString()
export const parseKey = (bytes: Uint8Array): Key => JSON.parse(textOf(bytes)) as Key

export async function readKey(view: View, path: string): Promise<Key | undefined> {
  const bytes = isRecord(path) ? await keysOf(view).get(path) : undefined
  return bytes && parseKey(bytes)
}
export const writeKey = (view: View, path: string, key: Key): Promise<void> => keysOf(view).put(path, Buffer.from(JSON.stringify(key)))
export const deleteKey = (view: View, path: string): Promise<void> => keysOf(view).delete(path)

/** The text of the contents; undefined when they are gone, as they may be by now if the key was read outside of a transaction. */
export async function readContents(view: View, key: Key, version: number): Promise<string | undefined> {
  const bytes = await versionsOf(view, key).get(String(version))
  return bytes && textOf(bytes)
}
export const writeContents = (view: View, key: Key, version: number, text: string): Promise<void> =>
  versionsOf(view, key).put(String(version), Buffer.from(text))
export const deleteContents = (view: View, key: Key, version: number): Promise<void> => versionsOf(view, key).delete(String(version))

export const isDeleted = (version: Version, now: number): boolean => version.deleted !== undefined && version.deleted <= now
/** Whether its contents may be read. */
export const isLive = (version: Version, now: number): boolean => version.destroyed !== true && !isDeleted(version, now)

const printed = (at: number | undefined): string => (at === undefined ? '' : rfc3339Nano(at))

export const versionFacts = (key: Key, number: number, version: Version): WireObject => ({
  created_time: rfc3339Nano(version.created),
  custom_metadata: key.customMetadata,
  deletion_time: printed(version.deleted),
  destroyed: version.destroyed === true,
  version: number,
})

export const versionSummary = (version: Version): WireObject => ({
  created_time: rfc3339Nano(version.created),
  deletion_time: printed(version.deleted),
  destroyed: version.destroyed === true,
})
