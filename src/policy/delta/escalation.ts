import { sudoPaths } from '../sudo-paths.ts'
import type { AccessChange } from './access-change.ts'
import { covers, intersect, overlap, type Pattern, patternOf } from './pattern.ts'

/** Paths by which a holder can take rights that its policies do not show. */
export interface EscalationPath {
  readonly path: string
  /** What it lets its holder do, behind "lets its holder". */
  readonly gives: string
  readonly needsSudo?: true
}

/** Those with the usual mounts; what login methods keep depends on where they are mounted. */
export const escalationPaths: readonly EscalationPath[] = [
  { path: 'sys/policies/acl/*', gives: 'rewrite any policy, its own too' },
  { path: 'sys/policy/*', gives: 'rewrite any policy, its own too' },
  { path: 'identity/entity', gives: 'give any entity any policy' },
  { path: 'identity/entity/name/+', gives: 'give any entity any policy' },
  { path: 'identity/entity/id/+', gives: 'give any entity any policy' },
  { path: 'identity/group', gives: 'give any group any policy' },
  { path: 'identity/group/name/+', gives: 'give any group any policy' },
  { path: 'identity/group/id/+', gives: 'give any group any policy' },
  { path: 'auth/token/roles/+', gives: 'make tokens with any policy' },
  { path: 'auth/token/create', gives: 'make tokens with any policy', needsSudo: true },
  { path: 'auth/token/create-orphan', gives: 'make tokens with any policy', needsSudo: true },
  { path: 'sys/auth/+', gives: 'mount a login method of its own', needsSudo: true },
  { path: 'sys/mounts/+', gives: 'mount and unmount engines' },
]

const logins: readonly EscalationPath[] = ['role', 'roles', 'users', 'groups', 'certs', 'map'].map(it => ({
  path: `auth/+/${it}/+`,
  gives: 'give a login any policy',
}))

const patternOfText = (path: string): Pattern => {
  const kind = path.includes('+') ? 'segment' : path.endsWith('*') ? 'prefix' : 'exact'
  return patternOf({ kind }, kind === 'prefix' ? path.slice(0, -1) : path)
}

const ways = [...escalationPaths, ...logins].map(it => ({ ...it, pattern: patternOfText(it.path) }))
const mounts: Readonly<Record<'system' | 'token' | 'pki', string>> = { system: 'sys/', token: 'auth/token/', pki: '+/' }
const protectedOnes = sudoPaths.map(it => patternOfText(mounts[it.mount] + it.path))

const WRITES: ReadonlySet<string> = new Set(['create', 'update', 'patch'])

/** Why what is gained is as good as more: undefined where it is what it seems. `sudoToo`: the rule gives sudo, new or not. */
export function escalationOf(
  { change, capabilities }: Pick<AccessChange, 'change' | 'capabilities'>,
  region: { readonly pattern: Pattern; readonly except: readonly Pattern[] },
  sudoToo: boolean,
): string | undefined {
  if (change === 'lost' || change === 'narrowed') return undefined
  const reaches = (way: Pattern): boolean => {
    const common = overlap(way, region.pattern) ? intersect(way, region.pattern) : undefined
    return common !== undefined && !region.except.some(it => covers(it, common))
  }
  const hasSudo = capabilities.includes('sudo')
  const writes = capabilities.some(it => WRITES.has(it))
  // Of a way that needs both, either may have been there before.
  const way = ways.find(it => (it.needsSudo === true ? hasSudo || (writes && sudoToo) : writes) && reaches(it.pattern))
  if (way !== undefined) return way.gives
  return hasSudo && protectedOnes.some(reaches) ? 'use root-protected paths' : undefined
}
