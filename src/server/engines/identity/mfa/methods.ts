import { f, type Decoded, type WireObject } from '../../../../schema/index.ts'
import { gives, op, route, statefulFamily, type Family, type HandlersOf } from '../../../framework/index.ts'
import { faults, type MfaMethod, type MfaMethodWish, type MfaPort } from '../../../logical/index.ts'
import type { State } from '../state.ts'

const input = {
  method_name: f.string('A name for the method.'),
  issuer: f.string('Who asks for the codes: what authenticator apps show.'),
  algorithm: f.string('Hash of the codes: `SHA1` (the default), `SHA256` or `SHA512`.'),
  digits: f.int('Digits of a code: 6 (the default) or 8.'),
  period: f.duration('How long a code holds; 30 seconds by default.'),
  skew: f.int('How many periods a code may be early or late: 0 or 1 (the default).'),
  key_size: f.int('Bytes of a secret; 20 by default.'),
  qr_size: f.int('Pixels of a side of the barcode; 200 by default, none with 0.'),
  max_validation_attempts: f.int('How often a code may be tried within a period; 5 by default.'),
}
type Input = Decoded<typeof input>

const METHOD = { method_id: f.string('Identifier of the method.') }
const routes = {
  all: route('mfa/method', {
    doc: 'All methods, of this namespace and those above.',
    ops: { list: op({ doc: 'List the methods.', gives: gives.keys }) },
  }),
  any: route('mfa/method/{method_id}', {
    doc: 'A method of any type.',
    params: METHOD,
    ops: { read: op({ doc: 'Read the method.', gives: gives.any('The method.') }) },
  }),
  totps: route('mfa/method/totp', {
    doc: 'Methods by codes that follow the clock (RFC 6238).',
    ops: {
      list: op({ doc: 'List them.', gives: gives.keys }),
      write: op({
        doc: 'Make a method, or change the one of this name.',
        input,
        gives: gives.data({ method_id: f.string('Its identifier.') }),
      }),
    },
  }),
  totp: route('mfa/method/totp/{method_id}', {
    doc: 'A method by codes that follow the clock.',
    params: METHOD,
    ops: {
      read: op({ doc: 'Read the method.', gives: gives.any('The method.') }),
      write: op({ doc: 'Change the method; what is not said becomes the default again.', input, gives: gives.nothing }),
      delete: op({ doc: 'Delete the method with all its secrets.', gives: gives.nothing }),
    },
  }),
}

const UUID = /^[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$/
/** What is no identifier is no path. */
function idOf({ methodId }: { readonly methodId: string }): string {
  if (!UUID.test(methodId)) throw faults.unsupportedPath()
  return methodId
}

const MOST_BYTES = 1024
const MOST_PIXELS = 8192
const refused = (why: string): Error => faults.refused({ why })

function algorithmOf(text: string): MfaMethod['algorithm'] {
  if (text !== 'SHA1' && text !== 'SHA256' && text !== 'SHA512') throw refused('unrecognized algorithm')
  return text
}

/** Checked in the peer's order, which decides what is complained of first. */
function wishOf(given: Input): MfaMethodWish {
  const { digits = 6, period = 30, skew = 1, keySize = 20, qrSize = 200, issuer = '', maxValidationAttempts = 0 } = given
  const algorithm = algorithmOf(given.algorithm ?? 'SHA1')
  if (digits !== 6 && digits !== 8) throw refused('digits can only be 6 or 8')
  if (period <= 0) throw refused('period must be greater than zero')
  if (skew !== 0 && skew !== 1) throw refused('skew must be 0 or 1')
  if (keySize <= 0) throw refused('key_size must be greater than zero')
  if (keySize > MOST_BYTES) throw refused(`key_size must not be greater than ${MOST_BYTES}`)
  if (issuer === '') throw refused('issuer must be set')
  if (maxValidationAttempts < 0) throw refused('max_validation_attempts must be greater than zero')
  if (qrSize < 0 || qrSize > MOST_PIXELS) throw refused(`qr_size must be between 0 and ${MOST_PIXELS}`)
  return {
    name: given.methodName ?? '',
    issuer,
    algorithm,
    digits,
    period,
    skew,
    keySize,
    qrSize,
    maxValidationAttempts: maxValidationAttempts === 0 ? 5 : maxValidationAttempts,
  }
}

const shown = (it: MfaMethod, { namespace }: MfaPort): WireObject => ({
  algorithm: it.algorithm,
  digits: it.digits,
  id: it.id,
  issuer: it.issuer,
  key_size: it.keySize,
  max_validation_attempts: it.maxValidationAttempts,
  name: it.name,
  namespace_id: namespace.id,
  namespace_path: namespace.path,
  period: it.period,
  qr_size: it.qrSize,
  skew: it.skew,
  type: 'totp',
})

export const mfaMethods: Family<State> = statefulFamily(routes, ({ mfa }: State): HandlersOf<typeof routes> => {
  const list = async (): Promise<{ is: 'keys'; keys: readonly string[]; info: WireObject }> => {
    const methods = await mfa.methods()
    return { is: 'keys', keys: methods.map(it => it.id), info: Object.fromEntries(methods.map(it => [it.id, shown(it, mfa)])) }
  }
  const read = async (id: string): Promise<{ is: 'any'; data: WireObject }> => {
    const method = await mfa.method(id)
    if (method === undefined) throw faults.notFound()
    return { is: 'any', data: shown(method, mfa) }
  }
  return {
    all: { list },
    any: { read: ({ params }) => read(idOf(params)) },
    totps: {
      list,
      async write({ input: given }) {
        const id = await mfa.writeMethod(undefined, wishOf(given))
        return { is: 'data', data: { ...(id !== undefined && { methodId: id }) } }
      },
    },
    totp: {
      read: ({ params }) => read(idOf(params)),
      async write({ params, input: given }) {
        const id = idOf(params)
        if ((await mfa.method(id)) === undefined) return { is: 'nothing' }
        await mfa.writeMethod(id, wishOf(given))
        return { is: 'nothing' }
      },
      async delete({ params }) {
        await mfa.deleteMethod(idOf(params))
        return { is: 'nothing' }
      },
    },
  }
})
