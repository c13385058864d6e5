import { rfc3339Nano, type Seconds } from '../../kernel/index.ts'
import { f } from '../../schema/index.ts'
import { gives, op, route, statefulFamily, type Family, type HandlersOf } from '../framework/index.ts'
import { faults, type SystemPorts } from '../logical/index.ts'

const leaseId = { lease_id: f.string('The lease.') } as const
const renewInput = {
  ...leaseId,
  url_lease_id: f.string('The lease, as part of the path.'),
  increment: f.duration('How much longer it should live, from now.'),
} as const
const revokeInput = {
  ...leaseId,
  url_lease_id: f.string('The lease, as part of the path.'),
  sync: f.bool('Wait until it is undone.').default(true),
} as const
const renewed = gives.renewed

const routes = {
  lookup: route('leases/lookup', {
    doc: 'Looks up a lease.',
    ops: { write: op({ doc: 'Show the times of a lease.', input: leaseId, gives: gives.any('The lease.') }) },
  }),
  list: route('leases/lookup/{prefix...}', {
    doc: 'Leases below a prefix.',
    params: { prefix: f.string('Path of the requests that made them.') },
    access: 'sudo',
    ops: { list: op({ doc: 'List leases below a prefix.', gives: gives.keys }) },
  }),
  renew: route('leases/renew', {
    doc: 'Renews a lease.',
    ops: { write: op({ doc: 'Renew a lease.', input: renewInput, gives: renewed }) },
  }),
  renewUrl: route('leases/renew/{url_lease_id...}', {
    doc: 'Renews a lease.',
    params: { url_lease_id: f.string('The lease.') },
    ops: { write: op({ doc: 'Renew a lease.', input: renewInput, gives: renewed }) },
  }),
  revoke: route('leases/revoke', {
    doc: 'Revokes a lease.',
    ops: { write: op({ doc: 'Revoke a lease.', input: revokeInput, gives: gives.nothing }) },
  }),
  revokeUrl: route('leases/revoke/{url_lease_id...}', {
    doc: 'Revokes a lease.',
    params: { url_lease_id: f.string('The lease.') },
    ops: { write: op({ doc: 'Revoke a lease.', input: revokeInput, gives: gives.nothing }) },
  }),
  prefix: route('leases/revoke-prefix/{prefix...}', {
    doc: 'Revokes all leases below a prefix.',
    params: { prefix: f.string('Path of the requests that made them.') },
    access: 'sudo',
    ops: {
      write: op({
        doc: 'Revoke leases below a prefix.',
        input: { sync: f.bool('Wait until they are undone.').default(true) },
        gives: gives.nothing,
      }),
    },
  }),
  force: route('leases/revoke-force/{prefix...}', {
    doc: 'Revokes all leases below a prefix, forgetting those that cannot be undone.',
    params: { prefix: f.string('Path of the requests that made them.') },
    access: 'sudo',
    ops: { write: op({ doc: 'Revoke or forget leases below a prefix.', gives: gives.nothing }) },
  }),
  count: route('leases/count', {
    doc: 'How many leases there are of a kind.',
    ops: {
      read: op({
        doc: 'Count the irrevocable leases, by mount.',
        input: { type: f.string('`irrevocable`.'), include_child_namespaces: f.bool('Also those of child namespaces.').default(false) },
        gives: gives.any('The counts.'),
      }),
    },
  }),
  all: route('leases', {
    doc: 'The leases of a kind.',
    ops: {
      read: op({
        doc: 'List the irrevocable leases.',
        input: {
          type: f.string('`irrevocable`.'),
          limit: f.string('The most to list; `none` for all.'),
          include_child_namespaces: f.bool('Also those of child namespaces.').default(false),
        },
        gives: gives.any('The leases, each with the reason.'),
      }),
    },
  }),
  tidy: route('leases/tidy', { doc: 'Cleans the index of leases.', ops: { write: op({ doc: 'Start tidying.', gives: gives.nothing }) } }),
}

