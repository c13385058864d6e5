import type { WireObject } from '../../schema/index.ts'
import { f } from '../../schema/index.ts'
import { gives, op, route, statefulFamily, type Family, type HandlersOf } from '../framework/index.ts'
import { faults, type AuditDeviceFacts, type SystemPorts } from '../logical/index.ts'

const path = f.some('Path of the device.')
const routes = {
  list: route('audit', {
    doc: 'The audit devices.',
    access: 'sudo',
    alsoTopLevel: true,
    ops: { read: op({ doc: 'List the audit devices.', gives: gives.any('The devices by their paths.') }) },
  }),
  device: route('audit/{path...}', {
    doc: 'An audit device.',
    access: 'sudo',
    params: { path },
    ops: {
      write: op({
        doc: 'Enable an audit device.',
        input: {
          type: f.string('Type of the device: `file`, `socket`.'),
          description: f.string('What it is for.').default(''),
          options: f.pairs('Options of the type.'),
          local: f.bool('Not replicated.').default(false),
        },
        gives: gives.nothing,
      }),
      delete: op({ doc: 'Disable an audit device.', gives: gives.nothing }),
    },
  }),
  hash: route('audit-hash/{path...}', {
    doc: 'What an audit device shows in place of a string.',
    alsoTopLevel: true,
    params: { path },
    ops: {
      write: op({
        doc: 'Hash a string as the device does.',
        input: { input: f.string('The string.', { secret: true }) },
        gives: gives.data({ hash: f.string('As it stands in entries.').required() }),
      }),
    },
  }),
  headers: route('config/auditing/request-headers', {
    doc: 'The request headers that audit records.',
    access: 'sudo',
    alsoTopLevel: true,
    ops: { read: op({ doc: 'List the audited headers.', gives: gives.any('The headers, and which of them are hashed.') }) },
  }),
  header: route('config/auditing/request-headers/{header}', {
    doc: 'A request header that audit records.',
    access: 'sudo',
    alsoTopLevel: true,
    params: { header: f.some('Its name; case does not count.') },
    ops: {
      read: op({ doc: 'Show whether it is hashed.', gives: gives.any('The header.') }),
      write: op({ doc: 'Record it.', input: { hmac: f.bool('Hash its values.').default(false) }, gives: gives.nothing }),
      delete: op({ doc: 'Record it no longer.', gives: gives.nothing }),
    },
  }),
}

export const audit: Family<SystemPorts> = statefulFamily(routes, ({ audit: log }: SystemPorts): HandlersOf<typeof routes> => ({
  list: {
    read: async () => ({ is: 'any', data: Object.fromEntries(log.list().map(it => [it.path, shown(it)])) }),
  },
  device: {
    async write({ params, input }) {
      await log.enable(params.path, {
        type: input.type ?? '',
        description: input.description,
        local: input.local,
        options: Object.fromEntries(input.options ?? []),
      })
      return { is: 'nothing' }
    },
    async delete({ params }) {
      await log.disable(params.path)
      return { is: 'nothing' }
    },
  },
  hash: {
    async write({ params, input }) {
      if (!input.input) throw faults.refused({ why: 'the "input" parameter is empty' })
      return { is: 'data', data: { hash: log.hash(params.path, input.input) } }
    },
  },
  headers: {
    read: async () => ({ is: 'any', data: { headers: log.headers.all() } }),
  },
  header: {
    async read({ params }) {
      const found = log.headers.get(params.header)
      if (found === undefined) throw faults.refused({ why: 'Could not find header in config' })
      return { is: 'any', data: { [params.header]: found } }
    },
    async write({ params, input }) {
      await log.headers.put(params.header, input.hmac)
      return { is: 'nothing' }
    },
    async delete({ params }) {
      await log.headers.delete(params.header)
      return { is: 'nothing' }
    },
  },
}))

const shown = ({ path: at, type, description, options, local }: AuditDeviceFacts): WireObject => ({
  description,
  local,
  options,
  path: at,
  type,
})
