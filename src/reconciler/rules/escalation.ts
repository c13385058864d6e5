import { problemOf } from './kit/index.ts'
import type { Rule } from './rule.ts'
import { eachRuleBut, type WorkspaceView, overlapping } from './view/index.ts'

interface Way {
  readonly path: string
  readonly gives: string
  readonly needsSudo?: true
}

const ways: readonly Way[] = [
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

/** What login methods keep, by their type: whoever writes it chooses the policies of the next login. */
const logins: Readonly<Record<string, readonly string[]>> = {
  approle: ['role/+', 'role/+/policies', 'role/+/token-policies'],
  userpass: ['users/+', 'users/+/policies'],
}

const gives = 'give a login any policy'

const loginWays = (view: WorkspaceView): readonly Way[] => {
  const mounts = view.repository?.mounts.filter(it => it.table === 'auth') ?? []
  const known = mounts.length > 0 ? mounts : Object.keys(logins).map(type => ({ type, path: `auth/${type}/` }))
  return known.flatMap(({ type, path }) => (logins[type] ?? []).map(it => ({ path: path + it, gives })))
}

export const escalation: Rule = {
  id: 'escalation',
  severity: 'warning',
  doc: 'A rule that lets its holder take more rights than the policy shows.',
  why: 'Whoever may write policies, identities, roles of login methods or mounts can give any rights to a token of its own. Such a policy is as good as root and deserves a reason.',
  bad: 'path "sys/policies/acl/*" {\n  capabilities = ["create", "update"]\n}\n',
  good: 'path "sys/policies/acl/*" {\n  capabilities = ["read", "list"]\n}\n',
  check(view) {
    const all = [...ways, ...loginWays(view)].map(it => ({ ...it, segments: it.path.split('/') }))
    return eachRuleBut(
      rule => !(rule.can('create') || rule.can('update') || rule.can('patch')),
      function* (rule) {
        if (!(rule.can('create') || rule.can('update') || rule.can('patch')) || rule.path === '*' || rule.path.startsWith('+/')) return
        const way = all.find(it => (it.needsSudo !== true || rule.can('sudo')) && overlapping(rule.segments, it.segments))
        if (way !== undefined)
          yield problemOf(rule, `"${rule.path}" lets its holder ${way.gives}`, {
            hint: 'narrow it, or say in a suppression who holds it and why',
          })
      },
    )(view)
  },
}
