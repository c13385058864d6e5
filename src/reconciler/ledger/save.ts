import { nativeNumber } from '../../kernel/index.ts'
import {
  apiPath,
  isLock,
  ledgerFolder,
  mergeLedger,
  policyAddress,
  statusOf,
  textOf,
  type LedgerChange,
  type TargetReader,
  type TargetWriter,
} from '../model/index.ts'
import { newLedger, partName, storedLedgers, type StoredLedger, type StoredText } from './stored.ts'
import { LedgerUnreadable, LONGEST_PART, splitLedger } from './text.ts'

export interface SaveOptions {
  readonly compareAndSet: boolean
  readonly longest?: number
}

/** How often we give way to somebody who writes the same ledger at the same time. */
const TRIES = 8

const pathOf = (name: string): string => apiPath(policyAddress(name))

/**
 * Merges a change into the ledger as it is by now, and writes what differs. Where the target can compare and set, two writers
 * cannot lose each other's entries; elsewhere what was written is read back and, if somebody wrote in between, merged again.
 */
export async function saveLedger(
  writer: TargetWriter,
  before: StoredLedger,
  change: LedgerChange,
  options: SaveOptions,
): Promise<StoredLedger> {
  let stored = before
  for (let tries = 1; ; tries++) {
    const saved = await attempt(writer, stored, change, options)
    if (saved !== undefined) return saved
    if (tries === TRIES) throw new LedgerUnreadable(`the ledger of "${before.ledger.owner}" is being written by somebody else all the time`)
    stored = await loadLedger(writer, before.ledger.owner)
  }
}

/** Undefined: somebody else was faster. */
async function attempt(
  writer: TargetWriter,
  stored: StoredLedger,
  change: LedgerChange,
  { compareAndSet, longest = LONGEST_PART }: SaveOptions,
): Promise<StoredLedger | undefined> {
  const ledger = mergeLedger(stored.ledger, change)
  const texts = splitLedger(ledger, Math.max(1, stored.count), longest)
  const written = new Map<string, StoredText>()
  for (const [index, text] of texts.entries()) {
    const name = partName(ledger.owner, texts.length, index)
    const old = stored.texts.get(name)
    if (old?.text === text) {
      written.set(name, old)
      continue
    }
    const result = await writePart(writer, name, text, old, compareAndSet)
    if (result === undefined) return undefined
    written.set(name, result)
  }
  const old = [...stored.texts.keys(), ...stored.stale].filter(name => !written.has(name))
  for (const name of old) await writer.delete(pathOf(name))
  return { ledger, count: texts.length, texts: written, stale: [] }
}

async function writePart(
  writer: TargetWriter,
  name: string,
  text: string,
  old: StoredText | undefined,
  compareAndSet: boolean,
): Promise<StoredText | undefined> {
  const cas = compareAndSet ? { cas: old?.version ?? -1 } : {}
  try {
    await writer.write(pathOf(name), { policy: text, ...cas })
  } catch (error) {
    if (!compareAndSet || statusOf(error) !== 400) throw error
    // 400 is also what a server says to a text that it does not take; only a version that moved is a lost race.
    if ((await readPart(writer, name))?.version === old?.version) throw error
    return undefined
  }
  const now = await readPart(writer, name)
  return now?.text === text ? now : undefined
}

async function readPart(reader: TargetReader, name: string): Promise<StoredText | undefined> {
  const data = (await reader.read(pathOf(name)))?.data
  if (data === undefined || data === null) return undefined
  const version = nativeNumber(data['version'])
  return { text: textOf(data['policy'] ?? data['rules']), ...(typeof version === 'number' ? { version } : {}) }
}

/** One owner's ledger, read anew. */
export async function loadLedger(reader: TargetReader, owner: string): Promise<StoredLedger> {
  const names = (await reader.list('sys/policies/acl')).filter(name => name.startsWith(`${ledgerFolder}${owner}/`) && !isLock(name))
  const texts = new Map<string, StoredText>()
  for (const name of names) {
    const part = await readPart(reader, name)
    if (part !== undefined) texts.set(name, part)
  }
  return storedLedgers(texts).get(owner) ?? newLedger(owner)
}
