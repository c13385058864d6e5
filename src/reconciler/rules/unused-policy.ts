import { ofFile, withRole } from './kit/index.ts'
import type { Rule } from './rule.ts'

export const unusedPolicy: Rule = {
  id: 'unused-policy',
  severity: 'note',
  everywhere: true,
  doc: 'A policy that nothing in the repository gives to a token.',
  why: 'It does nothing, or somebody gives it by hand, where no review sees it.',
  bad: withRole('token_policies: [default]'),
  good: withRole('token_policies: [app-read]'),
  *check({ repository, policies }) {
    if (repository === undefined || repository.holders.length === 0) return
    const used = new Set(repository.holders.flatMap(it => it.policies))
    for (const { name, file } of policies)
      if (!used.has(name) && name !== 'default')
        yield ofFile(file.name, `nothing gives the policy ${name}`, { hint: 'name it in a role, or remove it' })
  },
}
