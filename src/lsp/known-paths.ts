import { sudoPaths } from '../policy/index.ts'
import type { WorkspaceView } from '../reconciler/rules/index.ts'

interface KnownPath {
  readonly path: string
  readonly about: string
}

/** What lies directly below a kv mount of version 2. */
const kv2Parts: Readonly<Record<string, string>> = {
  'data/': 'The values of secrets.',
  'metadata/': 'Names, versions and custom metadata; lists are asked here. Delete removes all versions.',
  'delete/': 'Delete versions, so that they can be brought back.',
  'undelete/': 'Bring deleted versions back.',
  'destroy/': 'Remove versions for good.',
  'subkeys/': 'The keys of a secret without its values.',
  config: 'Settings of the engine.',
}

const builtIn: readonly KnownPath[] = [
  { path: 'sys/', about: 'The system: mounts, policies, leases, seal.' },
  { path: 'sys/policies/acl/', about: 'ACL policies.' },
  { path: 'sys/mounts', about: 'The secrets engines.' },
  { path: 'sys/auth', about: 'The auth methods.' },
  { path: 'sys/leases/lookup', about: 'What is known of a lease.' },
  { path: 'sys/leases/renew', about: 'Renew a lease.' },
  { path: 'sys/leases/revoke', about: 'Revoke a lease.' },
  { path: 'sys/capabilities-self', about: "What one's own token may do." },
  { path: 'sys/wrapping/unwrap', about: 'Open a wrapped reply.' },
  { path: 'identity/', about: 'Entities and groups.' },
  { path: 'cubbyhole/', about: "The token's own storage." },
  { path: 'auth/token/', about: 'Tokens.' },
  { path: 'auth/token/create', about: 'Create a token.' },
  { path: 'auth/token/lookup-self', about: "What is known of one's own token." },
  { path: 'auth/token/renew-self', about: "Renew one's own token." },
  { path: 'auth/token/revoke-self', about: "Revoke one's own token." },
]

/** Where a rule's path may begin: the mounts of the repository and what every server has. */
export function knownPaths({ repository }: WorkspaceView): readonly KnownPath[] {
  const mounts = (repository?.mounts ?? []).flatMap(({ path, type, version, table }): readonly KnownPath[] => {
    const about = `${table === 'auth' ? 'Auth method' : 'Secrets engine'} ${type}${version === undefined ? '' : `, version ${version}`}.`
    const parts = type === 'kv' && version === 2 ? Object.entries(kv2Parts).map(([part, it]) => ({ path: path + part, about: it })) : []
    return [{ path, about }, ...parts]
  })
  const holders = (repository?.holders ?? []).flatMap(({ address }) =>
    address.startsWith('auth/') ? { path: address, about: 'A role of this repository.' } : [],
  )
  const guarded = sudoPaths.flatMap(({ mount, path }) =>
    mount === 'pki'
      ? []
      : { path: `${mount === 'system' ? 'sys/' : 'auth/token/'}${path}`, about: 'Root-protected: the rule needs sudo too.' },
  )
  const found = new Map([...mounts, ...holders, ...builtIn, ...guarded].map(it => [it.path, it]))
  return [...found.values()].sort((a, b) => (a.path < b.path ? -1 : 1))
}
