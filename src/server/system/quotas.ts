import type { WireObject } from '../../schema/index.ts'
import { f } from '../../schema/index.ts'
import { gives, op, route, statefulFamily, type Family, type HandlersOf } from '../framework/index.ts'
import { faults, type RateLimitQuota, type SystemPorts } from '../logical/index.ts'

const routes = {
  config: route('quotas/config', {
    doc: 'What holds for all quotas.',
    ops: {
      read: op({ doc: 'Show it.', gives: gives.any('The settings.') }),
      write: op({
        doc: 'Set it; what is not said is off.',
        input: {
          enable_rate_limit_audit_logging: f.bool('Whether refused requests are written to the audit log.').default(false),
          enable_rate_limit_response_headers: f.bool('Whether answers say how many requests are left.').default(false),
          rate_limit_exempt_paths: f.texts('Paths that no quota counts, each with all that begins with it.').default([]),
        },
        gives: gives.nothing,
      }),
    },
  }),
  all: route('quotas/rate-limit', {
    doc: 'The rate-limit quotas.',
    ops: { list: op({ doc: 'List their names.', gives: gives.keys }) },
  }),
  one: route('quotas/rate-limit/{name}', {
    doc: 'How many requests may come from one address.',
    params: { name: f.name('Name of the quota.') },
    ops: {
      read: op({ doc: 'Show it.', gives: gives.any('The quota.') }),
      write: op({
        doc: 'Make it, or set it anew.',
        input: {
          type: f.string('Only `rate-limit`.'),
          path: f.string('A mount, a path inside of one, which may end in `*`; empty for everything.').default(''),
          role: f.string('Counts only logins of this role, at a mount of an auth method that has roles.').default(''),
          rate: f.number('Requests an interval; above 0.').default(0),
          interval: f.duration('The interval; a second unless told.'),
          block_interval: f.duration('How long an address that asked for too much is kept out; 0 until the interval is over.'),
          inheritable: f.bool('Whether namespaces below are counted too; a quota for everything is unless told.'),
        },
        gives: gives.nothing,
      }),
      delete: op({ doc: 'Remove it.', gives: gives.nothing }),
    },
  }),
}

export const quotas: Family<SystemPorts> = statefulFamily(routes, ({ quotas: store }: SystemPorts): HandlersOf<typeof routes> => ({
  config: {
    read: async () => ({
      is: 'any',
      data: {
        enable_rate_limit_audit_logging: store.config.auditRefusals,
        enable_rate_limit_response_headers: store.config.responseHeaders,
        rate_limit_exempt_paths: store.config.exemptPaths,
      },
    }),
    async write({ input }) {
      await store.configure({
        auditRefusals: input.enableRateLimitAuditLogging,
        responseHeaders: input.enableRateLimitResponseHeaders,
        exemptPaths: input.rateLimitExemptPaths,
      })
      return { is: 'nothing' }
    },
  },
  all: { list: async () => ({ is: 'keys', keys: store.names() }) },
  one: {
    async read({ params }) {
      const found = store.read(params.name)
      if (found === undefined) throw faults.notFound()
      return { is: 'any', data: shown(found) }
    },
    async write({ params, input }) {
      const { path, role, rate, interval, blockInterval, inheritable } = input
      await store.write(params.name, { path, role, rate, interval: interval ?? 0, blockInterval: blockInterval ?? 0, inheritable })
      return { is: 'nothing' }
    },
    async delete({ params }) {
      await store.delete(params.name)
      return { is: 'nothing' }
    },
  },
}))

const shown = (it: RateLimitQuota): WireObject => ({
  block_interval: it.blockInterval,
  inheritable: it.inheritable,
  interval: it.interval,
  name: it.name,
  path: it.path,
  rate: it.rate,
  role: it.role,
  type: 'rate-limit',
})
