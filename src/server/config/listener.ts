import { isIP } from 'node:net'
import type { ConfigAttribute } from '../../hcl/index.ts'
import type { SourceRange } from '../../kernel/index.ts'
import { parseAddress } from './address.ts'
import type { TypedBlock } from './block.ts'
import { knownSuites, opensslSuites } from './cipher-suites.ts'
import { codes, type Findings } from './findings.ts'
import { listenerBlocks, type ListenerValues, listenerWords } from './listener-words.ts'
import type { ForwardedForConfig, ListenerAddress, ListenerConfig, ListenerTlsConfig } from './server-config.ts'
import { type Places, readWords, suggestion } from './word.ts'

/** One listener's words, with what their messages need. */
interface Listener {
  readonly values: ListenerValues
  readonly places: Places
  readonly at: SourceRange
  readonly name: string
  readonly findings: Findings
}

export function readListener(block: TypedBlock, findings: Findings): ListenerConfig | undefined {
  const { type, typeAt, body, nameAt } = block
  if (type !== 'tcp' && type !== 'unix') {
    findings.error(codes.badLabel, `listener "${type}" is not known`, typeAt, 'expected tcp or unix')
    return undefined
  }
  const name = `listener "${type}"`
  for (const at of block.more) findings.error(codes.badLabel, `${name} takes no second label`, at)
  const attributes: ConfigAttribute[] = []
  for (const entry of body.entries) {
    if (entry.kind === 'attribute') attributes.push(entry)
    else if (Object.hasOwn(listenerBlocks, entry.name))
      findings.error(
        codes.unsupportedBlock,
        `${name}: ${entry.name} is not supported: ${listenerBlocks[entry.name] as string}`,
        entry.nameAt,
      )
    else
      findings.error(
        codes.unknownBlock,
        `${name}: unknown block "${entry.name}"`,
        entry.nameAt,
        suggestion(entry.name, Object.keys(listenerWords)),
      )
  }
  const { values, places } = readWords(attributes, listenerWords, name, findings)
  const listener: Listener = { values, places, at: nameAt, name, findings }
  const address = type === 'tcp' ? tcpAddress(listener) : unixAddress(listener)
  const tls = tlsOf(listener, type)
  const forwardedFor = forwardedForOf(listener)
  if (address === undefined) return undefined
  return {
    address,
    ...(tls !== undefined && { tls }),
    ...(forwardedFor !== undefined && { forwardedFor }),
    ...(values.max_request_size !== undefined && { maxRequestSize: values.max_request_size }),
    ...(values.max_request_json_memory !== undefined && { maxRequestJsonMemory: values.max_request_json_memory }),
    ...(values.max_request_json_strings !== undefined && { maxRequestJsonStrings: values.max_request_json_strings }),
    ...(values.max_request_duration !== undefined && { maxRequestDuration: values.max_request_duration }),
    ...(values.max_connections !== undefined && { maxConnections: values.max_connections }),
    ...(values.http_read_header_timeout !== undefined && { readHeaderTimeout: values.http_read_header_timeout }),
    ...(values.http_read_timeout !== undefined && { readTimeout: values.http_read_timeout }),
    ...(values.http_idle_timeout !== undefined && { idleTimeout: values.http_idle_timeout }),
    requireRequestHeader: values.require_request_header ?? false,
    withoutToken: {
      rekey: values.disable_unauthed_rekey_endpoints === false,
      generateRoot: values.disable_unauthed_generate_root_endpoints === false,
    },
    at: nameAt,
  }
}

function tcpAddress({ values, places, name, findings }: Listener): ListenerAddress | undefined {
  const text = values.address ?? '127.0.0.1:8200'
  if (values.socket_mode !== undefined)
    findings.error(codes.conflict, `${name}: socket_mode is of a unix listener`, places.get('socket_mode'))
  const address = parseAddress(text)
  if (address === undefined) {
    const detail = text.includes('{{') ? 'templates of addresses are not supported' : 'expected "host:port"'
    findings.error(codes.badValue, `${name}: address: cannot be read`, places.get('address'), detail)
  }
  return address
}

function unixAddress({ values, places, at, name, findings }: Listener): ListenerAddress | undefined {
  const { address, socket_mode: mode } = values
  if (address === undefined || address === '') {
    findings.error(codes.missing, `${name}: address is missing`, at, 'expected the path of the socket')
    return undefined
  }
  if (mode === undefined) return { path: address }
  if (!/^0?[0-7]{3}$/.test(mode)) {
    findings.error(codes.badValue, `${name}: socket_mode: expected three octal digits, such as "0600"`, places.get('socket_mode'))
    return undefined
  }
  return { path: address, mode: Number.parseInt(mode, 8) }
}

