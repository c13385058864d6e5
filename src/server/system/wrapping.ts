import { f } from '../../schema/index.ts'
import { anyBody, gives, op, route, statefulFamily, type Family, type HandlersOf } from '../framework/index.ts'
import { faults, type Caller, type SystemPorts, type TokenFacts } from '../logical/index.ts'

const token = { token: f.string('The wrapping token; without one, the calling token.', { secret: true }) } as const

const routes = {
  wrap: route('wrapping/wrap', {
    doc: 'Wraps what is sent.',
    ops: {
      write: op({
        doc: 'Give back what is sent, wrapped: the request must ask for wrapping.',
        input: anyBody('Anything.'),
        gives: gives.any('What was sent.'),
      }),
    },
  }),
  unwrap: route('wrapping/unwrap', {
    doc: 'Unwraps a reply, once.',
    ops: { write: op({ doc: 'Give the reply that was wrapped.', input: token, gives: gives.raw('application/json') }) },
  }),
  lookup: route('wrapping/lookup', {
    doc: 'Describes a wrapping token without using it.',
    access: 'public',
    ops: {
      read: op({ doc: 'Describe the calling token.', gives: gives.any('When and where it was made.') }),
      write: op({ doc: 'Describe a wrapping token.', input: token, gives: gives.any('When and where it was made.') }),
    },
  }),
  rewrap: route('wrapping/rewrap', {
    doc: 'Puts a wrapped reply under a new wrapping token.',
    ops: { write: op({ doc: 'Exchange a wrapping token.', input: token, gives: gives.wrapped }) },
  }),
}

export const wrapping: Family<SystemPorts> = statefulFamily(routes, (ports: SystemPorts): HandlersOf<typeof routes> => {
  const store = ports.wrapping
  const which = (input: { readonly token?: string }, caller: Caller): string | TokenFacts => {
    if (input.token) return input.token
    if (caller.token) return caller.token
    throw faults.tokenEmpty()
  }
  const look = async (
    it: string | TokenFacts,
  ): Promise<{ is: 'any'; data: { creation_path: string; creation_time: string; creation_ttl: number } }> => {
    const { creationPath, creationTime, creationTtl } = await store.look(it)
    return { is: 'any', data: { creation_path: creationPath, creation_time: creationTime, creation_ttl: creationTtl } }
  }
  return {
    wrap: {
      async write({ raw, wrapped }) {
        if (!wrapped) throw faults.refused({ why: 'endpoint requires response wrapping to be used' })
        return { is: 'any', data: raw }
      },
    },
    unwrap: { write: async ({ input, caller }) => ({ is: 'raw', body: Buffer.from(await store.unwrap(which(input, caller))) }) },
    lookup: {
      read: ({ caller }) => look(which({}, caller)),
      write: ({ input, caller }) => look(which(input, caller)),
    },
    rewrap: { write: async ({ input, caller }) => ({ is: 'wrapped', wrap: await store.rewrap(which(input, caller)) }) },
  }
})
