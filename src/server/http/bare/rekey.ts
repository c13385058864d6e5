import { faults, type RekeyStatus, type RekeyVerification } from '../../logical/index.ts'
import { type Answer, empty, json } from '../answer.ts'
import type { BareCall, BareEndpoint } from './endpoint.ts'
import { flag, int, parseStruct, text, texts } from './go-struct.ts'

const START = {
  secret_shares: int,
  secret_threshold: int,
  stored_shares: int,
  pgp_keys: texts,
  backup: flag,
  require_verification: flag,
} as const
const SHARE = { key: text, nonce: text } as const

const shown = (it: RekeyStatus): Answer =>
  json(200, {
    nonce: it.nonce,
    started: it.started,
    t: it.threshold,
    n: it.shares,
    progress: it.progress,
    required: it.required,
    pgp_fingerprints: null,
    backup: false,
    verification_required: it.verificationRequired,
    ...(it.verificationNonce !== '' && { verification_nonce: it.verificationNonce }),
  })

const shownVerification = (it: RekeyVerification): Answer =>
  json(200, { nonce: it.nonce, started: it.started, t: it.threshold, n: it.shares, progress: it.progress })

function shareOf({ body, limits }: BareCall, name: string): readonly [string, string] {
  const { key, nonce } = body === '' ? { key: '', nonce: '' } : parseStruct(name, SHARE, body, limits)
  if (key === '') throw faults.refused({ why: "'key' must be specified in request body as JSON" })
  return [key, nonce]
}

export const rekeyInit: BareEndpoint = {
  methods: ['GET', 'POST', 'PUT', 'DELETE'],
  async answer({ method, body, limits, core }) {
    const rekey = core.operator.rekey()
    if (method === 'DELETE') {
      rekey.cancel()
      return empty(204)
    }
    if (method === 'GET') return shown(rekey.status())
    const given = parseStruct('RekeyRequest', START, body === '' ? '{}' : body, limits)
    if (given.backup && given.pgp_keys.length === 0)
      throw faults.refused({ why: 'cannot request a backup of the new keys without providing PGP keys for encryption' })
    return shown(
      rekey.start({
        shares: given.secret_shares,
        threshold: given.secret_threshold,
        pgpKeys: given.pgp_keys,
        backup: given.backup,
        verify: given.require_verification,
      }),
    )
  },
}

export const rekeyUpdate: BareEndpoint = {
  methods: ['GET', 'POST', 'PUT', 'DELETE'],
  async answer(call) {
    const rekey = call.core.operator.rekey()
    const done = await rekey.update(...shareOf(call, 'RekeyUpdateRequest'))
    if (!done.complete) return shown(done.status)
    const { nonce, verificationNonce, verificationRequired } = done.status
    return json(200, {
      nonce,
      complete: true,
      keys: done.shares.map(it => Buffer.from(it).toString('hex')),
      keys_base64: done.shares.map(it => Buffer.from(it).toString('base64')),
      pgp_fingerprints: null,
      backup: done.backup,
      verification_required: verificationRequired,
      ...(verificationRequired && { verification_nonce: verificationNonce }),
    })
  },
}

export const rekeyVerify: BareEndpoint = {
  methods: ['GET', 'POST', 'PUT', 'DELETE'],
  async answer(call) {
    const rekey = call.core.operator.rekey()
    if (call.method === 'GET') return shownVerification(rekey.verification())
    if (call.method === 'DELETE') return shownVerification(rekey.restartVerification())
    const { complete, status } = await rekey.verify(...shareOf(call, 'RekeyVerificationUpdateRequest'))
    return complete ? json(200, { nonce: status.nonce, complete }) : shownVerification(status)
  },
}

/** There are no recovery keys as long as the seal is divided among people. */
export const rekeyRecovery: BareEndpoint = {
  methods: ['GET', 'POST', 'PUT', 'DELETE'],
  async answer({ core }) {
    core.operator.rekey()
    throw faults.refused({ why: 'recovery rekeying not supported' })
  },
}
