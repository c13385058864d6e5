/**
 * New shares for old ones: other people, another number, another threshold.
 *
 * States: idle → (start) collecting old shares → (the last of them, and they open the root key) done, with new shares given out; or,
 * if it was asked for, verifying: collecting new shares → (all of them) done. Until done the old shares are in force, and they alone.
 *
 * Invariants: (1) the new shares come into force by one write, of the record that holds the root key under their key; (2) while they
 * are being verified the new key exists in memory only, so a crash leaves the old shares; (3) wrong shares are all forgotten, and the
 * attempt goes on.
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
import { isSame } from './root-generation.ts'
import { parseShare, Quorum, refuseSize, wrongShares } from './shares.ts'

/** How an endpoint names what is done here: the older ones and the newer differ in words and statuses. */
export interface RekeyWords {
  readonly badConfig: (why: string) => Error
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
  readonly current: () => { readonly shares: number; readonly threshold: number }
  /** The root key, by a quorum of the shares in force. Rejects when they do not open it. */
  readonly open: (shares: readonly Uint8Array[]) => SecretBytes
  /** A key for new shares, with the shares. */
  readonly divide: (shares: number, threshold: number) => { readonly key: SecretBytes; readonly shares: readonly Uint8Array[] }
  /** Puts the root key under it, for good. */
  readonly replace: (key: SecretBytes, root: SecretBytes, shares: number, threshold: number) => Promise<void>
}

interface Attempt {
  readonly parameters: RekeyParameters
  readonly quorum: Quorum
  /** Of the verification; new with each restart of it. */
  verification: Quorum | undefined
  /** Made, and not yet in force. */
  made: { readonly key: SecretBytes; readonly root: SecretBytes } | undefined
}

export class Rekey implements RekeyPort {
  readonly #o: RekeyOptions
  #attempt: Attempt | undefined

  constructor(options: RekeyOptions) {
    this.#o = options
  }

  status(): RekeyStatus {
    const attempt = this.#attempt
    return {
      nonce: attempt?.quorum.nonce ?? '',
      started: attempt !== undefined,
      threshold: attempt?.parameters.threshold ?? 0,
      shares: attempt?.parameters.shares ?? 0,
      progress: attempt?.quorum.progress ?? 0,
      required: this.#o.current().threshold,
      verificationRequired: attempt?.parameters.verify ?? false,
      verificationNonce: attempt?.verification?.nonce ?? '',
    }
  }

  start(parameters: RekeyParameters): RekeyStatus {
    const { words, random } = this.#o
    if (parameters.pgpKeys.length > 0 && parameters.pgpKeys.length !== parameters.shares) throw words.wrongPgpCount()
    const why = wrongShares(parameters.shares, parameters.threshold)
    if (why !== undefined) throw words.badConfig(why)
    // Before anything is made: shares that were asked for encrypted must not be printed in clear.
    if (parameters.pgpKeys.length > 0) throw faults.refused({ why: 'pgp_keys is not supported: shares cannot be encrypted with PGP keys' })
    if (this.#attempt !== undefined) throw faults.refused({ why: words.inProgress })
    this.#attempt = { parameters, quorum: new Quorum(random), verification: undefined, made: undefined }
    return this.status()
  }

  async update(key: string, nonce: string): Promise<RekeyUpdate> {
    const { words, current, open, divide, replace, random } = this.#o
    const share = parseShare(key)
    refuseSize(share)
    const attempt = this.#attempt
    if (attempt === undefined) throw faults.refused({ why: words.notInProgress })
    const { quorum, parameters } = attempt
    if (attempt.verification !== undefined && attempt.made !== undefined)
      throw faults.refused({ why: words.finished(attempt.verification.nonce) })
    if (nonce !== quorum.nonce) throw faults.refused({ why: words.wrongNonce(quorum.nonce) })
    if (!quorum.add(share)) throw faults.refused({ why: words.givenBefore })
    if (quorum.progress < current().threshold) return { complete: false, status: this.status() }
    let root: SecretBytes
    try {
      root = open(quorum.shares)
    } catch {
      throw words.rootUnread()
    } finally {
      quorum.forget()
    }
    const made = divide(parameters.shares, parameters.threshold)
    const shares = made.shares.map(it => Buffer.from(it))
    if (parameters.verify) {
      attempt.made = { key: made.key, root }
      attempt.verification = new Quorum(random)
      return { complete: true, status: this.status(), shares, backup: parameters.backup }
    }
    try {
      const status = this.status()
      await replace(made.key, root, parameters.shares, parameters.threshold)
      this.#attempt = undefined
      return { complete: true, status, shares, backup: parameters.backup }
    } finally {
      made.key.wipe()
      root.wipe()
    }
  }

  cancel(): void {
    const attempt = this.#attempt
    this.#attempt = undefined
    attempt?.quorum.forget()
    attempt?.verification?.forget()
    attempt?.made?.key.wipe()
    attempt?.made?.root.wipe()
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
    refuseSize(share)
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

const UNREAD = 'failed to decrypt keys from storage: cipher: message authentication failed'

/** `sys/rekey/*` */
export const rekeyWords: RekeyWords = {
  badConfig: why => faults.failed({ why: `invalid rekey seal configuration: ${why}` }),
  inProgress: 'rekey already in progress',
  notInProgress: 'no barrier rekey in progress',
  noConfig: 'no rekey configuration found',
  nothingToVerify: 'no rekey in progress',
  wrongPgpCount: () => faults.refused({ why: 'incorrect number of PGP keys for rekey' }),
  wrongNonce: nonce => `incorrect nonce supplied; nonce for this rekey operation is "${nonce}"`,
  givenBefore: 'given key has already been provided during this generation operation',
  finished: nonce => `rekey operation already finished; verification must be performed; nonce for the verification operation is "${nonce}"`,
  rootUnread: () => faults.failed({ why: `failed to read root key: invalid key: ${UNREAD}` }),
  noVerification: 'no rekey verification in progress',
  verificationFailed: 'rekey verification failed; incorrect key shares supplied',
}

/** `sys/rotate/root/*`. The peer prints its errors as its language shows a value; so clients have seen them. */
export const rotationWords: RekeyWords = {
  badConfig: why => faults.refused({ why: `invalid rotate seal configuration: %!w(*errors.errorString=&{${why}})` }),
  inProgress: 'rotation already in progress',
  notInProgress: 'no rotation in progress',
  noConfig: 'no rotation configuration found',
  nothingToVerify: 'no rotation in progress',
  wrongPgpCount: () => rotationWords.badConfig('count mismatch between number of provided PGP keys and number of shares'),
  wrongNonce: nonce => `incorrect nonce supplied; nonce for rotation is "${nonce}"`,
  givenBefore: 'given key has already been provided during this rotation',
  finished: nonce => `rotation already finished; verification must be performed; nonce for the verification operation is "${nonce}"`,
  rootUnread: () => faults.refused({ why: `failed to read root key: %!w(*vault.ErrInvalidKey=&{${UNREAD}})` }),
  noVerification: 'no rotation verification in progress',
  verificationFailed: 'rotation verification failed; incorrect key shares supplied',
}
