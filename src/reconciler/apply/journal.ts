import { movedAddress, type Address, type LedgerChange, type LedgerEdit, type LedgerEntry, type Moves } from '../model/index.ts'

/**
 * What an apply writes into the ledger, so that it can be taken back: each entry as it was before this apply touched it for the first
 * time. The ledger itself is the journal that outlives the process: intents before a create, outcomes after each stage.
 */
export class Journal {
  readonly #record: (change: LedgerChange) => Promise<void>
  readonly #original = new Map<Address, LedgerEntry | undefined>()

  constructor(record: (change: LedgerChange) => Promise<void>) {
    this.#record = record
  }

  async write(change: LedgerChange): Promise<void> {
    // A write that lost a race is made again on other entries, so what counts is what was there in the one that won.
    const found = new Map<Address, LedgerEntry | undefined>()
    const entries = new Map(
      [...change.entries].map(([address, edit]): [Address, LedgerEdit] => [
        address,
        (before, all) => {
          found.set(address, before)
          return edit(before, all)
        },
      ]),
    )
    await this.#record({ ...change, entries })
    for (const [address, entry] of found) if (!this.#original.has(address)) this.#original.set(address, entry)
  }

  /** Edits that bring entries back to what they were. @param back moves that were made and are taken back with them */
  restoring(addresses: Iterable<Address>, back: Moves): ReadonlyMap<Address, LedgerEdit> {
    return new Map(
      [...addresses].flatMap(address =>
        this.#original.has(address) ? [[movedAddress(address, back), () => this.#original.get(address)] as const] : [],
      ),
    )
  }
}
