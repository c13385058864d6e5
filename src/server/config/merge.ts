import { type Checked, seconds, type SourceRange } from '../../kernel/index.ts'
import type { ConfigFile } from './file.ts'
import { codes, Findings } from './findings.ts'
import { refuseSeals } from './seal.ts'
import type { ListenerAddress, ListenerConfig, ServerConfig } from './server-config.ts'

type Values = ConfigFile['values']

/** As the peer: of these the largest counts, of all others the last. */
const LARGEST = ['default_lease_ttl', 'max_lease_ttl', 'default_max_request_duration'] as const

const MONTH = seconds(768 * 3600)

/** Makes one configuration of several files in their order: listeners add up, a later storage replaces an earlier one. */
export function mergeConfig(files: readonly ConfigFile[]): Checked<ServerConfig> {
  const findings = new Findings()
  const values: Values = files.reduce((before, { values: after }) => merged(before, after), {} as Values)
  const place = (name: keyof Values): SourceRange | undefined => files.findLast(it => it.places.has(name))?.places.get(name)
  const storage = files.findLast(it => it.storage !== undefined)?.storage
  const listeners = files.flatMap(it => it.listeners).map(it => withDefaults(it, values))
  if (storage === undefined) findings.error(codes.missing, 'no storage is configured', undefined, 'add storage "lmdb" { path = "…" }')
  if (listeners.length === 0) findings.error(codes.missing, 'no listener is configured', undefined, 'add listener "tcp" { … }')
  refuseShared(listeners, findings)
  for (const name of ['api_addr', 'cluster_addr'] as const)
    if (values[name] !== undefined && !isUrl(values[name]))
      findings.error(codes.badValue, `${name}: expected a URL, such as "https://vault.example.com:8200"`, place(name))
  const defaultLeaseTtl = positive(values.default_lease_ttl) ?? MONTH
  const maxLeaseTtl = positive(values.max_lease_ttl) ?? MONTH
  if (defaultLeaseTtl > maxLeaseTtl)
    findings.error(codes.conflict, 'default_lease_ttl is longer than max_lease_ttl', place('default_lease_ttl') ?? place('max_lease_ttl'))
  const leaseRevocationHorizon = positive(values.lease_revocation_horizon)
  const audit = files.flatMap(it => it.audit)
  for (const [index, { path, at }] of audit.entries())
    if (audit.findIndex(it => it.path === path) < index)
      findings.error(codes.conflict, `another audit device has the path ${path}/ already`, at)
  const seals = files.flatMap(it => it.seals)
  refuseSeals(seals, findings)
  if (storage === undefined || findings.list.length > 0) return { findings: findings.list }
  return {
    value: {
      storage,
      listeners,
      seals,
      defaultLeaseTtl,
      maxLeaseTtl,
      ...(leaseRevocationHorizon !== undefined && { leaseRevocationHorizon }),
      audit,
      apiAuditCreation: values.unsafe_allow_api_audit_creation ?? false,
      userLockout: Object.assign({}, ...files.map(it => it.userLockout)) as ServerConfig['userLockout'],
      auditPrefixes: values.allow_audit_log_prefixing ?? false,
      ...(values.api_addr !== undefined && { apiAddr: values.api_addr }),
      ...(values.cluster_addr !== undefined && { clusterAddr: values.cluster_addr }),
      ...(values.cluster_name !== undefined && values.cluster_name !== '' && { clusterName: values.cluster_name }),
      ...(values.log_level !== undefined && { logLevel: values.log_level }),
      ...(values.log_format !== undefined && { logFormat: values.log_format }),
      ...(values.log_file !== undefined && values.log_file !== '' && { logFile: values.log_file }),
      ...(values.pid_file !== undefined && values.pid_file !== '' && { pidFile: values.pid_file }),
    },
    findings: [],
  }
}

function merged(before: Values, after: Values): Values {
  const largest = LARGEST.map(name => [name, Math.max(before[name] ?? 0, after[name] ?? 0)] as const).filter(([, it]) => it > 0)
  return { ...before, ...after, ...(Object.fromEntries(largest) as Partial<Values>) }
}

/** Zero is the default, in these words. */
const positive = <T extends number>(value: T | undefined): T | undefined => (value === 0 ? undefined : value)

const withDefaults = (listener: ListenerConfig, { default_max_request_duration: duration }: Values): ListenerConfig =>
  listener.maxRequestDuration === undefined && duration !== undefined ? { ...listener, maxRequestDuration: duration } : listener

function refuseShared(listeners: readonly ListenerConfig[], findings: Findings): void {
  const seen = new Set<string>()
  for (const { address, at } of listeners) {
    const key = keyOf(address)
    if (key !== undefined && seen.has(key)) findings.error(codes.conflict, `another listener has the address ${key} already`, at)
    if (key !== undefined) seen.add(key)
  }
}

/** Port 0 is any free one. */
const keyOf = (address: ListenerAddress): string | undefined =>
  'path' in address ? address.path : address.port === 0 ? undefined : `${address.host}:${address.port}`

function isUrl(text: string): boolean {
  const url = URL.parse(text)
  return url !== null && (url.protocol === 'http:' || url.protocol === 'https:')
}
