import { faults } from '../../logical/index.ts'
import type { BareEndpoint } from './endpoint.ts'
import { flag, parseStruct, text } from './go-struct.ts'
import { sealStatusAnswer } from './seal-status.ts'

const FIELDS = { key: text, reset: flag, migrate: flag } as const

export const unseal: BareEndpoint = {
  methods: ['PUT', 'POST'],
  async answer({ body, limits, core: { operator }, product }) {
    const given = parseStruct('UnsealRequest', FIELDS, body, limits)
    if (given.reset) {
      if (!operator.sealStatus().sealed) throw faults.refused({ why: 'vault is unsealed' })
      return sealStatusAnswer(operator.resetUnseal(), product)
    }
    if (given.key === '') throw faults.refused({ why: "'key' must be specified in request body as JSON, or 'reset' set to true" })
    return sealStatusAnswer(await operator.unseal(given.key, given.migrate), product)
  },
}
