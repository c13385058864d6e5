import { goPrinted, nativeNumber } from '../../kernel/index.ts'
import { f } from '../../schema/index.ts'
import { gives, op, route, statefulFamily, type Family, type HandlersOf } from '../framework/index.ts'
import { faults, type SystemPorts } from '../logical/index.ts'

const routes = {
  validate: route('mfa/validate', {
    doc: 'Ends a login that waits for its second factor.',
    access: 'public',
    ops: {
      write: op({
        doc: 'Show the second factor, and get the token.',
        input: {
          mfa_request_id: f.string('What the login answered.'),
          mfa_payload: f.map('By the id or name of a method: a list of codes.', { secret: true }),
        },
        gives: gives.auth,
        refusesBadFields: true,
      }),
    },
  }),
}

function codesOf(value: unknown): readonly string[] | null {
  if (value === null) return null
  if (!Array.isArray(value)) throw faults.refused({ why: 'invalid mfa payload' })
  return value.map(it => {
    const number = nativeNumber(it)
    if (typeof number !== 'string' && typeof number !== 'number') throw faults.refused({ why: 'invalid mfa payload' })
    return typeof number === 'string' ? number : goPrinted(it)
  })
}

export const mfa: Family<SystemPorts> = statefulFamily(routes, (ports: SystemPorts): HandlersOf<typeof routes> => ({
  validate: {
    async write({ input: { mfaRequestId = '', mfaPayload = {} }, warn }) {
      if (mfaRequestId === '') throw faults.refused({ why: 'missing request ID' })
      const credentials = new Map(Object.entries(mfaPayload).map(([method, value]) => [method, codesOf(value)]))
      const { auth, accessor, warnings } = await ports.mfa.validate(mfaRequestId, credentials)
      for (const text of warnings) warn(text)
      return { is: 'token', auth, wrappedAccessor: accessor }
    },
  },
}))
