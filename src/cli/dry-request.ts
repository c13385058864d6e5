import { escapePath, queryString, type Client, type ClientOptions, type ClientRequest } from '../client/index.ts'
import { stringifyJson } from '../kernel/index.ts'

/** Ends a command with what was asked for in place of the request: its text goes to stdout, and that is a success. */
export class InsteadOfRequest extends Error {
  readonly output: string
  constructor(output: string) {
    super('the request was described, not sent')
    this.output = output
  }
}

/** A word for a POSIX shell. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'"'"'`)}'`

const wireMethod = (request: ClientRequest): string => (request.method === 'LIST' || request.method === 'SCAN' ? 'GET' : request.method)

function wireQuery({ method, query = {} }: ClientRequest): string {
  return queryString({ ...query, ...(method === 'LIST' ? { list: 'true' } : method === 'SCAN' ? { scan: 'true' } : {}) })
}

/** `x-vault-mfa` → `X-Vault-Mfa`, as Go spells headers. */
const headerName = (name: string): string => name.toLowerCase().replace(/(^|-)[a-z]/g, it => it.toUpperCase())

/** The token itself never appears: the command line asks for it when it runs. */
export function curlString(program: string, options: ClientOptions, request: ClientRequest): string {
  const { tls = {}, token, namespace } = options
  const files = [
    ['--cacert', tls.caCert ?? (tls.caCertPem === undefined ? undefined : 'passed-in-memory')],
    ['--capath', tls.caPath],
    ['--cert', tls.clientCert ?? (tls.clientCertPem === undefined ? undefined : 'passed-in-memory')],
    ['--key', tls.clientKey ?? (tls.clientKeyPem === undefined ? undefined : 'passed-in-memory')],
  ] as const
  const headers: readonly (readonly [string, string | readonly string[] | undefined])[] = [
    ['X-Vault-Request', 'true'],
    ['X-Vault-Token', token === undefined || token === '' ? undefined : `$(${program} print token)`],
    ['X-Vault-Namespace', namespace],
    ['X-Vault-Wrap-Ttl', request.wrapTtl],
    ['Content-Type', request.method === 'PATCH' ? 'application/merge-patch+json' : undefined],
    ...Object.entries(options.headers ?? {}),
    ...Object.entries(request.headers ?? {}),
  ]
  const method = wireMethod(request)
  const address = options.address.replace(/\/+$/, '')
  return [
    'curl',
    ...(tls.skipVerify === true ? ['--insecure'] : []),
    ...(method === 'GET' ? [] : ['-X', method]),
    ...files.flatMap(([name, value]) => (value === undefined ? [] : [name, quoted(value)])),
    ...headers.flatMap(([name, value]) => [value ?? []].flat().flatMap(it => ['-H', `"${headerName(name)}: ${it}"`])),
    ...(request.body === undefined ? [] : ['-d', quoted(stringifyJson(request.body))]),
    JSON.stringify(`${address}/v1/${escapePath(request.path)}${wireQuery(request)}`),
  ].join(' ')
}

const CAPABILITIES: Readonly<Record<ClientRequest['method'], readonly string[]>> = {
  GET: ['read'],
  HEAD: ['read'],
  LIST: ['list'],
  SCAN: ['scan'],
  POST: ['create', 'update'],
  PUT: ['create', 'update'],
  PATCH: ['patch'],
  DELETE: ['delete'],
}

/** Paths that ask for `sudo` as well, by the API's own description (its OpenAPI document, `x-vault-sudo`), at default mounts. */
const SUDO: readonly RegExp[] = [
  /^auth\/token\/accessors\/?$/,
  /^pki\/root(\/sign-self-issued)?$/,
  /^sys\/audit(\/.+)?$/,
  /^sys\/auth\/.+$/,
  /^sys\/config\/(cors|auditing\/request-headers(\/.+)?|ui\/headers\/?|ui\/headers\/.+)$/,
  /^sys\/internal\/inspect\/(request|router\/.+)$/,
  /^sys\/leases(\/lookup\/?|\/lookup\/.+|\/revoke-(force|prefix)\/.+)?$/,
  /^sys\/revoke-(force|prefix)\/.+$/,
  /^sys\/plugins\/catalog\/[^/]+(\/[^/]+)?$/,
  /^sys\/raw(\/.+)?$/,
  /^sys\/remount$/,
  /^sys\/rotate(\/keyring|\/root)?$/,
]

export function policyString(request: ClientRequest): string {
  const { path } = request
  const capabilities = [...CAPABILITIES[request.method], ...(SUDO.some(it => it.test(path)) ? ['sudo'] : [])]
  return `path "${path}" {\n  capabilities = [${capabilities.map(it => `"${it}"`).join(', ')}]\n}`
}

/** A client that describes the first request it is given, and sends none. */
export function describedClient(client: Client, describe: (request: ClientRequest) => string): Client {
  return {
    ...client,
    send: request => Promise.reject(new InsteadOfRequest(describe(request))),
    with: change => describedClient(client.with(change), describe),
  }
}
