import { rfc3339Nano } from '../../../kernel/index.ts'
import { f, type WireObject } from '../../../schema/index.ts'
import { gives, op, route, statefulFamily, type Family, type HandlersOf } from '../../framework/index.ts'
import { faults, type Caller, type TokenEntry } from '../../logical/index.ts'
import type { State } from './ports.ts'

const ofToken = { token: f.string('The token to look up; without one, the calling token.', { secret: true }) } as const
const described = gives.any('What is known of the token.')

const routes = {
  lookup: route('lookup', {
    doc: 'Look up a token.',
    ops: {
      read: op({ doc: 'Look up the calling token.', input: ofToken, gives: described }),
      write: op({ doc: 'Look up a token.', input: ofToken, gives: described }),
    },
  }),
  self: route('lookup-self', {
    doc: 'Look up the calling token.',
    ops: {
      read: op({ doc: 'Look up the calling token.', gives: described }),
      write: op({ doc: 'Look up the calling token.', input: ofToken, gives: described }),
    },
  }),
  accessor: route('lookup-accessor', {
    doc: 'Look up a token by its accessor, which cannot be used as a token.',
    ops: {
      write: op({ doc: 'Look up a token by its accessor.', input: { accessor: f.string('Accessor of the token.') }, gives: described }),
    },
  }),
}

type Asking = { readonly caller: Caller; readonly now: Date }

export const lookup: Family<State> = statefulFamily(routes, ({ tokens, identity, host }: State): HandlersOf<typeof routes> => {
  // What is looked up is of this namespace: requests about others are led there.
  const pathOf = (entry: TokenEntry): string => (entry.namespace === undefined ? '' : host.mount().namespace.path)
  const byToken = async (token: string | undefined, call: Asking): Promise<{ is: 'any'; data: WireObject }> => {
    const entry = token ? await tokens.lookup(token) : call.caller.token
    if (entry === undefined) throw faults.badToken()
    return { is: 'any', data: describe(entry, call.now, await identity.policiesOf(entry), pathOf(entry)) }
  }
  return {
    lookup: { read: call => byToken(call.input.token, call), write: call => byToken(call.input.token, call) },
    self: { read: call => byToken(undefined, call), write: call => byToken(undefined, call) },
    accessor: {
      async write({ input, now }) {
        if (!input.accessor) throw faults.refusedAs({ why: 'missing accessor' })
        const entry = await tokens.byAccessor(input.accessor)
        if (entry === undefined) throw faults.refusedAs({ why: 'invalid accessor' })
        return { is: 'any', data: describe(entry, now, await identity.policiesOf(entry), pathOf(entry)) }
      },
    },
  }
})

/** `id` is empty here: whoever knows the token is shown it again by the pipeline, and an accessor shows none. */
function describe(entry: TokenEntry, now: Date, identityPolicies: readonly string[], namespacePath: string): WireObject {
  const timed = entry.leased || entry.type === 'batch'
  return {
    accessor: entry.accessor,
    ...(entry.boundCidrs.length > 0 && { bound_cidrs: entry.boundCidrs }),
    creation_time: Math.floor(entry.creationTime / 1000),
    creation_ttl: entry.creationTtl,
    display_name: entry.displayName,
    entity_id: entry.entityId,
    expire_time: entry.expireTime === 0 ? null : momentOf(entry, entry.expireTime),
    explicit_max_ttl: entry.explicitMaxTtl,
    ...(identityPolicies.length > 0 && { external_namespace_policies: {} }),
    id: '',
    ...(identityPolicies.length > 0 && { identity_policies: identityPolicies }),
    ...(timed && { issue_time: momentOf(entry, entry.issueTime) }),
    ...(entry.lastRenewal > 0 && {
      last_renewal: rfc3339Nano(entry.lastRenewal),
      last_renewal_time: Math.floor(entry.lastRenewal / 1000),
    }),
    meta: entry.metadata ?? null,
    ...(namespacePath !== '' && { namespace_path: namespacePath }),
    num_uses: entry.numUses,
    orphan: entry.orphan,
    path: entry.path,
    ...(entry.period > 0 && { period: entry.period }),
    policies: entry.policies,
    ...(timed && { renewable: entry.renewable }),
    ...(entry.role !== '' && { role: entry.role }),
    // Counted from the nearest second, so that a fresh token shows its whole time.
    ttl: entry.expireTime === 0 ? 0 : Math.max(0, Math.floor((entry.expireTime - Math.round(now.getTime() / 1000) * 1000) / 1000)),
    type: entry.type,
  }
}

/** A batch token knows whole seconds only. */
const momentOf = (entry: TokenEntry, at: number): string =>
  entry.type === 'batch' ? rfc3339Nano(at).replace('.000000000', '') : rfc3339Nano(at)
