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

async function initialise({ body, limits, core }: BareCall): Promise<Answer> {
  const given = parseStruct('InitRequest', FIELDS, body, limits)
  const recovery = (['recovery_shares', 'recovery_threshold', 'recovery_pgp_keys'] as const).filter(it => {
    const value = given[it]
    return typeof value === 'number' ? value !== 0 : value.length > 0
  })
  if (recovery.length > 0)
    throw faults.refused({ why: `parameters ${recovery.join(',')} not applicable to seal type ${core.operator.sealStatus().type}` })
  // Before anything is made: shares that were asked for encrypted must not be printed in clear.
  if (given.pgp_keys.length > 0) throw faults.refused({ why: 'pgp_keys is not supported: shares cannot be encrypted with PGP keys' })
  if (given.root_token_pgp_key !== '')
    throw faults.refused({ why: 'root_token_pgp_key is not supported: the root token cannot be encrypted with a PGP key' })
  const made = await core.operator.initialise({ secretShares: given.secret_shares, secretThreshold: given.secret_threshold })
  return json(200, { keys: made.keys, keys_base64: made.keysBase64, root_token: made.rootToken })
}

export const init: BareEndpoint = {
  methods: ['GET', 'PUT', 'POST'],
  async answer(call) {
    if (call.method === 'GET') return json(200, { initialized: await call.core.operator.initialised() })
    return await initialise(call)
  },
}
