import { nearest } from '../../kernel/index.ts'
import { problemIn, withRole } from './kit/index.ts'
import type { Rule } from './rule.ts'

/** Those that every server has. */
const builtIn: ReadonlySet<string> = new Set(['default', 'root', 'response-wrapping', 'control-group'])

export const missingPolicyRef: Rule = {
  id: 'missing-policy-ref',
  severity: 'error',
  doc: 'A role names a policy that the repository does not have.',
  why: 'The server takes the role without a word, and its tokens lack what the policy should give.',
  bad: withRole('token_policies: [app-raed]'),
  good: withRole('token_policies: [app-read]'),
  *check(view) {
    if (view.policyNames.size === 0) return
    for (const holder of view.repository?.holders ?? []) {
      for (const name of holder.policies) {
        if (builtIn.has(name) || view.policyNames.has(name)) continue
        const near = nearest(name, view.policyNames)
        yield problemIn(holder.nameAt(name), `there is no policy ${name} for ${holder.address}`, {
          hint: near === undefined ? `add policies/${name}.hcl` : `did you mean ${near}?`,
        })
      }
    }
  },
}
