import { problemIn, withRole } from './kit/index.ts'
import type { Rule } from './rule.ts'

export const rootPolicyRef: Rule = {
  id: 'root-policy-ref',
  severity: 'error',
  doc: 'A role gives the policy root.',
  why: 'The server takes the role, and refuses every login with it: an auth method cannot make root tokens.',
  bad: withRole('token_policies: [app-read, root]'),
  good: withRole('token_policies: [app-read]'),
  *check({ repository }) {
    for (const holder of repository?.holders ?? [])
      if (holder.policies.includes('root'))
        yield problemIn(holder.nameAt('root'), `${holder.address} gives the policy root`, { hint: 'no login can: name what it needs' })
  },
}
