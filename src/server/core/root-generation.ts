/**
 * A new root token for a quorum of those who hold shares: the way back in when every root token is revoked.
 *
 * States: idle → (start) collecting, under a nonce → (the last share, and they open the store) idle, with the token given out.
 *
 * Invariants: (1) the token leaves only under a one-time pad that whoever started has, or encrypted for whom they named; (2) shares count only when together they
 * open the stored root key; wrong ones are all forgotten, and the attempt goes on.
 */
import { timingSafeEqual } from 'node:crypto'
import type { Random } from '../../kernel/index.ts'
import { faults, type RootGenerationPort, type RootGenerationStatus } from '../logical/index.ts'
import { base62 } from './identifier.ts'
import type { ReadRecipient, Recipient } from './recipients.ts'
import { parseShare, Quorum, refuseSize } from './shares.ts'

export interface RootGenerationOptions {
  readonly random: Random
  readonly required: () => number
  /** Whether these shares open the stored root key. Rejects with the fault that says they do not. */
  readonly prove: (shares: readonly Uint8Array[]) => void
  readonly makeRootToken: () => Promise<string>
  readonly tokenLength: number
  readonly recipient: ReadRecipient
}

interface Attempt {
  readonly quorum: Quorum
  readonly cover: { readonly otp: string } | { readonly recipient: Recipient }
}

export class RootGeneration implements RootGenerationPort {
  readonly #o: RootGenerationOptions
  #attempt: Attempt | undefined

  constructor(options: RootGenerationOptions) {
    this.#o = options
  }

  get otpLength(): number {
    return this.#o.tokenLength
  }

  status(): RootGenerationStatus {
    const cover = this.#attempt?.cover
    return {
      pgpFingerprint: cover !== undefined && 'recipient' in cover ? cover.recipient.fingerprint : '',
      nonce: this.#attempt?.quorum.nonce ?? '',
      started: this.#attempt !== undefined,
      progress: this.#attempt?.quorum.progress ?? 0,
      required: this.#o.required(),
    }
  }

  start({ otp: given, pgpKey }: { readonly otp: string; readonly pgpKey: string }): RootGenerationStatus & { readonly otp: string } {
    const { random, tokenLength } = this.#o
    if (given !== '' && given.length !== tokenLength) throw faults.refused({ why: 'OTP string has incorrect length' })
    const recipient = given === '' && pgpKey !== '' ? this.#recipient(pgpKey) : undefined
    if (this.#attempt !== undefined) throw faults.refused({ why: 'root generation already in progress for this namespace' })
    const otp = given === '' ? base62(random, tokenLength) : given
    this.#attempt = { quorum: new Quorum(random), cover: recipient === undefined ? { otp } : { recipient } }
    // Whoever brought one knows it.
    return { ...this.status(), otp: given === '' && recipient === undefined ? otp : '' }
  }

  #recipient(key: string): Recipient {
    try {
      return this.#o.recipient(key)
    } catch (cause) {
      throw faults.refused({ why: `error parsing PGP key: ${(cause as Error).message}` }, { cause })
    }
  }

  async update(key: string, nonce: string): Promise<RootGenerationStatus & { readonly encodedToken?: string }> {
    const share = parseShare(key)
    refuseSize(share)
    const attempt = this.#attempt
    if (attempt === undefined) throw faults.refused({ why: 'no root generation in progress' })
    const { quorum } = attempt
    if (nonce !== quorum.nonce)
      throw faults.refused({ why: `incorrect nonce supplied; nonce for this root generation operation is "${quorum.nonce}"` })
    if (!quorum.add(share)) throw faults.refused({ why: 'given key has already been provided during this generation operation' })
    if (quorum.progress < this.#o.required()) return this.status()
    const done = this.status()
    try {
      this.#o.prove(quorum.shares)
    } catch (cause) {
      const why = (cause as { readonly wire?: readonly string[] }).wire?.[0] ?? 'internal error'
      throw faults.refused({ why: `root generation aborted: unable to authenticate: ${why}` }, { cause })
    } finally {
      quorum.forget()
    }
    // From here on nobody can complete it a second time.
    this.#attempt = undefined
    const token = await this.#o.makeRootToken()
    const { cover } = attempt
    if ('otp' in cover) return { ...done, encodedToken: xored(token, cover.otp).toString('base64').replace(/=+$/, '') }
    return { ...done, encodedToken: Buffer.from(await cover.recipient.encrypt(Buffer.from(token))).toString('base64') }
  }

  cancel(): void {
    this.#attempt?.quorum.forget()
    this.#attempt = undefined
  }
}

function xored(one: string, other: string): Buffer {
  const [left, right] = [Buffer.from(one), Buffer.from(other)]
  return Buffer.from(left.map((byte, at) => byte ^ (right[at] as number)))
}

/** The token from what `update` gave and the pad. */
export function decodeRootToken(encoded: string, otp: string): string {
  if (encoded === '' || otp === '') throw faults.refused({ why: "provided 'encoded_token' or 'otp' is empty" })
  const bad = /[^A-Za-z0-9+/]/.exec(encoded)
  if (bad !== null || encoded.length % 4 === 1)
    throw faults.refused({ why: `error decoding base64'd token: illegal base64 data at input byte ${bad?.index ?? encoded.length - 1}` })
  const bytes = Buffer.from(encoded, 'base64')
  const pad = Buffer.from(otp)
  if (bytes.length !== pad.length)
    throw faults.refused({ why: `error xoring token: length of byte slices is not equivalent: ${bytes.length} != ${pad.length}` })
  return Buffer.from(bytes.map((byte, at) => byte ^ (pad[at] as number))).toString()
}

/** For keys of equal length. */
export const isSame = (one: Uint8Array, other: Uint8Array): boolean => one.length === other.length && timingSafeEqual(one, other)
