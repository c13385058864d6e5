import { accessOps, asksForSudo, explanationJson, type AccessOp, type AccessQuery } from '../../policy/index.ts'
import { f, type WireObject } from '../../schema/index.ts'
import { gives, op, route, statefulFamily, type Family, type HandlersOf } from '../framework/index.ts'
import { faults, type SystemPorts } from '../logical/index.ts'

const routes = {
  acl: route('internal/inspect/acl', {
    doc: 'Why a request is allowed or denied.',
    access: 'sudo',
    ops: {
      write: op({
        doc: 'Explain what becomes of a request: the rule that answers, and why the others do not. Nothing is done.',
        input: {
          token: f.string('The token whose request it would be.', { secret: true }),
          accessor: f.string('The same by its accessor.'),
          policies: f.strings('The same for a token with these policies.'),
          path: f.string('The path of the request.').required(),
          operation: f.string('What is asked.', { oneOf: accessOps }).default('read'),
          parameters: f.map('The parameters of the request.', { secret: true }),
          wrap_ttl: f.duration('For how long the answer is to be wrapped.'),
        },
        gives: gives.any('The decision and the rules that it comes from.'),
      }),
    },
  }),
}

/** An addition to the peer's API, beside its own `internal/inspect/router`, and as it behind sudo. */
export const inspectAcl: Family<SystemPorts> = statefulFamily(routes, (ports: SystemPorts): HandlersOf<typeof routes> => {
  const holderOf = async (input: Whose): Promise<readonly string[]> => {
    const ways = [input.token, input.accessor, input.policies].filter(it => it !== undefined && it.length > 0)
    if (ways.length !== 1) throw faults.refused({ why: 'exactly one of token, accessor and policies must be supplied' })
    if (input.policies !== undefined && input.policies.length > 0) return input.policies.map(it => it.toLowerCase())
    const entry = input.token ? await ports.tokens.lookup(input.token) : await ports.tokens.byAccessor(input.accessor ?? '')
    if (entry === undefined) throw faults.refused({ why: input.token ? 'invalid token' : 'invalid accessor' })
    if (entry.namespace !== undefined && entry.namespace !== ports.namespaces.here.id)
      throw faults.refused({ why: 'the token is of another namespace: ask there' })
    return entry.policies
  }
  return {
    acl: {
      async write({ input }) {
        const policies = await holderOf(input)
        const query = queryOf(input, ports)
        const explanation = await ports.policies.explain(policies, query)
        const known = new Set(await ports.policies.names())
        const unknown = policies.filter(it => !known.has(it))
        return { is: 'any', data: { ...explanationJson(explanation, query), policies, unknown_policies: unknown } }
      },
    },
  }
})

interface Whose {
  readonly token?: string
  readonly accessor?: string
  readonly policies?: readonly string[]
}

interface Asked {
  readonly path: string
  readonly operation: AccessOp
  readonly parameters?: WireObject
  readonly wrapTtl?: number
}

function queryOf({ path, operation: op, parameters, wrapTtl }: Asked, ports: SystemPorts): AccessQuery {
  if (path === '') throw faults.refused({ why: 'missing path' })
  const asked = path.replace(/^\/+/, '')
  const isList = op === 'list' || op === 'scan'
  const pki = ports.mounts.list('secret').flatMap(it => (it.type === 'pki' ? it.path : []))
  return {
    op,
    path: asked,
    ...(parameters === undefined ? {} : { data: parameters }),
    ...(wrapTtl === undefined || wrapTtl === 0 ? {} : { wrapTtl }),
    sudoPath: asksForSudo(isList && !asked.endsWith('/') ? `${asked}/` : asked, pki),
  }
}
