import { type Client, type ClientOptions, type ClientRequest, ClientMisconfigured, type TlsOptions } from '../client/index.ts'
import { goDuration, parseDuration } from '../kernel/index.ts'
import { CommandFailed, type Context, type Env } from './command.ts'
import { curlString, describedClient, policyString } from './dry-request.ts'
import { flag, type Flag } from './flag.ts'
import { readEnv } from './parse.ts'
import { currentToken } from './token-store.ts'

type Text = Flag<string | undefined>

/** What every command takes that speaks to a server. The keys are those of the field's own tools. */
export interface ConnectionFlags {
  readonly address: Flag<string>
  readonly agentAddress: Text
  readonly caCert: Text
  readonly caPath: Text
  readonly clientCert: Text
  readonly clientKey: Text
  readonly disableRedirects: Flag<boolean>
  readonly header: Flag<ReadonlyMap<string, string>>
  readonly mfa: Flag<readonly string[]>
  readonly namespace: Text
  readonly ns: Text
  readonly nonInteractive: Flag<boolean>
  readonly outputCurlString: Flag<boolean>
  readonly outputPolicy: Flag<boolean>
  readonly policyOverride: Flag<boolean>
  readonly tlsServerName: Text
  readonly tlsSkipVerify: Flag<boolean>
  readonly unlockKey: Text
  readonly wrapTtl: Flag<number | undefined>
}

const group = 'HTTP Options'

export const connectionFlags: ConnectionFlags = {
  address: flag.string('Where the server listens.', { group, env: 'BAO_ADDR', default: 'https://127.0.0.1:8200' }),
  agentAddress: flag.string('Where a local agent listens. It is asked in place of the server.', { group, env: 'BAO_AGENT_ADDR' }),
  caCert: flag.string('A PEM file of the CA certificates to trust, and no others. Goes before -ca-path.', { group, env: 'BAO_CACERT' }),
  caPath: flag.string('A folder of PEM files with the CA certificates to trust, and no others.', { group, env: 'BAO_CAPATH' }),
  clientCert: flag.string('A PEM file with the certificate to show to the server. Needs -client-key.', { group, env: 'BAO_CLIENT_CERT' }),
  clientKey: flag.string('A PEM file with the private key of -client-cert.', { group, env: 'BAO_CLIENT_KEY' }),
  disableRedirects: flag.bool('Do not follow the redirect by which a standby names the active node.', {
    group,
    env: 'BAO_DISABLE_REDIRECTS',
  }),
  header: flag.pairs("A header to send with every request; may be repeated. Names that begin with 'X-Vault-' are refused.", { group }),
  mfa: flag.strings('Multi-factor credentials, sent as X-Vault-MFA.', { group, env: 'BAO_MFA' }),
  namespace: flag.string('The namespace to work in; -ns is short for it.', { group, env: 'BAO_NAMESPACE' }),
  ns: flag.string('The same as -namespace, and goes before it.', { group, hidden: true }),
  nonInteractive: flag.bool('Never ask anything on the terminal.', { group }),
  outputCurlString: flag.bool('Send nothing; print a curl command that would send the same request.', { group }),
  outputPolicy: flag.bool('Send nothing; print a policy that allows the request.', { group }),
  policyOverride: flag.bool('Ask to override a Sentinel policy that can be overridden.', { group }),
  tlsServerName: flag.string("The name to expect in the server's certificate, and to send as SNI.", { group, env: 'BAO_TLS_SERVER_NAME' }),
  tlsSkipVerify: flag.bool('Trust any certificate. Whoever stands between you and the server can then read and change everything.', {
    group,
    env: 'BAO_SKIP_VERIFY',
  }),
  unlockKey: flag.string('The key that unlocks a locked namespace.', { group }),
  wrapTtl: flag.duration('Have the reply wrapped in a token of one use that lives this long, such as "30s" or "5m".', {
    group,
    env: 'BAO_WRAP_TTL',
  }),
}

export type Connection = { readonly [K in keyof ConnectionFlags]: ConnectionFlags[K] extends Flag<infer T> ? T : never }

