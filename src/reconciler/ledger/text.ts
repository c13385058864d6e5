import {
  digestOfText,
  parseAddress,
  type Address,
  type Digest,
  type Ledger,
  type LedgerEntry,
  type Origin,
  type Sealed,
} from '../model/index.ts'

/** A ledger, or a part of one, whose text is not what was written. */
export class LedgerUnreadable extends Error {}

export interface LedgerPart {
  readonly owner: string
  readonly index: number
  readonly count: number
  /** In the first part only. */
  readonly repository?: string
  readonly commit?: string
  readonly entries: ReadonlyMap<Address, LedgerEntry>
}

const TITLE = '# lockstep ledger 1'
const NOTICE = '# Lockstep writes here what it manages on this server. It grants nothing. Edited by hand, it is refused.'

const escaped = (text: string): string => text.replace(/[%\s\p{Cc}]/gu, it => encodeURIComponent(it))

/**
 * A policy that consists of comments: every Vault-compatible server stores it, no token gains anything by it, and whoever can
 * change it could give themselves anything anyway. One line an object, in order, and a sum over all lines before it:
 *
 *     # created policy/payments/read 5lR9cX2mTq0bKp1sWf7yZA
 *     # creating auth/approle/role/ci
 *     # created auth/userpass/users/ann oW2… password=Zk8…
 *     # sum Jx0…
 */
export function encodePart(part: LedgerPart): string {
  const lines = [
    TITLE,
    NOTICE,
    `# owner ${part.owner}`,
    `# part ${part.index} of ${part.count}`,
    ...(part.repository === undefined ? [] : [`# repository ${escaped(part.repository)}`]),
    ...(part.commit === undefined ? [] : [`# commit ${part.commit}`]),
    ...[...part.entries]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(
        ([address, entry]) =>
          `# ${entry.origin} ${escaped(address)}${entry.applied === undefined ? '' : ` ${entry.applied}`}${sealText(entry)}`,
      ),
  ]
  const text = `${lines.join('\n')}\n`
  return `${text}# sum ${digestOfText(text)}\n`
}

const ENTRY = /^# (created|creating|adopted) (\S+)(?: ([\w-]{22}))?((?: [\w.]+=[\w-]+)*)$/

const sealText = ({ sealed = {} }: LedgerEntry): string =>
  Object.entries(sealed)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, it]) => ` ${name}=${it}`)
    .join('')

function sealedIn(text: string): Pick<LedgerEntry, 'sealed'> {
  const pairs = text
    .trim()
    .split(' ')
    .filter(it => it !== '')
  return pairs.length === 0 ? {} : { sealed: Object.fromEntries(pairs.map(it => it.split('=') as [string, Sealed])) }
}

/** @throws LedgerUnreadable */
export function decodePart(text: string, name: string): LedgerPart {
  const refuse = (why: string): never => {
    throw new LedgerUnreadable(`the ledger in the policy ${name} cannot be read: ${why}`)
  }
  // A server or a person may have changed line ends or dropped the last one; what the lines say still counts.
  const lines = text.replaceAll('\r\n', '\n').replace(/\n*$/, '').split('\n')
  if (lines[0] !== TITLE)
    return refuse(/^# lockstep ledger \d+$/.test(lines[0] ?? '') ? 'it was written by another version' : 'it has no title')
  const sum = /^# sum (\S+)$/.exec(lines.at(-1) ?? '')?.[1]
  if (sum !== digestOfText(`${lines.slice(0, -1).join('\n')}\n`)) return refuse('it was changed or cut, its sum does not fit')
  let head: Omit<LedgerPart, 'entries'> = { owner: '', index: 0, count: 0 }
  const entries = new Map<Address, LedgerEntry>()
  for (const line of lines.slice(1, -1)) {
    const entry = ENTRY.exec(line)
    if (entry !== null) {
      const [, origin, said = '', applied, seals = ''] = entry
      const address = parseAddress(decodeURIComponent(said)) ?? refuse(`"${said}" is no address`)
      entries.set(address, {
        origin: origin as Origin,
        ...(applied === undefined ? {} : { applied: applied as Digest }),
        ...sealedIn(seals),
      })
      continue
    }
    if (line === NOTICE) continue
    const [, key, value = ''] = /^# (\w+) (.+)$/.exec(line) ?? []
    const part = /^(\d+) of (\d+)$/.exec(value)
    if (key === 'owner') head = { ...head, owner: value }
    else if (key === 'part' && part !== null) head = { ...head, index: Number(part[1]), count: Number(part[2]) }
    else if (key === 'repository') head = { ...head, repository: decodeURIComponent(value) }
    else if (key === 'commit') head = { ...head, commit: value }
    // A later version may say more; what it says must not be lost on the way, so it is not ours to rewrite.
    else return refuse(`the line "${line.slice(0, 60)}" is not known`)
  }
  if (head.owner === '' || head.count === 0) return refuse('it does not say whose it is')
  return { ...head, entries }
}

/** Longest text of one part: some stores hold no more than half a megabyte in a value, and what they hold is encrypted and encoded. */
export const LONGEST_PART = 200_000

/** Which part an address belongs to: the same for ever as long as the count is the same. */
function partOf(address: Address, count: number): number {
  if (count === 1) return 0
  const digest = digestOfText(address)
  return Buffer.from(digest, 'base64url').readUInt32BE(0) % count
}

/** @param count at least so many parts; more where they would be too long */
export function splitLedger(ledger: Ledger, count: number, longest: number = LONGEST_PART): readonly string[] {
  const parts = Array.from({ length: count }, () => new Map<Address, LedgerEntry>())
  for (const [address, entry] of ledger.entries) parts[partOf(address, count)]?.set(address, entry)
  const texts = parts.map((entries, index) =>
    encodePart({
      owner: ledger.owner,
      index,
      count,
      entries,
      ...(index > 0 || ledger.repository === undefined ? {} : { repository: ledger.repository }),
      ...(index > 0 || ledger.commit === undefined ? {} : { commit: ledger.commit }),
    }),
  )
  const isTooLong = texts.some((text, i) => text.length > longest && (parts[i]?.size ?? 0) > 1)
  return isTooLong ? splitLedger(ledger, count * 2, longest) : texts
}
