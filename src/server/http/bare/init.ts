import { faults } from '../../logical/index.ts'
import { type Answer, json } from '../answer.ts'
import type { BareCall, BareEndpoint } from './endpoint.ts'
import { int, parseStruct, text, texts } from './go-struct.ts'

const FIELDS = {
  secret_shares: int,
  secret_threshold: int,
  pgp_keys: texts,
  recovery_shares: int,
  recovery_threshold: int,
  recovery_pgp_keys: texts,
  root_token_pgp_key: text,
} as const

const isGiven = (value: unknown): boolean => (typeof value === 'number' ? value !== 0 : Array.isArray(value) && value.length > 0)

/** What the other kind of seal takes. */
const FOREIGN = {
  shares: ['recovery_shares', 'recovery_threshold', 'recovery_pgp_keys'],
  recovery: ['secret_shares', 'secret_threshold', 'pgp_keys'],
} as const

async function initialise({ body, limits, core }: BareCall): Promise<Answer> {
  const given = parseStruct('InitRequest', FIELDS, body, limits)
  const { recoverySeal, type } = core.operator.sealStatus()
  const foreign = FOREIGN[recoverySeal ? 'recovery' : 'shares'].filter(it => isGiven(given[it]))
  if (foreign.length > 0) throw faults.refused({ why: `parameters ${foreign.join(',')} not applicable to seal type ${type}` })
  const { keys, keysBase64, rootToken } = await core.operator.initialise({
    secretShares: given.secret_shares,
    secretThreshold: given.secret_threshold,
    recoveryShares: given.recovery_shares,
    recoveryThreshold: given.recovery_threshold,
    pgpKeys: recoverySeal ? given.recovery_pgp_keys : given.pgp_keys,
    rootTokenPgpKey: given.root_token_pgp_key,
  })
  return json(
    200,
    recoverySeal
      ? {
          keys: [],
          keys_base64: [],
          ...(keys.length > 0 && { recovery_keys: keys, recovery_keys_base64: keysBase64 }),
          root_token: rootToken,
        }
      : { keys, keys_base64: keysBase64, root_token: rootToken },
  )
}

export const init: BareEndpoint = {
  methods: ['GET', 'PUT', 'POST'],
  async answer(call) {
    if (call.method === 'GET') return json(200, { initialized: await call.core.operator.initialised() })
    return await initialise(call)
  },
}
