import type { WireObject } from '../../schema/index.ts'
import { f } from '../../schema/index.ts'
import { gives, op, route, statefulFamily, type Family, type HandlersOf } from '../framework/index.ts'
import { faults, isFault, type SystemPorts, type TokenFacts } from '../logical/index.ts'

const asked = {
  path: f.strings('Old name of paths.').deprecated('use paths'),
  paths: f.strings('The paths to ask about.'),
} as const
const answered = gives.any('Path to capabilities.')

const routes = {
  self: route('capabilities-self', {
    doc: 'What the calling token may do.',
    alsoTopLevel: true,
    ops: {
      write: op({
        doc: 'Ask what the calling token may do on paths.',
        input: { ...asked, token: f.string('Ignored.', { secret: true }) },
        gives: answered,
      }),
    },
  }),
  token: route('capabilities', {
    doc: 'What a token may do.',
    alsoTopLevel: true,
    ops: {
      write: op({
        doc: 'Ask what a token may do on paths.',
        input: { ...asked, token: f.string('The token.', { secret: true }) },
        gives: answered,
      }),
    },
  }),
  accessor: route('capabilities-accessor', {
    doc: 'What the token of an accessor may do.',
    alsoTopLevel: true,
    ops: {
      write: op({
        doc: 'Ask what the token of an accessor may do on paths.',
        input: { ...asked, accessor: f.string('Accessor of the token.') },
        gives: answered,
      }),
    },
  }),
}

export const capabilities: Family<SystemPorts> = statefulFamily(routes, ({ policies, tokens }: SystemPorts): HandlersOf<typeof routes> => {
  const answer = async (
    input: { readonly path?: readonly string[]; readonly paths?: readonly string[] },
    token: TokenFacts,
  ): Promise<{ is: 'any'; data: WireObject }> => {
    const paths = input.paths && input.paths.length > 0 ? input.paths : (input.path ?? [])
    if (paths.length === 0) throw faults.refused({ why: 'paths must be supplied' })
    const data: Record<string, readonly string[]> = Object.create(null)
    for (const path of paths) {
      if (path === '') throw faults.refusedAs({ why: 'missing path' })
      data[path] = await policies.capabilities(token, path).catch(refuseHolder)
    }
    const only = paths.length === 1 ? data[paths[0] as string] : undefined
    return { is: 'any', data: only === undefined ? data : { ...data, capabilities: only } }
  }
  return {
    self: {
      async write({ input, caller }) {
        if (caller.token === undefined) throw faults.tokenRefused()
        return answer(input, caller.token)
      },
    },
    token: {
      async write({ input }) {
        requirePaths(input)
        if (!input.token) throw faults.failedAs({ why: 'no token found' })
        const entry = await tokens.lookup(input.token)
        if (entry === undefined) throw faults.refusedAs({ why: 'invalid token' })
        return answer(input, entry)
      },
    },
    accessor: {
      async write({ input }) {
        if (!input.accessor) throw faults.refused({ why: 'missing accessor' })
        const entry = await tokens.byAccessor(input.accessor)
        if (entry === undefined) throw faults.refusedAs({ why: 'invalid accessor' })
        return answer(input, entry)
      },
    },
  }
})

function requirePaths(input: { readonly path?: readonly string[]; readonly paths?: readonly string[] }): void {
  if (!(input.paths && input.paths.length > 0) && !(input.path && input.path.length > 0))
    throw faults.refused({ why: 'paths must be supplied' })
}

/** A token whose entity is deleted or disabled is no token to ask about. */
function refuseHolder(cause: unknown): never {
  if (isFault(cause) && cause.code === 'tokenRefused') throw faults.refusedAs({ why: 'invalid token' }, { cause })
  throw cause
}