const VERSIONS = { tls12: 'TLSv1.2', tls13: 'TLSv1.3' } as const
const TLS_WORDS = ['tls_cert_file', 'tls_key_file', 'tls_client_ca_file', 'tls_require_and_verify_client_cert'] as const

/** A Unix socket is plain unless it has a certificate; a port is plain only when that was said. */
function tlsOf({ values, places, at, name, findings }: Listener, type: 'tcp' | 'unix'): ListenerTlsConfig | undefined {
  const given = TLS_WORDS.find(it => values[it] !== undefined && values[it] !== false)
  if (values.tls_disable === true || (type === 'unix' && given === undefined)) {
    if (values.tls_disable === true && given !== undefined && given !== 'tls_cert_file' && given !== 'tls_key_file')
      findings.error(codes.conflict, `${name}: ${given} needs TLS, which tls_disable turns off`, places.get(given))
    return undefined
  }
  const { tls_cert_file: certFile, tls_key_file: keyFile } = values
  for (const file of ['tls_cert_file', 'tls_key_file'] as const)
    if (values[file] === undefined)
      findings.error(codes.missing, `${name}: ${file} is missing`, at, 'set it, or set tls_disable = true where nobody can listen in')
  if (values.tls_require_and_verify_client_cert === true && values.tls_client_ca_file === undefined)
    findings.error(
      codes.missing,
      `${name}: tls_client_ca_file is missing`,
      places.get('tls_require_and_verify_client_cert'),
      'client certificates are verified against it',
    )
  if (values.tls_require_and_verify_client_cert === true && values.tls_disable_client_certs === true)
    findings.error(
      codes.conflict,
      `${name}: tls_disable_client_certs contradicts tls_require_and_verify_client_cert`,
      places.get('tls_disable_client_certs'),
    )
  if (values.tls_min_version === 'tls13' && values.tls_max_version === 'tls12')
    findings.error(codes.conflict, `${name}: tls_max_version is below tls_min_version`, places.get('tls_max_version'))
  const suites = values.tls_cipher_suites === undefined ? undefined : opensslSuites(values.tls_cipher_suites)
  if (suites !== undefined && 'refused' in suites)
    findings.error(
      codes.badValue,
      `${name}: tls_cipher_suites: "${suites.refused}" is not among the safe ones`,
      places.get('tls_cipher_suites'),
      `expected some of ${knownSuites.join(', ')}`,
    )
  if (certFile === undefined || keyFile === undefined) return undefined
  return {
    certFile,
    keyFile,
    minVersion: VERSIONS[values.tls_min_version ?? 'tls12'],
    ...(values.tls_max_version !== undefined && { maxVersion: VERSIONS[values.tls_max_version] }),
    ...(suites !== undefined && 'suites' in suites && suites.suites.length > 0 && { cipherSuites: suites.suites }),
    ...(values.tls_client_ca_file !== undefined && { clientCaFile: values.tls_client_ca_file }),
    requireAndVerifyClientCert: values.tls_require_and_verify_client_cert ?? false,
    disableClientCerts: values.tls_disable_client_certs ?? false,
  }
}

const FORWARDED = ['x_forwarded_for_hop_skips', 'x_forwarded_for_reject_not_present', 'x_forwarded_for_reject_not_authorized'] as const

function forwardedForOf({ values, places, name, findings }: Listener): ForwardedForConfig | undefined {
  const addrs = values.x_forwarded_for_authorized_addrs
  if (addrs === undefined || addrs.length === 0) {
    for (const other of FORWARDED)
      if (places.has(other))
        findings.error(codes.conflict, `${name}: ${other} does nothing without x_forwarded_for_authorized_addrs`, places.get(other))
    return undefined
  }
  const bad = addrs.find(it => !isBlock(it))
  if (bad !== undefined) {
    const at = places.get('x_forwarded_for_authorized_addrs')
    findings.error(codes.badValue, `${name}: x_forwarded_for_authorized_addrs: "${bad}" is no IP address and no CIDR block`, at)
  }
  return {
    authorizedAddrs: addrs,
    hopSkips: values.x_forwarded_for_hop_skips ?? 0,
    rejectNotPresent: values.x_forwarded_for_reject_not_present ?? true,
    rejectNotAuthorized: values.x_forwarded_for_reject_not_authorized ?? true,
  }
}

function isBlock(text: string): boolean {
  const match = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text)
  const version = isIP(match?.[1] ?? '')
  return version !== 0 && Number(match?.[2] ?? 0) <= (version === 4 ? 32 : 128)
}