export const leases: Family<SystemPorts> = statefulFamily(routes, (ports: SystemPorts): HandlersOf<typeof routes> => {
  const store = ports.leases
  const renew = async (
    id: string | undefined,
    increment: Seconds | undefined,
    warn: (text: string) => void,
  ): Promise<{ is: 'renewed'; id: string; ttl: number; renewable: boolean }> => {
    if (!id) throw faults.refused({ why: 'lease_id must be specified' })
    const { lease, ttl, warnings } = await store.renew(id, increment)
    for (const warning of warnings) warn(warning)
    return { is: 'renewed', id: lease.id, ttl, renewable: lease.renewable }
  }
  const revoke = async (id: string | undefined, sync: boolean): Promise<{ is: 'nothing' }> => {
    if (!id) throw faults.refused({ why: 'lease_id must be specified' })
    await store.revoke(id, sync)
    return { is: 'nothing' }
  }
  return {
    lookup: {
      async write({ input, now }) {
        if (!input.leaseId) throw faults.refused({ why: 'lease_id must be specified' })
        const lease = await store.look(input.leaseId)
        if (lease === undefined) throw faults.refused({ why: 'invalid lease' })
        return {
          is: 'any',
          data: {
            expire_time: lease.expireTime === 0 ? null : rfc3339Nano(lease.expireTime),
            id: lease.id,
            issue_time: rfc3339Nano(lease.issueTime),
            last_renewal: lease.lastRenewal === 0 ? null : rfc3339Nano(lease.lastRenewal),
            ...(lease.namespace.path !== '' && { namespace_path: lease.namespace.path }),
            ...((lease.kind === 'secret' || lease.namespace.path !== '') && { path: lease.path }),
            renewable: lease.renewable,
            ttl: lease.expireTime === 0 ? 0 : Math.max(0, Math.round((lease.expireTime - now.getTime()) / 1000)),
          },
        }
      },
    },
    list: {
      list: async ({ params }) => ({
        is: 'keys',
        keys: await store.list(params.prefix === '' || params.prefix.endsWith('/') ? params.prefix : `${params.prefix}/`),
      }),
    },
    renew: { write: ({ input, warn }) => renew(input.leaseId ?? input.urlLeaseId, input.increment, warn) },
    renewUrl: { write: ({ params, input, warn }) => renew(input.leaseId ?? params.urlLeaseId, input.increment, warn) },
    revoke: { write: ({ input }) => revoke(input.leaseId ?? input.urlLeaseId, input.sync) },
    revokeUrl: { write: ({ params, input }) => revoke(input.leaseId ?? params.urlLeaseId, input.sync) },
    prefix: {
      async write({ params, input }) {
        await store.revokePrefix(params.prefix, { wait: input.sync, force: false })
        return { is: 'nothing' }
      },
    },
    force: {
      async write({ params }) {
        await store.revokePrefix(params.prefix, { wait: true, force: true })
        return { is: 'nothing' }
      },
    },
    count: {
      async read({ input }) {
        if (input.type !== 'irrevocable') throw faults.notFound()
        const found = await store.irrevocable(input.includeChildNamespaces)
        const counts: Record<string, number> = {}
        for (const { mountAccessor } of found) counts[mountAccessor] = (counts[mountAccessor] ?? 0) + 1
        return { is: 'any', data: { counts, lease_count: found.length } }
      },
    },
    all: {
      async read({ input }) {
        if (input.type !== 'irrevocable') throw faults.notFound()
        const found = await store.irrevocable(input.includeChildNamespaces)
        return { is: 'any', data: { lease_count: found.length, leases: found.map(it => ({ lease_id: it.id, error: it.why })) } }
      },
    },
    tidy: {
      async write({ warn }) {
        await store.tidy()
        warn("Tidy operation successfully started. Any information from the operation will be printed to OpenBao's server logs.")
        return { is: 'nothing', status: 202 }
      },
    },
  }
})
