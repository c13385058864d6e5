import { byBytes, goText, type Row, type Shape, shaped, table } from '../../output/index.ts'

type Data = Readonly<Record<string, unknown>>

const config: Shape = [
  { name: 'default_lease_ttl', kind: 'number' },
  { name: 'max_lease_ttl', kind: 'number' },
  { name: 'force_no_cache', kind: 'switch' },
  { name: 'audit_non_hmac_request_keys', kind: 'list', sparse: true },
  { name: 'audit_non_hmac_response_keys', kind: 'list', sparse: true },
  { name: 'listing_visibility', kind: 'text', sparse: true },
  { name: 'passthrough_request_headers', kind: 'list', sparse: true },
  { name: 'allowed_response_headers', kind: 'list', sparse: true },
  { name: 'token_type', kind: 'text', sparse: true },
  { name: 'allowed_managed_keys', kind: 'list', sparse: true },
]

const mountShape: Shape = [
  { name: 'uuid', kind: 'text' },
  { name: 'type', kind: 'text' },
  { name: 'description', kind: 'text' },
  { name: 'accessor', kind: 'text' },
  { name: 'config', kind: config },
  { name: 'options', kind: 'map' },
  { name: 'local', kind: 'switch' },
  { name: 'seal_wrap', kind: 'switch' },
  { name: 'external_entropy_access', kind: 'switch' },
  { name: 'plugin_version', kind: 'text' },
  { name: 'running_plugin_version', kind: 'text' },
  { name: 'running_sha256', kind: 'text' },
  { name: 'deprecation_status', kind: 'text' },
]

/** The mounts of a table by path, in order, each with all the keys it can have. */
export function shapedMounts(data: Data): Readonly<Record<string, Data>> {
  const made = Object.create(null) as Record<string, Data>
  for (const path of Object.keys(data).sort(byBytes)) made[path] = shaped(data[path], mountShape)
  return made
}

const ttl = (type: unknown, value: unknown): string =>
  type === 'system' || type === 'cubbyhole' ? '' : value === 0 ? 'system' : goText(value)

/** What both tables tell of a mount; `special` is the column that only one of them has. */
export function detailedMounts(
  mounts: Readonly<Record<string, Data>>,
  special: { readonly heading: string; of(config: Data): string },
): string {
  const heading = `Path | Plugin | Accessor | Default TTL | Max TTL | ${special.heading} | Replication | Seal Wrap | External Entropy Access | Options | Description | UUID | Version | Running Version | Running SHA256 | Deprecation Status`
  const rows = Object.entries(mounts).map(([path, it]): Row => {
    const settings = it['config'] as Data
    return [
      path,
      goText(it['type']),
      goText(it['accessor']),
      ttl(it['type'], settings['default_lease_ttl']),
      ttl(it['type'], settings['max_lease_ttl']),
      special.of(settings),
      it['local'] === true ? 'local' : 'replicated',
      goText(it['seal_wrap']),
      goText(it['external_entropy_access']),
      goText(it['options'] ?? {}),
      goText(it['description']),
      goText(it['uuid']),
      goText(it['plugin_version']),
      goText(it['running_plugin_version']),
      goText(it['running_sha256']),
      goText(it['deprecation_status']),
    ]
  })
  return table(heading, rows)
}
