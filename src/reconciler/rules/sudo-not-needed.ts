import { rangeOf } from '../../hcl/index.ts'
import { mayNeedSudo, problemIn, withoutElement } from './kit/index.ts'
import type { Edit, Rule } from './rule.ts'
import { attributeOf, eachRuleBut, elementsOf, overlap } from './view/index.ts'

/** Here sudo lifts the rule that a child has only policies of its parent. */
const lifting = ['auth/token/create', 'auth/token/create-orphan', 'auth/token/create/+']

export const sudoNotNeeded: Rule = {
  id: 'sudo-not-needed',
  severity: 'warning',
  doc: 'sudo on a path that is not root-protected.',
  why: 'The server asks for sudo on a few paths of its own, and nowhere else does it change anything; it only makes the rule look more powerful than it is.',
  bad: 'path "secret/data/app/*" {\n  capabilities = ["read", "sudo"]\n}\n',
  good: 'path "secret/data/app/*" {\n  capabilities = ["read"]\n}\n',
  check: eachRuleBut(
    rule => !rule.can('sudo') || rule.isTemplated,
    function* (rule, _policy, view) {
      // Below a namespace the same paths are protected again.
      if (rule.path.startsWith('+') || rule.path.includes('/sys/') || rule.path.includes('/auth/')) return
      if (lifting.some(it => overlap(rule.path, it)) || mayNeedSudo(rule.path, view)) return
      const item = attributeOf(rule, 'capabilities')
      const found = elementsOf(rule.tree, item).filter(it => it.text === 'sudo')
      const [first] = found
      if (first === undefined || item?.value.kind !== 'list') return
      const edit: Edit | undefined =
        found.length === 1 && item.value.elements.length > 1 ? withoutElement(rule.tree, item.value, first.index) : undefined
      yield problemIn(rangeOf(rule.tree, first.node), `sudo changes nothing on "${rule.path}"`, {
        hint: 'remove it',
        ...(edit === undefined ? {} : { fix: { title: 'remove sudo', safe: true, edits: [edit] } }),
      })
    },
  ),
}
