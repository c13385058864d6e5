/** Shares as clients send them, and a set of them that is being collected. Nothing here can tell a right share from a wrong one. */
import { timingSafeEqual } from 'node:crypto'
import type { Random } from '../../kernel/index.ts'
import { faults } from '../logical/index.ts'

export const KEY_LENGTH = 32

/** What the field's servers take for a key at all, of whatever scheme. */
const SHORTEST_KEY = 16

/** Hexadecimal first, then base64, as clients send either. */
export function parseShare(text: string): Uint8Array {
  const key = text.trim()
  if (key.length % 2 === 0 && key.length >= SHORTEST_KEY * 2 && /^[0-9a-fA-F]+$/.test(key)) return Buffer.from(key, 'hex')
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(key) || key.length % 4 !== 0)
    throw faults.refused({ why: "'key' must be a valid hex or base64 string" })
  return Buffer.from(key, 'base64')
}

/** Too short or too long for a key of any kind. `before`: how the error begins. */
export function refuseSize(share: Uint8Array, before = 'invalid key: '): void {
  const longest = KEY_LENGTH + 1
  if (share.length < SHORTEST_KEY) throw faults.refused({ why: `${before}key is shorter than minimum ${SHORTEST_KEY} bytes` })
  if (share.length > longest) throw faults.refused({ why: `${before}key is longer than maximum ${longest} bytes` })
}

/** One share is the key itself: there is nothing to divide. */
export const shareLength = (shares: number): number => (shares === 1 ? KEY_LENGTH : KEY_LENGTH + 1)

/** What is wrong with a number of shares, and of how many are needed. */
export function wrongShares(shares: number, threshold: number): string | undefined {
  if (shares < 1) return 'shares must be at least one'
  if (threshold < 1) return 'threshold must be at least one'
  if (shares > 1 && threshold === 1) return 'threshold must be greater than one for multiple shares'
  if (shares > 255) return 'shares must be less than 256'
  return threshold > shares ? 'threshold cannot be larger than shares' : undefined
}

/** The same of recovery shares at an initialisation, where there may be none. */
export function wrongRecoveryShares({ shares, threshold }: { readonly shares: number; readonly threshold: number }): string | undefined {
  if (shares === 0 && threshold === 0) return undefined
  if (shares > 1 && threshold <= 1) return 'threshold must be greater than one for multiple shares'
  if (shares > 255) return 'shares must be less than 256'
  if (threshold > shares) return 'threshold cannot be larger than shares'
  return threshold < 1 ? 'threshold must be at least one' : undefined
}

/** Shares given so far, under one nonce. They are held in memory only, and wiped when they are forgotten. */
export class Quorum {
  nonce: string
  #given: Uint8Array[] = []

  constructor(random: Random) {
    this.nonce = random.uuid()
  }

  get progress(): number {
    return this.#given.length
  }
  get shares(): readonly Uint8Array[] {
    return this.#given
  }

  /** False: it was given before. */
  add(share: Uint8Array): boolean {
    if (this.#given.some(it => it.length === share.length && timingSafeEqual(it, share))) return false
    this.#given.push(share)
    return true
  }

  forget(): void {
    for (const share of this.#given) share.fill(0)
    this.#given = []
  }
}
