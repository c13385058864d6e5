import { problemIn, withRole } from './kit/index.ts'
import type { Rule } from './rule.ts'
import { reachOf, type PolicyView } from './view/index.ts'

export const noDefaultPolicyHint: Rule = {
  id: 'no-default-policy-hint',
  severity: 'note',
  doc: 'A role without the default policy whose policies do not let a token look at itself.',
  why: 'Without a rule for auth/token/lookup-self and renew-self, client libraries cannot tell when their token ends, nor renew it.',
  bad: withRole('token_policies: [app-read]\ntoken_no_default_policy: true'),
  good: withRole('token_policies: [app-read]\ntoken_no_default_policy: false'),
  *check(view) {
    for (const { resource, policies, address, together } of view.repository?.holders ?? []) {
      if (!together || resource.values['token_no_default_policy'] !== true || policies.includes('default')) continue
      const held: readonly PolicyView[] = policies.flatMap(it => view.policy(it) ?? [])
      const [first] = held
      if (first === undefined || held.length < policies.length) continue
      const { acl } = reachOf(held, first.now)
      if (acl.decide({ path: 'auth/token/lookup-self', op: 'read', sudoPath: false }).allowed) continue
      yield problemIn(resource.at['token_no_default_policy'] ?? resource.from, `tokens of ${address} cannot look at themselves`, {
        hint: 'allow read on auth/token/lookup-self and update on auth/token/renew-self in one of its policies',
      })
    }
  },
}
