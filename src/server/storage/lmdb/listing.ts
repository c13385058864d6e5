/**
 * Lists the children of a prefix by walking LMDB's order, and leaps over every folder that it has named, so that a
 * listing costs by what it shows. Keys that are long (see long-key.ts) and share a head are read by their full names.
 */
import { setImmediate } from 'node:timers/promises'
import { compareUtf8 } from '../../../kernel/index.ts'
import type { Page } from '../index.ts'
import type { Environment } from './environment.ts'
import { behind, HEAD, isLong } from './long-key.ts'

const SLASH = 0x2f
/** Names read in one go, before others get their turn. */
const STRIDE = 2_048

type Snapshot = ReturnType<Environment['root']['useReadTransaction']>

export async function list(
  { root, records, names }: Environment,
  prefix: string,
  { after, limit = 0 }: Page = {},
): Promise<readonly string[]> {
  const most = limit > 0 ? limit : Infinity
  const found: string[] = []
  /** False once there is enough. */
  const add = (name: string): boolean => {
    if (after === undefined || compareUtf8(name, after) > 0) found.push(name)
    return found.length < most
  }
  const at = Buffer.from(prefix)
  // One state of the store, however many turns it takes.
  const transaction = root.useReadTransaction()
  try {
    if (at.length > HEAD) {
      for (const name of await cluster(names, transaction, at.subarray(0, HEAD), at)) if (!add(name)) break
      return found
    }
    const end = behind(at)
    let from: Buffer | undefined = startOf(at, after)
    while (from !== undefined) {
      const step = walk(records, transaction, { from, end, at }, add)
      if (step.is === 'end') break
      if (step.is === 'cluster') {
        let enough = false
        for (const name of await cluster(names, transaction, step.head, at)) if (!add(name)) enough = true
        if (enough) break
        from = behind(step.head)
      } else {
        from = step.next
        if (step.is === 'pause') await setImmediate()
      }
    }
    return found.length > most ? found.slice(0, most) : found
  } finally {
    transaction.done()
  }
}

type Step =
  | { readonly is: 'end' }
  /** A folder was named: go on behind it. */
  | { readonly is: 'leap'; readonly next: Buffer | undefined }
  | { readonly is: 'pause'; readonly next: Buffer }
  /** Long keys, of which the head does not tell the child. */
  | { readonly is: 'cluster'; readonly head: Buffer }

interface Range {
  readonly from: Buffer
  readonly end: Buffer | undefined
  readonly at: Buffer
}

/** Walks until something else must be done than to take the next key. */
function walk(records: Environment['records'], transaction: Snapshot, { from, end, at }: Range, add: (name: string) => boolean): Step {
  let read = 0
  const bounds = end === undefined ? {} : { end }
  for (const key of records.getKeys({ start: from, ...bounds, transaction }) as Iterable<Buffer>) {
    if (read++ === STRIDE) return { is: 'pause', next: key }
    const known = isLong(key) ? key.subarray(0, HEAD) : key
    const slash = known.indexOf(SLASH, at.length)
    if (slash >= 0) {
      if (!add(known.toString('utf8', at.length, slash + 1))) return { is: 'end' }
      return { is: 'leap', next: behind(known.subarray(0, slash + 1)) }
    }
    if (isLong(key)) return { is: 'cluster', head: Buffer.from(known) }
    if (!add(key.toString('utf8', at.length))) return { is: 'end' }
  }
  return { is: 'end' }
}

/** The children of `prefix` among the long keys with one head, in order. */
async function cluster(names: Environment['names'], transaction: Snapshot, head: Buffer, prefix: Buffer): Promise<readonly string[]> {
  const children = new Set<string>()
  let read = 0
  const next = behind(head)
  const bounds = next === undefined ? {} : { end: next }
  for (const { value: full } of names.getRange({ start: head, ...bounds, transaction })) {
    if (++read % STRIDE === 0) await setImmediate()
    if (full.length <= prefix.length || full.compare(prefix, 0, prefix.length, 0, prefix.length) !== 0) continue
    const slash = full.indexOf(SLASH, prefix.length)
    children.add(full.toString('utf8', prefix.length, slash < 0 ? undefined : slash + 1))
  }
  return [...children].sort(compareUtf8)
}

/** The first LMDB key that can be a child behind `after`. Names up to `after` may still follow, and are left out. */
function startOf(at: Buffer, after: string | undefined): Buffer | undefined {
  if (after === undefined || after === '') return at.length === 0 ? Buffer.from([0]) : at
  const first = Buffer.concat([at, Buffer.from(after)])
  if (first.length > HEAD) return first.subarray(0, HEAD)
  return after.endsWith('/') ? behind(first) : first
}
