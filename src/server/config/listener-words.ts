import type { Seconds } from '../../kernel/index.ts'
import { word, type Words } from './word.ts'

const LATER = 'it is not there yet'
const ACME = 'certificates are read from files; have an ACME client write them, and send SIGHUP'
const PROXY = 'the PROXY protocol is not spoken; a proxy that speaks HTTP may use x_forwarded_for_authorized_addrs'

export interface ListenerValues {
  readonly address?: string
  readonly max_request_size?: number
  readonly max_request_json_memory?: number
  readonly max_request_json_strings?: number
  readonly max_request_duration?: Seconds
  readonly require_request_header?: boolean
  readonly max_connections?: number
  readonly tls_disable?: boolean
  readonly tls_cert_file?: string
  readonly tls_key_file?: string
  readonly tls_min_version?: 'tls12' | 'tls13'
  readonly tls_max_version?: 'tls12' | 'tls13'
  readonly tls_cipher_suites?: readonly string[]
  readonly tls_require_and_verify_client_cert?: boolean
  readonly tls_client_ca_file?: string
  readonly tls_disable_client_certs?: boolean
  readonly http_read_timeout?: Seconds
  readonly http_read_header_timeout?: Seconds
  readonly http_idle_timeout?: Seconds
  readonly x_forwarded_for_authorized_addrs?: readonly string[]
  readonly x_forwarded_for_hop_skips?: number
  readonly x_forwarded_for_reject_not_present?: boolean
  readonly x_forwarded_for_reject_not_authorized?: boolean
  readonly socket_mode?: string
  readonly disable_unauthed_rekey_endpoints?: boolean
  readonly disable_unauthed_generate_root_endpoints?: boolean
}

/** Of `listener "tcp"` and `listener "unix"`. */
export const listenerWords: Words<ListenerValues> = {
  address: word.text,
  cluster_address: word.inert('there is one node'),
  max_request_size: word.whole(1),
  max_request_json_memory: word.whole(1),
  max_request_json_strings: word.whole(1),
  max_request_duration: word.span,
  require_request_header: word.bool,
  max_connections: word.whole(1),

  tls_disable: word.bool,
  tls_cert_file: word.text,
  tls_key_file: word.text,
  tls_min_version: word.oneOf('tls12', 'tls13'),
  tls_max_version: word.oneOf('tls12', 'tls13'),
  tls_cipher_suites: word.list,
  tls_prefer_server_cipher_suites: word.inert('client and server agree on the better one'),
  tls_key_exchange_preferences: word.refused("OpenSSL's order is in force"),
  tls_require_and_verify_client_cert: word.bool,
  tls_client_ca_file: word.text,
  tls_disable_client_certs: word.bool,
  tls_auto_reload: word.only(false, 'send SIGHUP when the files have changed'),
  tls_auto_reload_interval: word.refused('send SIGHUP when the files have changed'),
  tls_acme_cache_path: word.refused(ACME),
  tls_acme_ca_directory: word.refused(ACME),
  tls_acme_test_ca_directory: word.refused(ACME),
  tls_acme_ca_root: word.refused(ACME),
  tls_acme_eab_key_id: word.refused(ACME),
  tls_acme_eab_mac_key: word.refused(ACME),
  tls_acme_key_type: word.refused(ACME),
  tls_acme_email: word.refused(ACME),
  tls_acme_domains: word.refused(ACME),
  tls_acme_disable_http_challenge: word.refused(ACME),
  tls_acme_disable_alpn_challenge: word.refused(ACME),

  http_read_timeout: word.span,
  http_read_header_timeout: word.span,
  http_idle_timeout: word.span,
  http_write_timeout: word.refused('max_request_duration limits the answer too'),

  proxy_protocol_behavior: word.refused(PROXY),
  proxy_protocol_authorized_addrs: word.refused(PROXY),

  x_forwarded_for_authorized_addrs: word.list,
  x_forwarded_for_hop_skips: word.whole(0),
  x_forwarded_for_reject_not_present: word.bool,
  x_forwarded_for_reject_not_authorized: word.bool,
  x_forwarded_for_client_cert_header: word.refused(LATER),
  x_forwarded_for_client_cert_decoders: word.refused(LATER),
  x_forwarded_for_client_cert_keep_not_forwarded: word.refused(LATER),
  x_forwarded_for_client_cert_keep_unauthorized: word.refused(LATER),

  socket_mode: word.text,
  socket_user: word.refused('the socket belongs to whoever runs the server'),
  socket_group: word.refused('the socket belongs to whoever runs the server'),

  purpose: word.refused('every listener serves the whole API'),
  role: word.refused('every listener serves the whole API'),
  custom_response_headers: word.refused(LATER),
  cors_enabled: word.only(false, LATER),
  cors_allowed_origins: word.refused(LATER),
  cors_allowed_headers: word.refused(LATER),
  cors_allow_credentials: word.only(false, LATER),
  disable_unauthed_rekey_endpoints: word.bool,
  disable_unauthed_generate_root_endpoints: word.bool,
}

/** Blocks inside of a listener, none of which is there. */
export const listenerBlocks: Readonly<Record<string, string>> = {
  telemetry: 'there are no metrics yet',
  profiling: 'use the profiler of Node.js',
  inflight_requests_logging: LATER,
  custom_response_headers: LATER,
  agent_api: 'it belongs to an agent',
  proxy_api: 'it belongs to a proxy',
}
