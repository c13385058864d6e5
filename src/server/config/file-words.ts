import type { LogLevel, Seconds } from '../../kernel/index.ts'
import type { LogFormat } from './server-config.ts'
import { word, type Words } from './word.ts'

const ONE_NODE = 'there is one node'
const PLUGINS = 'everything is built in; there are no plugins'

export interface FileValues {
  readonly api_addr?: string
  readonly cluster_addr?: string
  readonly cluster_name?: string
  readonly default_lease_ttl?: Seconds
  readonly max_lease_ttl?: Seconds
  readonly lease_revocation_horizon?: Seconds
  readonly default_max_request_duration?: Seconds
  readonly log_level?: LogLevel
  readonly log_format?: LogFormat
  readonly log_file?: string
  readonly pid_file?: string
  readonly unsafe_allow_api_audit_creation?: boolean
  readonly allow_audit_log_prefixing?: boolean
}

/** What stands in a configuration file outside of any block. */
export const fileWords: Words<FileValues> = {
  api_addr: word.text,
  cluster_addr: word.text,
  cluster_name: word.text,
  default_lease_ttl: word.span,
  max_lease_ttl: word.span,
  lease_revocation_horizon: word.span,
  default_max_request_duration: word.span,
  log_level: word.oneOf('trace', 'debug', 'info', 'warn', 'error'),
  log_format: word.oneOf('standard', 'json'),
  log_file: word.text,
  pid_file: word.text,
  unsafe_allow_api_audit_creation: word.bool,
  allow_audit_log_prefixing: word.bool,

  ui: word.inert('there is no web interface yet'),
  disable_mlock: word.inert('memory is not locked either way: turn swap off, or encrypt it'),
  disable_cache: word.inert('what was read is kept decrypted for a while, and is bounded'),
  cache_size: word.inert('the cache is bounded by itself'),
  disable_clustering: word.inert(ONE_NODE),
  disable_performance_standby: word.inert(ONE_NODE),
  disable_standby_reads: word.inert(ONE_NODE),
  cluster_cipher_suites: word.inert(ONE_NODE),
  disable_sealwrap: word.inert('everything is wrapped once'),
  disable_indexing: word.inert('there is no index'),
  disable_sentinel_trace: word.inert('there is no Sentinel'),
  imprecise_lease_role_tracking: word.inert('no quota counts by role'),
  enable_response_header_raft_node_id: word.inert('there is no Raft'),
  detect_deadlocks: word.inert('there are no locks to watch'),

  disable_printable_check: word.only(false, 'a path of unprintable characters is refused'),
  unsafe_relative_paths: word.only(false, 'a path of ".." is refused'),
  raw_storage_endpoint: word.only(false, 'sys/raw is not there'),
  enable_raw_endpoint: word.only(false, 'sys/raw is not there'),
  introspection_endpoint: word.only(false, 'sys/internal/inspect is not there'),
  enable_response_header_hostname: word.only(false, 'answers do not name the machine'),
  log_requests_level: word.refused('requests are not logged'),
  log_rotate_bytes: word.refused('rotate the log with logrotate, and send SIGHUP'),
  log_rotate_duration: word.refused('rotate the log with logrotate, and send SIGHUP'),
  log_rotate_max_files: word.refused('rotate the log with logrotate, and send SIGHUP'),
  plugin_directory: word.refused(PLUGINS),
  plugin_file_uid: word.refused(PLUGINS),
  plugin_file_permissions: word.refused(PLUGINS),
  plugin_download_behavior: word.refused(PLUGINS),
  plugin_auto_download: word.only(false, PLUGINS),
  plugin_auto_register: word.only(false, PLUGINS),
  plugin_download_max_size: word.refused(PLUGINS),
  unsafe_cross_namespace_identity: word.only(false, 'an entity is known in its own namespace only'),
  allow_unauthenticated_workflows: word.only(false, 'there are no workflows'),
  experiments: word.refused('there are none'),
  license_path: word.refused('no licence is needed'),
  administrative_namespace_path: word.refused('the server itself is administered from the root namespace only'),
}

/** Blocks of the field that are not there, and must not be passed over. */
export const foreignBlocks: Readonly<Record<string, string>> = {
  ha_storage: ONE_NODE,
  ha_backend: ONE_NODE,
  service_registration: 'register the address with your own means',
  telemetry: 'there are no metrics yet',
  initialize: 'initialise by sys/init, or with "operator init"',
  plugin: PLUGINS,
  kms_library: 'the key that unseals is shared among people',
  hsm: 'the key that unseals is shared among people',
  entropy: "the operating system's generator is used",
  sentinel: 'there is no Sentinel',
  reporting: 'nothing is reported to anybody',
  replication: ONE_NODE,
  adaptive_overload_protection: 'max_connections and the limits of a request are there',
}

/** The blocks that are read. */
export const ownBlocks: readonly string[] = ['storage', 'backend', 'listener', 'seal', 'audit', 'user_lockout']
