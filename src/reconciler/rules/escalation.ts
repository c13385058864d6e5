import { escalationPaths, type EscalationPath } from '../../policy/index.ts'
import { problemOf } from './kit/index.ts'
import type { Rule } from './rule.ts'
import { eachRuleBut, type WorkspaceView, overlapping } from './view/index.ts'

/** What login methods keep, by their type: whoever writes it chooses the policies of the next login. */
const logins: Readonly<Record<string, readonly string[]>> = {
  approle: ['role/+', 'role/+/policies', 'role/+/token-policies'],
  userpass: ['users/+', 'users/+/policies'],
}

const gives = 'give a login any policy'

const loginWays = (view: WorkspaceView): readonly EscalationPath[] => {
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
    const all = [...escalationPaths, ...loginWays(view)].map(it => ({ ...it, segments: it.path.split('/') }))
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
