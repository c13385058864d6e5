/**
 * New shares for old ones: other people, another number, another threshold.
 *
 * States: idle → (start) collecting old shares → (the last of them, and they open the root key) done, with new shares given out; or,
 * if it was asked for, verifying: collecting new shares → (all of them) done. Until done the old shares are in force, and they alone.
 *
 * Invariants: (1) the new shares come into force by one write, of the record that holds the root key under their key; (2) while they
 * are being verified the new key exists in memory only, so a crash leaves the old shares; (3) wrong shares are all forgotten, and the
 * attempt goes on; (4) shares that were asked for encrypted leave encrypted, or not at all.
 */
import type { Random, SecretBytes } from '../../kernel/index.ts'
import {
  faults,
  type RekeyParameters,
  type RekeyPort,
  type RekeyStatus,
  type RekeyUpdate,
  type RekeyVerification,
} from '../logical/index.ts'
import type { KeySharing } from '../seal/index.ts'
import { fingerprintsOf, sharesFor, type ReadRecipient, type Recipient, type ShareBackup } from './recipients.ts'
import { isSame } from './root-generation.ts'
import type { Division } from './seal-record.ts'
import { parseShare, Quorum, refuseSize, wrongShares } from './shares.ts'

/** How an endpoint names what is done here: the older ones and the newer differ in words and statuses. See rekey-words.ts. */
export interface RekeyWords {
  readonly doing: string
  /** The number of PGP keys is looked at before what a stored key forbids. */
  readonly countsFirst: boolean
  /** `within`: what an error in it shows of the one that it wraps. */
  readonly badConfig: (why: string, within?: string) => Error
  readonly inProgress: string
  readonly notInProgress: string
  readonly noConfig: string
  readonly nothingToVerify: string
  readonly wrongPgpCount: () => Error
  readonly wrongNonce: (nonce: string) => string
  readonly givenBefore: string
  readonly finished: (nonce: string) => string
  readonly rootUnread: () => Error
  readonly noVerification: string
  readonly verificationFailed: string
}

export interface RekeyOptions {
  readonly random: Random
  readonly sharing: KeySharing
  readonly words: RekeyWords
  readonly current: () => Division
  /** The root key, by a quorum of the shares in force. Rejects when they do not open it. */
  readonly open: (shares: readonly Uint8Array[]) => SecretBytes
  /** The shares in force are those of a recovery key: why they are refused is said as it is. */
  readonly byRecovery: boolean
  /** No shares are made: a keeper has the key, and another root key is what there can be. */
  readonly stored?: { readonly shown: Division; readonly rotate: () => Promise<void> } | undefined
  /** Without shares in force, new ones are made at once. */
  readonly atOnce?: boolean
  /** A key for new shares, with the shares. */
  readonly divide: (shares: number, threshold: number) => { readonly key: SecretBytes; readonly shares: readonly Uint8Array[] }
  /** Puts the new key in force, for good. */
  readonly replace: (key: SecretBytes, root: SecretBytes | undefined, shares: number, threshold: number) => Promise<void>
  readonly recipient: ReadRecipient
  readonly backup: ShareBackup
}

interface Attempt {
  readonly parameters: RekeyParameters
  readonly recipients: readonly Recipient[]
  readonly quorum: Quorum
  /** Of the verification; new with each restart of it. */
  verification: Quorum | undefined
  /** Made, and not yet in force. */
  made: { readonly key: SecretBytes; readonly root: SecretBytes | undefined } | undefined
}

export class Rekey implements RekeyPort {
  readonly #o: RekeyOptions
  #attempt: Attempt | undefined

  constructor(options: RekeyOptions) {
    this.#o = options
  }

