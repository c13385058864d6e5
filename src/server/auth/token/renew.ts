import type { WireObject } from '../../../schema/index.ts'
import { f } from '../../../schema/index.ts'
import { gives, op, route, statefulFamily, type Family, type HandlersOf } from '../../framework/index.ts'
import { faults, type TokenEntry } from '../../logical/index.ts'
import { authOf, type State } from './ports.ts'

const increment = f.duration('How much longer it should live, from now; 0 leaves it to the server.')
const token = f.string('The token to renew.', { secret: true })

const routes = {
  renew: route('renew', {
    doc: 'Renew a token.',
    ops: { write: op({ doc: 'Renew a token.', input: { token, increment }, gives: gives.auth }) },
  }),
  self: route('renew-self', {
    doc: 'Renew the calling token.',
    ops: { write: op({ doc: 'Renew the calling token.', input: { token, increment }, gives: gives.auth }) },
  }),
  accessor: route('renew-accessor', {
    doc: 'Renew a token by its accessor.',
    ops: {
      write: op({
        doc: 'Renew a token by its accessor.',
        input: { accessor: f.string('Accessor of the token.'), increment },
        gives: gives.auth,
      }),
    },
  }),
}

interface Asked {
  readonly increment: number | undefined
  readonly signal: AbortSignal
  readonly now: Date
  warn(text: string): void
}
type Renewed = { readonly is: 'token'; readonly auth: WireObject }

export const renew: Family<State> = statefulFamily(routes, (state: State): HandlersOf<typeof routes> => {
  const { tokens } = state
  const prolong = async (entry: TokenEntry, shown: string, asked: Asked): Promise<Renewed> => {
    if (entry.type === 'batch') throw faults.refused({ why: 'batch tokens cannot be renewed' })
    if (!entry.leased) throw faults.refused({ why: 'invalid lease ID' })
    if (!entry.renewable) throw faults.refused({ why: 'lease is not renewable' })
    const { ttl, warnings, change } = await state.renewals.terms(entry, asked.increment ?? 0, asked.now, asked.signal)
    for (const warning of warnings) asked.warn(warning)
    const renewed = await tokens.renew(entry, { ttl, ...change })
    if (renewed === undefined) throw faults.refused({ why: 'token not found' })
    return {
      is: 'token',
      auth: authOf(shown, { ...renewed, numUses: renewed.grantNumUses ?? renewed.numUses }, ttl, await state.identity.policiesOf(renewed)),
    }
  }
  return {
    renew: {
      async write(call) {
        if (!call.input.token) throw faults.refused({ why: 'missing token ID' })
        const entry = await tokens.lookup(call.input.token)
        if (entry === undefined) throw faults.refused({ why: 'token not found' })
        return prolong(entry, call.input.token, { ...call, increment: call.input.increment })
      },
    },
    self: {
      async write(call) {
        const { token: own } = call.caller
        if (own === undefined) throw faults.refused({ why: 'token not found' })
        // The pipeline shows the caller its own token; it is not known here.
        return prolong(own, '', { ...call, increment: call.input.increment })
      },
    },
    accessor: {
      async write(call) {
        if (!call.input.accessor) throw faults.refusedAs({ why: 'missing accessor' })
        const entry = await tokens.byAccessor(call.input.accessor)
        if (entry === undefined) throw faults.refusedAs({ why: 'invalid accessor' })
        return prolong(entry, '', { ...call, increment: call.input.increment })
      },
    },
  }
})
