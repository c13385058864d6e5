/**
 * What happens to a key, as pure functions from key to key.
 *
 *     written ──delete──▶ deleted ──undelete──▶ written
 *        │  ▲                │                     (a time of deletion that lies ahead is a deletion already agreed)
 *        │  └────────────────┘
 *        ├──destroy──▶ destroyed (for good: the contents are gone)
 *        └──prune────▶ forgotten (also the facts are gone)
 *
 * 1. Numbers are given once: the next version is `current + 1`, whatever became of the others.
 * 2. Contents exist exactly for the versions that are listed and not destroyed.
 * 3. Pruning takes the oldest, also when they are deleted or destroyed.
 */
import type { Config } from './config.ts'
import { isDeleted, type Key, type Version } from './key.ts'

const KEPT = 10

/** When a version made now would be deleted by its age. */
function ageLimit(config: Config, key: Key, now: number): number | undefined {
  const [mount, own] = [config.deleteVersionAfter, key.deleteVersionAfter]
  if (mount < 0) return undefined
  const after = mount > 0 && own > 0 ? Math.min(mount, own) : mount + own
  return after > 0 ? now + after * 1000 : undefined
}

const written = (config: Config, key: Key, created: number, now: number): Version => {
  const deleted = ageLimit(config, key, now)
  return { created, ...(deleted !== undefined && { deleted }) }
}

/** The key with a further version, and the numbers that pruning takes from it. */
export function withVersion(key: Key, config: Config, now: number): { readonly key: Key; readonly pruned: readonly number[] } {
  const current = key.current + 1
  const versions: Record<string, Version> = { ...key.versions, [current]: written(config, key, now, now) }
  const most = Math.max(key.maxVersions, config.maxVersions) || KEPT
  if (current - key.oldest < most) return { key: { ...key, current, updated: now, versions }, pruned: [] }
  const oldest = current - most + 1
  const pruned = Object.keys(versions)
    .map(Number)
    .filter(number => number < oldest)
  for (const number of pruned) delete versions[number]
  return { key: { ...key, current, oldest, updated: now, versions }, pruned }
}

type Change = (version: Version) => Version
const changed = (key: Key, numbers: readonly number[], change: Change): Key => {
  const versions = { ...key.versions }
  for (const number of numbers) {
    const version = versions[number]
    if (version !== undefined && version.destroyed !== true) versions[number] = change(version)
  }
  return { ...key, versions }
}

/** One that is deleted already keeps its time. */
export const withDeleted = (key: Key, numbers: readonly number[], now: number): Key =>
  changed(key, numbers, version => (isDeleted(version, now) ? version : { ...version, deleted: now }))

/** Where an age limit is in force, it starts anew. */
export const withUndeleted = (key: Key, numbers: readonly number[], config: Config, now: number): Key =>
  changed(key, numbers, version => written(config, key, version.created, now))

export const withDestroyed = (key: Key, numbers: readonly number[]): Key =>
  changed(key, numbers, version => ({ ...version, destroyed: true }))