  status(): RekeyStatus {
    const attempt = this.#attempt
    const { threshold, shares } = (attempt && (this.#o.stored?.shown ?? attempt.parameters)) ?? { threshold: 0, shares: 0 }
    return {
      nonce: attempt?.quorum.nonce ?? '',
      started: attempt !== undefined,
      threshold,
      shares,
      progress: attempt?.quorum.progress ?? 0,
      required: this.#o.current().threshold,
      verificationRequired: attempt?.parameters.verify ?? false,
      verificationNonce: attempt?.verification?.nonce ?? '',
      pgpFingerprints: fingerprintsOf(attempt?.recipients ?? []),
      backup: attempt?.parameters.backup ?? false,
    }
  }

  async start(parameters: RekeyParameters): Promise<RekeyUpdate> {
    const { words, random, stored, atOnce, current } = this.#o
    const countDiffers = parameters.pgpKeys.length > 0 && parameters.pgpKeys.length !== parameters.shares
    if (countDiffers && (stored === undefined || words.countsFirst)) throw words.wrongPgpCount()
    if (stored === undefined) this.#refuseBad(parameters)
    else refuseForStored(parameters, words)
    const recipients = this.#recipients(parameters.pgpKeys)
    if (this.#attempt !== undefined) throw faults.refused({ why: words.inProgress })
    const attempt: Attempt = { parameters, recipients, quorum: new Quorum(random), verification: undefined, made: undefined }
    this.#attempt = attempt
    if (atOnce !== true || current().threshold > 0) return { complete: false, status: this.status() }
    return await this.#make(attempt, undefined)
  }

  #refuseBad({ shares, threshold }: RekeyParameters): void {
    const why = wrongShares(shares, threshold)
    if (why !== undefined) throw this.#o.words.badConfig(why)
  }

  #recipients(keys: readonly string[]): readonly Recipient[] {
    try {
      return keys.map(this.#o.recipient)
    } catch (cause) {
      throw this.#o.words.badConfig((cause as Error).message, (cause as { readonly within?: string }).within)
    }
  }

  async update(key: string, nonce: string): Promise<RekeyUpdate> {
    const { words, current, open, byRecovery } = this.#o
    const share = parseShare(key)
    refuseSize(share, byRecovery ? '' : undefined)
    const attempt = this.#attempt
    if (attempt === undefined) throw faults.refused({ why: words.notInProgress })
    const { quorum } = attempt
    if (attempt.verification !== undefined && attempt.made !== undefined)
      throw faults.refused({ why: words.finished(attempt.verification.nonce) })
    if (nonce !== quorum.nonce) throw faults.refused({ why: words.wrongNonce(quorum.nonce) })
    if (!quorum.add(share)) throw faults.refused({ why: words.givenBefore })
    if (quorum.progress < current().threshold) return { complete: false, status: this.status() }
    let root: SecretBytes
    try {
      root = open(quorum.shares)
    } catch (cause) {
      throw byRecovery ? cause : words.rootUnread()
    } finally {
      quorum.forget()
    }
    return await this.#make(attempt, root)
  }

  /** The quorum is there. */
  async #make(attempt: Attempt, root: SecretBytes | undefined): Promise<RekeyUpdate> {
    const { divide, replace, random, stored, backup } = this.#o
    const { parameters, recipients } = attempt
    if (stored !== undefined) {
      root?.wipe()
      const status = this.status()
      await stored.rotate()
      this.#attempt = undefined
      return { complete: true, status, shares: [] }
    }
    const made = divide(parameters.shares, parameters.threshold)
    let keep = false
    try {
      const shares = await sharesFor(made.shares, recipients)
      if (parameters.backup && recipients.length > 0) await backup.write(attempt.quorum.nonce, recipients, shares)
      if (parameters.verify) {
        attempt.made = { key: made.key, root }
        attempt.verification = new Quorum(random)
        keep = true
        return { complete: true, status: this.status(), shares }
      }
      const status = this.status()
      await replace(made.key, root, parameters.shares, parameters.threshold)
      this.#attempt = undefined
      return { complete: true, status, shares }
    } finally {
      if (!keep) made.key.wipe()
      if (!keep) root?.wipe()
    }
  }

  cancel(): void {
    const attempt = this.#attempt
    this.#attempt = undefined
    attempt?.quorum.forget()
    attempt?.verification?.forget()
    attempt?.made?.key.wipe()
    attempt?.made?.root?.wipe()
  }

  verification(): RekeyVerification {
    const { parameters, verification, made } = this.#started()
    return {
      nonce: verification?.nonce ?? '',
      started: made !== undefined,
      threshold: parameters.threshold,
      shares: parameters.shares,
      progress: verification?.progress ?? 0,
    }
  }

  restartVerification(): RekeyVerification {
    const attempt = this.#started()
    attempt.verification?.forget()
    attempt.verification = new Quorum(this.#o.random)
    return this.verification()
  }

  async verify(key: string, nonce: string): Promise<{ readonly complete: boolean; readonly status: RekeyVerification }> {
    const { words, sharing, replace, random } = this.#o
    const share = parseShare(key)
    refuseSize(share, this.#o.byRecovery ? '' : undefined)
    const attempt = this.#attempt
    if (attempt === undefined) throw faults.refused({ why: words.nothingToVerify })
    const { verification: quorum, made, parameters } = attempt
    if (quorum === undefined || made === undefined) throw faults.refused({ why: words.noVerification })
    if (nonce !== quorum.nonce)
      throw faults.refused({ why: `incorrect nonce supplied; nonce for this verify operation is "${quorum.nonce}"` })
    if (!quorum.add(share)) throw faults.refused({ why: 'given key has already been provided during this verify operation' })
    if (quorum.progress < parameters.threshold) return { complete: false, status: this.verification() }
    const status = this.verification()
    if (!isRight(sharing, quorum.shares, made.key)) {
      quorum.forget()
      attempt.verification = new Quorum(random)
      throw faults.refused({ why: words.verificationFailed })
    }
    quorum.forget()
    await replace(made.key, made.root, parameters.shares, parameters.threshold)
    this.cancel()
    return { complete: true, status }
  }

  #started(): Attempt {
    if (this.#attempt === undefined) throw faults.refused({ why: this.#o.words.noConfig })
    return this.#attempt
  }
}

function isRight(sharing: KeySharing, shares: readonly Uint8Array[], key: SecretBytes): boolean {
  const [only] = shares
  if (shares.length === 1 && only !== undefined) return isSame(only, key.reveal())
  let combined: SecretBytes
  try {
    combined = sharing.combine(shares)
  } catch {
    return false
  }
  try {
    return isSame(combined.reveal(), key.reveal())
  } finally {
    combined.wipe()
  }
}

/** What makes no sense where no shares are handed out. */
function refuseForStored({ verify, backup, pgpKeys }: RekeyParameters, words: RekeyWords): void {
  const why = verify
    ? `requiring verification not supported when ${words.doing} the barrier key with recovery keys`
    : backup
      ? 'key backup not supported when using stored keys'
      : pgpKeys.length > 0
        ? 'PGP key encryption not supported when using stored keys'
        : undefined
  if (why !== undefined) throw faults.refused({ why })
}
