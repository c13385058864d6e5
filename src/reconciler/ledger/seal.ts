import { createHmac, hkdfSync } from 'node:crypto'
import { stableJson, type Digest, type Seal } from '../model/index.ts'

/** A key that can be guessed would make every hash a riddle with the secret as its answer. */
export const SHORTEST_KEY = 16

/**
 * HMAC-SHA-256 over owner, address, attribute and value, under a key that HKDF (RFC 5869) draws from the one that was given; 128
 * bits of it. Two objects with one password have two hashes, so that nobody sees who shares one; without the key the hash
 * tells nothing, however weak the password is.
 */
export function sealWith(key: string, owner: string): Seal {
  const drawn = Buffer.from(hkdfSync('sha256', Buffer.from(key, 'utf8'), Buffer.alloc(0), `lockstep ledger 1 ${owner}`, 32))
  return (address, attribute, value) =>
    createHmac('sha256', drawn)
      .update(stableJson([owner, address, attribute, value]), 'utf8')
      .digest('base64url')
      .slice(0, 22) as Digest
}
