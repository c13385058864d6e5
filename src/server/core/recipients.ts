/** Those for whom a share or a token is encrypted before it leaves, and what is kept of that, should an answer be lost. */
import { faults, type ShareBackupPort, type View } from '../logical/index.ts'
import { encodeRecord, readRecord } from './record.ts'

/** The holder of a public key. */
export interface Recipient {
  /** Lower-case hexadecimal. */
  readonly fingerprint: string
  /** A whole message, in binary. */
  encrypt(message: Uint8Array): Promise<Uint8Array>
}
/** From what a client sends as a public key. Throws an Error whose message is for that client. */
export type ReadRecipient = (key: string) => Recipient

export const fingerprintsOf = (recipients: readonly Recipient[]): readonly string[] | undefined =>
  recipients.length === 0 ? undefined : recipients.map(it => it.fingerprint)

/** Shares as they leave: for a recipient each, as the hexadecimal text that people type in again; without recipients, as they are. */
export async function sharesFor(shares: readonly Uint8Array[], recipients: readonly Recipient[]): Promise<readonly Uint8Array[]> {
  if (recipients.length === 0) return shares.map(it => Buffer.from(it))
  return await Promise.all(
    shares.map(async (share, index) => {
      const text = Buffer.from(Buffer.from(share).toString('hex'))
      const made = await (recipients[index] as Recipient).encrypt(text)
      text.fill(0)
      return made
    }),
  )
}

interface Backup {
  readonly nonce: string
  /** Hexadecimal messages by fingerprint. */
  readonly keys: Readonly<Record<string, readonly string[]>>
}

export class ShareBackup implements ShareBackupPort {
  readonly #view: View
  readonly #key: string

  constructor(view: View, key: string) {
    this.#view = view
    this.#key = key
  }

  async write(nonce: string, recipients: readonly Recipient[], messages: readonly Uint8Array[]): Promise<void> {
    const keys: Record<string, string[]> = {}
    for (const [index, { fingerprint }] of recipients.entries())
      (keys[fingerprint] ??= []).push(Buffer.from(messages[index] as Uint8Array).toString('hex'))
    await this.#view.put(this.#key, encodeRecord({ nonce, keys } satisfies Backup))
  }

  async read(): Promise<Backup> {
    const backup = await readRecord<Backup>(this.#view, this.#key)
    if (backup === undefined) throw faults.refused({ why: 'no backed-up keys found' })
    return backup
  }

  async delete(): Promise<void> {
    await this.#view.delete(this.#key)
  }
}
