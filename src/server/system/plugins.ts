import { f, type WireObject } from '../../schema/index.ts'
import { gives, op, route, statefulFamily, type Family, type HandlersOf } from '../framework/index.ts'
import { faults, type PluginType, type SystemPorts } from '../logical/index.ts'

const TYPES: readonly PluginType[] = ['auth', 'database', 'secret']
const registration = {
  sha256: f.string('SHA-256 of the binary.').default(''),
  command: f.string('How it is started.').default(''),
}
const type = f.some('`auth`, `database` or `secret`.')
const name = f.some('Name of the plugin.')

const routes = {
  all: route('plugins/catalog', {
    doc: 'What can be mounted: everything is built in.',
    ops: {
      read: op({ doc: 'List it.', gives: gives.any('Names by type, and in detail.') }),
      list: op({ doc: 'Learn that it is read.', gives: gives.keys, internal: true }),
    },
  }),
  ofType: route('plugins/catalog/{type}', {
    doc: 'What of a type can be mounted.',
    params: { type },
    access: 'sudo',
    ops: {
      list: op({ doc: 'List the names.', gives: gives.keys }),
      read: op({ doc: 'Learn that a type has to be named with the name.', gives: gives.any('Nothing.'), internal: true }),
    },
  }),
  one: route('plugins/catalog/{type}/{name}', {
    doc: 'One that can be mounted.',
    params: { type, name },
    access: 'sudo',
    ops: {
      read: op({ doc: 'Show it.', gives: gives.any('What it is.') }),
      write: op({ doc: 'Learn that there are no plugins from elsewhere.', input: registration, gives: gives.nothing }),
      delete: op({ doc: 'Forget one from elsewhere, of which there is none.', gives: gives.nothing }),
    },
  }),
}

export const plugins: Family<SystemPorts> = statefulFamily(routes, ({ mounts, facts }: SystemPorts): HandlersOf<typeof routes> => {
  const version = (): string => `v${facts().version}+builtin.bao`
  return {
    all: {
      async read() {
        const byType = TYPES.map(it => [it, mounts.plugins(it)] as const)
        const detailed = byType.flatMap(([of, names]) =>
          names.map(it => ({ builtin: true, deprecation_status: 'supported', name: it, type: of, version: version() })),
        )
        return { is: 'any', data: { ...Object.fromEntries(byType), detailed } }
      },
      list: () => Promise.reject(faults.unsupportedOperation()),
    },
    ofType: {
      async list({ params: { type: of } }) {
        if (!isType(of)) throw faults.unsupportedOperation()
        return { is: 'keys', keys: mounts.plugins(of) }
      },
      async read({ params, warn }) {
        if (isType(params.type)) throw faults.unsupportedOperation()
        warn(untyped(params.type))
        return { is: 'any', data: null }
      },
    },
    one: {
      async read({ params, warn }) {
        if (!isType(params.type)) {
          warn(untyped(`${params.type}/${params.name}`))
          return { is: 'any', data: null }
        }
        if (!mounts.plugins(params.type).includes(params.name)) throw faults.notFound()
        return { is: 'any', data: shown(params.name, version()) }
      },
      async write({ input: { sha256, command } }) {
        if (sha256 === '') throw faults.refused({ why: 'missing SHA-256 value' })
        if (!/^[0-9a-f]{64}$/i.test(sha256)) throw faults.refused({ why: 'Decoded SHA-256 value is not 32 bytes' })
        if (command === '') throw faults.refused({ why: 'missing command value' })
        throw faults.refused({ why: 'everything is built in; plugins from elsewhere are not run' })
      },
      delete: async () => ({ is: 'nothing' }),
    },
  }
})

const isType = (text: string): text is PluginType => (TYPES as readonly string[]).includes(text)

const untyped = (text: string): string => `Deprecated API endpoint, cannot read plugin information from catalog for ${JSON.stringify(text)}`

const shown = (name: string, version: string): WireObject => ({
  args: null,
  builtin: true,
  command: '',
  declarative: false,
  deprecation_status: 'supported',
  name,
  oci: false,
  sha256: '',
  version,
})
