import { asksForSudo } from '../../policy/index.ts'
import { pkiMounts, problemAt } from './kit/index.ts'
import type { Rule } from './rule.ts'
import { eachRuleBut } from './view/index.ts'

export const sudoMissing: Rule = {
  id: 'sudo-missing',
  severity: 'warning',
  doc: 'A root-protected path without sudo.',
  why: 'The server asks for sudo besides the capability of the operation, and refuses every request without it.',
  bad: 'path "sys/auth/*" {\n  capabilities = ["create", "update"]\n}\n',
  good: 'path "sys/auth/*" {\n  capabilities = ["create", "update", "sudo"]\n}\n',
  check: eachRuleBut(
    rule => rule.isDeny || rule.can('sudo') || rule.rule.capabilities.length === 0,
    function* (rule, policy, view) {
      if (!/^(sys|auth)\//.test(rule.path) && pkiMounts(view).length === 0) return
      const mounts = pkiMounts(view)
      const refused = (listed: boolean): boolean =>
        policy.reach.witnesses(rule).every(it => asksForSudo(listed && !it.endsWith('/') ? `${it}/` : it, mounts))
      const [lists, others] = [rule.can('list') || rule.can('scan'), rule.rule.capabilities.some(it => it !== 'list' && it !== 'scan')]
      if ((lists && !refused(true)) || (others && !refused(false))) return
      yield problemAt(rule, 'capabilities', `"${rule.path}" is root-protected: without sudo every request is refused`, { hint: 'add sudo' })
    },
  ),
}
