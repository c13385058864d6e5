import { seconds } from '../../../../kernel/index.ts'
import { f } from '../../../../schema/index.ts'
import { gives, op, route, statefulFamily, type Family, type HandlersOf } from '../../../framework/index.ts'
import { faults, type View } from '../../../logical/index.ts'
import type { State } from '../state.ts'
import { algorithmNames } from './algorithms.ts'
import { keysOf, publicKeys } from './named-key.ts'
import { keyNamesInUse } from './role.ts'

interface Stored {
  readonly issuer: string
}
const AT = 'oidc/config'

const routes = {
  config: route('oidc/config', {
    doc: 'Who identity tokens say that they are from.',
    ops: {
      read: op({ doc: 'Read the configuration.', gives: gives.data({ issuer: f.string('Issuer, as configured.') }) }),
      write: op({
        doc: 'Configure the issuer.',
        input: { issuer: f.string('Scheme, host and port; empty: the address of this server.') },
        gives: gives.nothing,
      }),
    },
  }),
  discovery: route('oidc/.well-known/openid-configuration', {
    doc: 'What a verifier of identity tokens needs to know (OpenID Connect Discovery 1.0).',
    access: 'public',
    ops: { read: op({ doc: 'Read the metadata of the issuer.', gives: gives.raw('application/json') }) },
  }),
  keys: route('oidc/.well-known/keys', {
    doc: 'The public keys of identity tokens (RFC 7517).',
    access: 'public',
    ops: { read: op({ doc: 'Read the public keys that roles use.', gives: gives.raw('application/json') }) },
  }),
}

async function configured(view: View): Promise<string> {
  const bytes = await view.get(AT)
  return bytes === undefined ? '' : (JSON.parse(Buffer.from(bytes).toString()) as Stored).issuer
}

/** What stands in tokens as `iss`. */
export async function issuerOf({ host, apiAddress }: State): Promise<string> {
  return `${(await configured(host.view)) || apiAddress()}/v1/${host.mount().namespace.path}identity/oidc`
}

const DISCOVERY_MAX_AGE = seconds(3600)
const INVALID = 'invalid issuer, which must include only a scheme, host, and optional port (e.g. https://example.com:8200)'
const WARNING =
  'If "issuer" is set explicitly, all tokens must be validated against that address, including those issued by secondary clusters. Setting issuer to "" will restore the default behavior of using the cluster\'s api_addr as the issuer.'

function isIssuer(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined
  return url !== undefined && ['http:', 'https:'].includes(url.protocol) && url.origin === text.toLowerCase()
}

export const raw = (value: unknown): { is: 'raw'; body: Uint8Array } => ({ is: 'raw', body: Buffer.from(JSON.stringify(value)) })

export const settings: Family<State> = statefulFamily(routes, (state: State): HandlersOf<typeof routes> => ({
  config: {
    read: async ({ view }) => ({ is: 'data', data: { issuer: await configured(view) } }),
    async write({ view, input, warn }) {
      if (input.issuer === undefined) return { is: 'nothing' }
      if (input.issuer !== '' && !isIssuer(input.issuer)) throw faults.refused({ why: INVALID })
      await view.put(AT, Buffer.from(JSON.stringify({ issuer: input.issuer } satisfies Stored)))
      if (input.issuer !== '') warn(WARNING)
      return { is: 'nothing' }
    },
  },
  discovery: {
    async read() {
      const issuer = await issuerOf(state)
      const metadata = {
        issuer,
        jwks_uri: `${issuer}/.well-known/keys`,
        response_types_supported: ['id_token'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: algorithmNames,
      }
      return { ...raw(metadata), maxAge: DISCOVERY_MAX_AGE }
    },
  },
  keys: {
    async read({ view, now }) {
      const keys = await Promise.all((await keyNamesInUse(view)).map(name => keysOf(view).get(name)))
      return raw({ keys: keys.flatMap(key => (key === undefined ? [] : publicKeys(key, now.getTime()))) })
    },
  },
}))
