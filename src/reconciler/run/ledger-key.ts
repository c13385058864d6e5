import { sealWith, SHORTEST_KEY } from '../ledger/index.ts'
import { referenceText, type Reference, type Resolve, type Seal } from '../model/index.ts'

/** The key of the ledger's hashes cannot be had. */
export class LedgerKeyUnusable extends Error {}

/**
 * The seal that a reference to a key gives.
 * @throws LedgerKeyUnusable
 */
export async function sealOf(key: Reference, owner: string, resolve: Resolve): Promise<Seal> {
  let text: string
  try {
    text = await resolve(key)
  } catch (cause) {
    throw new LedgerKeyUnusable(`ownership.ledger_key: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
  if (text.length < SHORTEST_KEY)
    throw new LedgerKeyUnusable(
      `ownership.ledger_key: ${referenceText(key)} is shorter than ${SHORTEST_KEY} characters, so it could be guessed`,
    )
  return sealWith(text, owner)
}
