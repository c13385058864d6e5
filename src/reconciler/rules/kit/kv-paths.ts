import type { RuleView, WorkspaceView } from '../view/index.ts'

/** What a kv mount of version 2 has directly below it. */
export const kv2Parts: ReadonlySet<string> = new Set(['data', 'metadata', 'delete', 'undelete', 'destroy', 'subkeys', 'config'])

export interface Kv2Path {
  readonly mount: string
  /** The segment behind the mount: `data`, `metadata`, …; may hold a wildcard. */
  readonly part: string
  /** Behind it. */
  readonly rest: string
}

/** A rule's path if it is below a kv mount of version 2 that the repository has. */
export function kv2PathOf({ path }: RuleView, view: WorkspaceView): Kv2Path | undefined {
  const mount = view.mountOf(path)
  if (mount?.type !== 'kv' || mount.version !== 2) return undefined
  const [part = '', ...rest] = path.slice(mount.path.length).split('/')
  return { mount: mount.path, part, rest: rest.join('/') }
}

/** Example files: one mount of version 2. */
export const withKv2 = (policy: string): Readonly<Record<string, string>> => ({
  'engines/secret.yaml': 'type: kv-v2\n',
  'roles/approle.yaml': 'type: approle\nroles:\n  app:\n    token_policies: [app]\n',
  'policies/app.hcl': policy,
})
