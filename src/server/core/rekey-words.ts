/** The words of the endpoints that make new shares. */
import { faults } from '../logical/index.ts'
import type { RekeyWords } from './rekey.ts'

const UNREAD = 'failed to decrypt keys from storage: cipher: message authentication failed'

/** `sys/rekey/*` */
export const rekeyWords: RekeyWords = {
  doing: 'rekeying',
  countsFirst: true,
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
  doing: 'rotating',
  countsFirst: false,
  badConfig: (why, within) => faults.refused({ why: `invalid rotate seal configuration: ${shownError(why, within)}` }),
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

const shownError = (why: string, within?: string): string =>
  within === undefined ? `%!w(*errors.errorString=&{${why}})` : `%!w(*fmt.wrapError=&{${why} ${within}})`

const badRecovery = 'invalid recovery configuration'

/** `sys/rekey-recovery-key/*` */
export const recoveryRekeyWords: RekeyWords = {
  ...rekeyWords,
  badConfig: why => faults.failed({ why: `${badRecovery}: ${why}` }),
  notInProgress: 'no recovery rekey in progress',
  givenBefore: 'given key has already been provided during this rekey operation',
}

/** `sys/rotate/recovery/*` */
export const recoveryRotationWords: RekeyWords = {
  ...rotationWords,
  badConfig: (why, within) => faults.refused({ why: `${badRecovery}: ${shownError(why, within)}` }),
  wrongPgpCount: () => recoveryRotationWords.badConfig('count mismatch between number of provided PGP keys and number of shares'),
}
