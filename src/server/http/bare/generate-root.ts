import { faults } from '../../logical/index.ts'
import { type Answer, empty, json } from '../answer.ts'
import type { BareCall, BareEndpoint } from './endpoint.ts'
import { parseStruct, text } from './go-struct.ts'

interface Shown {
  readonly pgpFingerprint: string
  readonly nonce: string
  readonly started: boolean
  readonly progress: number
  readonly required: number
  readonly otp?: string
  readonly otpLength?: number
  readonly encodedToken?: string | undefined
}

const shown = (it: Shown): Answer =>
  json(200, {
    nonce: it.nonce,
    started: it.started,
    progress: it.progress,
    required: it.required,
    complete: it.encodedToken !== undefined,
    encoded_token: it.encodedToken ?? '',
    encoded_root_token: it.encodedToken ?? '',
    pgp_fingerprint: it.pgpFingerprint,
    otp: it.otp ?? '',
    otp_length: it.otpLength ?? 0,
  })

const START = { otp: text, pgp_key: text } as const

export const generateRootAttempt: BareEndpoint = {
  methods: ['GET', 'POST', 'PUT', 'DELETE'],
  async answer({ method, body, limits, core }: BareCall) {
    const generation = core.operator.rootGeneration()
    if (method === 'DELETE') {
      generation.cancel()
      return empty(204)
    }
    if (method === 'GET') return shown({ ...generation.status(), otpLength: generation.otpLength })
    const { otp, pgp_key: pgpKey } = body === '' ? { otp: '', pgp_key: '' } : parseStruct('GenerateRootInitRequest', START, body, limits)
    return shown({ ...generation.start({ otp, pgpKey }), otpLength: generation.otpLength })
  },
}

const SHARE = { key: text, nonce: text } as const

export const generateRootUpdate: BareEndpoint = {
  methods: ['GET', 'POST', 'PUT', 'DELETE'],
  async answer({ body, limits, core }: BareCall) {
    const generation = core.operator.rootGeneration()
    const { key, nonce } = body === '' ? { key: '', nonce: '' } : parseStruct('GenerateRootUpdateRequest', SHARE, body, limits)
    if (key === '') throw faults.refused({ why: "'key' must be specified in request body as JSON" })
    return shown(await generation.update(key, nonce))
  },
}