/** Leaves out what is undefined or empty, as an empty variable or flag counts for none. */
function present<T extends object>(values: { readonly [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(values).filter(([, it]) => it !== undefined && it !== '')) as T
}

function tlsOf(env: Env, flags: Connection): TlsOptions {
  return present<TlsOptions>({
    caCert: flags.caCert,
    caPath: flags.caPath,
    caCertPem: readEnv(env, 'BAO_CACERT_BYTES'),
    clientCert: flags.clientCert,
    clientCertPem: readEnv(env, 'BAO_CLIENT_CERT_BYTES'),
    clientKey: flags.clientKey,
    clientKeyPem: readEnv(env, 'BAO_CLIENT_KEY_BYTES'),
    serverName: flags.tlsServerName,
    skipVerify: flags.tlsSkipVerify,
  })
}

function headersOf(flags: Connection): Readonly<Record<string, string | readonly string[]>> {
  const names = [...flags.header.keys()]
  const reserved = names.filter(it => /^x-vault-/i.test(it))
  if (reserved.length > 0)
    throw new CommandFailed(`header ${reserved.join(', ')}: names that begin with X-Vault- are for internal use only`, 2)
  return {
    ...Object.fromEntries(flags.header),
    ...(flags.mfa.length > 0 ? { 'X-Vault-MFA': flags.mfa } : {}),
    ...(flags.policyOverride ? { 'X-Vault-Policy-Override': 'true' } : {}),
  }
}

function numberFrom(env: Env, name: string, read: (text: string) => number | undefined): number | undefined {
  const text = readEnv(env, name)
  if (text === undefined || text === '') return undefined
  const value = read(text)
  if (value === undefined || value < 0) throw new CommandFailed(`${name}: expected a number that is not negative`, 2)
  return value
}

function proxyOf(env: Env): ClientOptions['proxyEnv'] {
  const own = readEnv(env, 'BAO_PROXY_ADDR') ?? readEnv(env, 'BAO_HTTP_PROXY')
  return own === undefined || own === '' ? env : { HTTP_PROXY: own, HTTPS_PROXY: own }
}

/** `a/b` → `a/b/`, as namespaces are spelt in the header. */
const namespaceOf = (flags: Connection): string | undefined => {
  const name = (flags.ns ?? flags.namespace)?.trim().replace(/^\/+/, '')
  return name === undefined || name === '' || name === 'root' || name === 'root/' ? undefined : name.endsWith('/') ? name : `${name}/`
}

/**
 * Where the CLI differs from the API's clients: it does not repeat a request unless told how often, since a person sits
 * there and sees the error.
 */
export function connectionOptions(ctx: Context, flags: Connection): ClientOptions {
  const { env, clock, random } = ctx
  const timeout = numberFrom(env, 'BAO_CLIENT_TIMEOUT', parseDuration)
  return {
    address: flags.agentAddress ?? flags.address,
    ...present<{ namespace?: string }>({ namespace: namespaceOf(flags) }),
    tls: tlsOf(env, flags),
    retries: numberFrom(env, 'BAO_MAX_RETRIES', it => (/^\d+$/.test(it) ? Number(it) : undefined)) ?? 0,
    ...(timeout === undefined || timeout === 0 ? {} : { timeout }),
    headers: headersOf(flags),
    followRedirects: !flags.disableRedirects,
    proxyEnv: proxyOf(env) ?? {},
    clock,
    random,
  }
}

/** The wrapping a request gets that asks for none itself. `sys/wrapping/wrap` without one would be an error. */
function wrapping(client: Client, ttl: number | undefined): Client {
  const added = (request: ClientRequest): ClientRequest => {
    if (request.wrapTtl !== undefined) return request
    if (ttl !== undefined && ttl !== 0) return { ...request, wrapTtl: goDuration(ttl) }
    const wraps = (request.method === 'PUT' || request.method === 'POST') && request.path === 'sys/wrapping/wrap'
    return wraps ? { ...request, wrapTtl: '5m' } : request
  }
  return {
    ...client,
    send: request => client.send(added(request)),
    with: change => wrapping(client.with(change), ttl),
  }
}

export interface Connected extends Client {
  /** The same without -wrap-ttl, -output-curl-string and -output-policy: for what a command asks on the way to its request. */
  readonly plain: Client
  /** Whether requests carry a token. */
  readonly hasToken: boolean
}

/**
 * The client that the flags and the environment ask for, with the token of the environment or of the token store;
 * `anonymous` takes none (login).
 * @throws CommandFailed (exit code 2)
 */
export async function connect(ctx: Context, flags: Connection, how: { readonly anonymous?: boolean } = {}): Promise<Connected> {
  const options = connectionOptions(ctx, flags)
  try {
    const token = how.anonymous === true ? undefined : await currentToken(ctx, options.address)
    const plain = ctx.client({ ...options, token })
    const described: ((request: ClientRequest) => string) | undefined = flags.outputCurlString
      ? request => curlString(ctx.program, { ...options, token }, request)
      : flags.outputPolicy
        ? policyString
        : undefined
    const sender = described === undefined ? plain : describedClient(plain, described)
    return { ...wrapping(sender, flags.wrapTtl), plain, hasToken: token !== undefined && token !== '' }
  } catch (thrown) {
    if (thrown instanceof ClientMisconfigured) throw new CommandFailed(thrown.message, 2, { cause: thrown })
    throw thrown
  }
}
