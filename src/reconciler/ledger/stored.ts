import { emptyLedger, isLock, ledgerFolder, type Ledger, type LedgerEntry, type Address } from '../model/index.ts'
import { decodePart, LedgerUnreadable, type LedgerPart } from './text.ts'

/** `lockstep/ledger/<owner>/<count>.<index>` */
const NAME = /^lockstep\/ledger\/([^/]+)\/(\d+)\.(\d+)$/

export const partName = (owner: string, count: number, index: number): string => `${ledgerFolder}${owner}/${count}.${index}`

/** A policy of the ledger's folder as it stands on the target. */
export interface StoredText {
  readonly text: string
  readonly version?: number
}

/** A ledger with what must be known to write it again. */
export interface StoredLedger {
  readonly ledger: Ledger
  /** Into how many parts it is split; 0: it does not exist yet. */
  readonly count: number
  readonly texts: ReadonlyMap<string, StoredText>
  /** Parts of an earlier split that was not cleared away. */
  readonly stale: readonly string[]
}

export const newLedger = (owner: string): StoredLedger => ({ ledger: emptyLedger(owner), count: 0, texts: new Map(), stale: [] })

/**
 * All ledgers among the policies of a target, by owner.
 * @throws LedgerUnreadable
 */
export function storedLedgers(policies: ReadonlyMap<string, StoredText>): ReadonlyMap<string, StoredLedger> {
  const names = [...policies.keys()].filter(name => name.startsWith(ledgerFolder) && !isLock(name))
  const owners = new Set(names.map(name => NAME.exec(name)?.[1] ?? ''))
  if (owners.has('')) {
    const stranger = names.find(name => !NAME.test(name)) ?? ''
    throw new LedgerUnreadable(`the policy ${stranger} stands among the ledgers and is none; remove it by hand`)
  }
  return new Map(
    [...owners].map(owner => [
      owner,
      storedLedger(
        owner,
        names.filter(name => NAME.exec(name)?.[1] === owner),
        policies,
      ),
    ]),
  )
}

/**
 * A ledger that grew is written anew in twice as many parts before the old ones are removed. So of several splits the one with
 * the most parts counts, if all its parts are there.
 */
function storedLedger(owner: string, names: readonly string[], policies: ReadonlyMap<string, StoredText>): StoredLedger {
  const counts = [...new Set(names.map(name => Number(NAME.exec(name)?.[2])))].sort((a, b) => b - a)
  for (const count of counts) {
    const parts = Array.from({ length: count }, (_, index) => partName(owner, count, index))
    const texts = new Map(parts.flatMap(name => (policies.has(name) ? [[name, policies.get(name) as StoredText] as const] : [])))
    if (texts.size < count) continue
    const ledger = joined(
      owner,
      parts.map(name => decodePart(texts.get(name)?.text ?? '', name)),
    )
    return { ledger, count, texts, stale: names.filter(name => !texts.has(name)) }
  }
  throw new LedgerUnreadable(`the ledger of "${owner}" is not whole: there is ${names.join(', ')}`)
}

function joined(owner: string, parts: readonly LedgerPart[]): Ledger {
  const entries = new Map<Address, LedgerEntry>()
  for (const [i, part] of parts.entries()) {
    if (part.owner !== owner || part.index !== i || part.count !== parts.length) {
      throw new LedgerUnreadable(`the policy ${partName(owner, parts.length, i)} holds another part of a ledger than its name says`)
    }
    for (const [address, entry] of part.entries) entries.set(address, entry)
  }
  const [first] = parts
  return {
    owner,
    entries,
    ...(first?.repository === undefined ? {} : { repository: first.repository }),
    ...(first?.commit === undefined ? {} : { commit: first.commit }),
  }
}
