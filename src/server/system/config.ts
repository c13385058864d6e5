import { f, type WireObject } from '../../schema/index.ts'
import { gives, op, route, statefulFamily, type Family, type HandlersOf } from '../framework/index.ts'
import { faults, type SystemPorts } from '../logical/index.ts'

const routes = {
  cors: route('config/cors', {
    doc: 'Which web pages may talk to this server from a browser.',
    access: 'sudo',
    alsoTopLevel: true,
    ops: {
      read: op({ doc: 'Show it.', gives: gives.any('The origins and headers.') }),
      write: op({
        doc: 'Let pages of some origins in; those of all others are refused from now on.',
        input: {
          enable: f.bool('It is on once there are origins.'),
          allowed_origins: f.strings('The origins, or `*` alone.').default([]),
          allowed_headers: f.strings('Headers that they may send, beside those of the API.').default([]),
          allow_credentials: f.bool('Whether a browser may send what it keeps for this server.').default(false),
        },
        gives: gives.nothing,
      }),
      delete: op({ doc: 'Turn it off.', gives: gives.nothing }),
    },
  }),
  headers: route('config/ui/headers', {
    doc: 'Headers of the pages of a web interface.',
    access: 'sudo',
    ops: { list: op({ doc: 'List their names.', gives: gives.keys }) },
  }),
  header: route('config/ui/headers/{header}', {
    doc: 'A header of the pages of a web interface.',
    access: 'sudo',
    params: { header: f.some('Its name; case does not count.') },
    ops: {
      read: op({
        doc: 'Show it.',
        input: { multivalue: f.bool('Show all of its values.').default(false) },
        gives: gives.any('Its value.'),
      }),
      write: op({
        doc: 'Set it.',
        input: { values: f.texts('The values.').default([]), multivalue: f.bool('Show all of its values.') },
        gives: gives.any('Nothing.'),
      }),
      delete: op({ doc: 'Remove it.', gives: gives.nothing }),
    },
  }),
  versions: route('version-history', {
    doc: 'The versions that have run on this store.',
    ops: { list: op({ doc: 'List them, the first one first.', gives: gives.keys }) },
  }),
}

/** What every client of the API sends. */
const API_HEADERS = [
  'Content-Type',
  'Authorization',
  'X-Vault-Token',
  'X-Vault-MFA',
  'X-Vault-No-Request-Forwarding',
  'X-Vault-Wrap-Format',
  'X-Vault-Wrap-TTL',
  'X-Requested-With',
  'X-Vault-AWS-IAM-Server-ID',
  'X-Vault-Policy-Override',
]

/** Settings of the server itself. */
export const config: Family<SystemPorts> = statefulFamily(routes, ({ settings }: SystemPorts): HandlersOf<typeof routes> => ({
  cors: {
    async read() {
      const { cors } = settings
      if (cors === undefined) return { is: 'any', data: { enabled: false } }
      const { allowedOrigins, allowedHeaders, allowCredentials } = cors
      const data = { allow_credentials: allowCredentials, allowed_headers: allowedHeaders, allowed_origins: allowedOrigins, enabled: true }
      return { is: 'any', data }
    },
    async write({ input: { allowedOrigins, allowedHeaders, allowCredentials } }) {
      if (allowedOrigins.length === 0) throw faults.failedAs({ why: 'at least one origin or the wildcard must be provided' })
      if (allowedOrigins.includes('*') && allowedOrigins.length > 1)
        throw faults.failedAs({ why: "to allow all origins the '*' must be the only value for allowed_origins" })
      await settings.setCors({ allowedOrigins, allowedHeaders: [...API_HEADERS, ...allowedHeaders], allowCredentials })
      return { is: 'nothing' }
    },
    async delete() {
      await settings.setCors(undefined)
      return { is: 'nothing' }
    },
  },
  headers: { list: async () => ({ is: 'keys', keys: Object.keys(settings.uiHeaders).sort() }) },
  header: {
    async read({ params, input }) {
      const values = settings.uiHeaders[canonical(params.header)]
      if (values === undefined) throw faults.notFound()
      return { is: 'any', data: input.multivalue ? { values } : { value: values[0] ?? '' } }
    },
    async write({ params, input: { values } }) {
      const name = canonical(params.header)
      if (values.length === 0) throw faults.refused({ why: 'header and values must be specified' })
      if (name.startsWith('X-Vault-')) throw faults.refused({ why: 'X-Vault headers cannot be set' })
      await settings.setUiHeader(name, values)
      return { is: 'any', data: null }
    },
    async delete({ params }) {
      await settings.setUiHeader(canonical(params.header), undefined)
      return { is: 'nothing' }
    },
  },
  versions: {
    async list() {
      const { versions } = settings
      const info: WireObject = Object.fromEntries(
        versions.map(({ version, since }, at) => [
          version,
          { previous_version: versions[at - 1]?.version ?? null, timestamp_installed: since },
        ]),
      )
      return { is: 'keys', keys: versions.map(it => it.version), info }
    },
  },
}))

/** As names of headers are written: `X-Foo`. */
const canonical = (name: string): string =>
  name.toLowerCase().replace(/(^|-)([a-z])/g, (_, dash: string, letter: string) => dash + letter.toUpperCase())
