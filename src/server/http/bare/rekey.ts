import { faults, type Operator, type RekeyPort, type RekeyStatus, type RekeyUpdate, type RekeyVerification } from '../../logical/index.ts'
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
    pgp_fingerprints: it.pgpFingerprints ?? null,
    backup: it.backup,
    verification_required: it.verificationRequired,
    ...(it.verificationNonce !== '' && { verification_nonce: it.verificationNonce }),
  })

function answered(done: RekeyUpdate): Answer {
  if (!done.complete) return shown(done.status)
  const { nonce, verificationNonce, verificationRequired, pgpFingerprints, backup } = done.status
  return json(200, {
    nonce,
    complete: true,
    keys: done.shares.map(it => Buffer.from(it).toString('hex')),
    keys_base64: done.shares.map(it => Buffer.from(it).toString('base64')),
    pgp_fingerprints: pgpFingerprints ?? null,
    backup,
    verification_required: verificationRequired,
    ...(verificationRequired && { verification_nonce: verificationNonce }),
  })
}

const shownVerification = (it: RekeyVerification): Answer =>
  json(200, { nonce: it.nonce, started: it.started, t: it.threshold, n: it.shares, progress: it.progress })

function shareOf({ body, limits }: BareCall, name: string): readonly [string, string] {
  const { key, nonce } = body === '' ? { key: '', nonce: '' } : parseStruct(name, SHARE, body, limits)
  if (key === '') throw faults.refused({ why: "'key' must be specified in request body as JSON" })
  return [key, nonce]
}

type Choose = (operator: Operator) => RekeyPort

const rekey: Choose = operator => operator.rekey()
const recovery: Choose = operator => {
  const port = operator.recoveryRekey()
  if (port === undefined) throw faults.refused({ why: 'recovery rekeying not supported' })
  return port
}

const methods = ['GET', 'POST', 'PUT', 'DELETE'] as const

const init = (choose: Choose): BareEndpoint => ({
  methods,
  async answer({ method, body, limits, core }) {
    const port = choose(core.operator)
    if (method === 'DELETE') {
      port.cancel()
      return empty(204)
    }
    if (method === 'GET') return shown(port.status())
    const given = parseStruct('RekeyRequest', START, body === '' ? '{}' : body, limits)
    if (given.backup && given.pgp_keys.length === 0)
      throw faults.refused({ why: 'cannot request a backup of the new keys without providing PGP keys for encryption' })
    return answered(
      await port.start({
        shares: given.secret_shares,
        threshold: given.secret_threshold,
        pgpKeys: given.pgp_keys,
        backup: given.backup,
        verify: given.require_verification,
      }),
    )
  },
})

const update = (choose: Choose): BareEndpoint => ({
  methods,
  async answer(call) {
    return answered(await choose(call.core.operator).update(...shareOf(call, 'RekeyUpdateRequest')))
  },
})

const verify = (choose: Choose): BareEndpoint => ({
  methods,
  async answer(call) {
    const port = choose(call.core.operator)
    if (call.method === 'GET') return shownVerification(port.verification())
    if (call.method === 'DELETE') return shownVerification(port.restartVerification())
    const { complete, status } = await port.verify(...shareOf(call, 'RekeyVerificationUpdateRequest'))
    return complete ? json(200, { nonce: status.nonce, complete }) : shownVerification(status)
  },
})

export const rekeyInit: BareEndpoint = init(rekey)
export const rekeyUpdate: BareEndpoint = update(rekey)
export const rekeyVerify: BareEndpoint = verify(rekey)
export const recoveryRekeyInit: BareEndpoint = init(recovery)
export const recoveryRekeyUpdate: BareEndpoint = update(recovery)
export const recoveryRekeyVerify: BareEndpoint = verify(recovery)
