import { nearest } from '../../kernel/index.ts'
import { problemOf, withRole } from './kit/index.ts'
import type { Problem, Rule } from './rule.ts'
import { eachRule, type MountFact, type RuleView } from './view/index.ts'

type MountTable = MountFact['table']

/** What every server has. */
const builtIn = ['sys/', 'identity/', 'cubbyhole/', 'auth/token/', 'agent-registry/']

const reader = (path: string): string => `path "${path}" {\n  capabilities = ["read"]\n}\n`

export const missingMount: Rule = {
  id: 'missing-mount',
  severity: 'warning',
  doc: 'A path that is below no mount of the repository.',
  why: 'There is nothing to allow: the name of the mount is mistyped, or the mount is made elsewhere, and then a suppression can say where.',
  bad: withRole('token_policies: [app-read]', { 'policies/app-read.hcl': reader('secrets/data/app') }),
  good: withRole('token_policies: [app-read]', { 'policies/app-read.hcl': reader('secret/data/app') }),
  check(view) {
    const { repository } = view
    const knownIn = (table: MountTable): readonly string[] | undefined => {
      const mounts = repository?.mounts.filter(it => it.table === table) ?? []
      return mounts.length === 0 ? undefined : [...mounts.map(it => it.path), ...builtIn]
    }
    const known = { auth: knownIn('auth'), engine: knownIn('engine') }
    return eachRule(rule => problemsOf(rule, known[rule.path.startsWith('auth/') ? 'auth' : 'engine']))(view)
  },
}

function* problemsOf(rule: RuleView, known: readonly string[] | undefined): Generator<Problem> {
  const { path } = rule
  if (known === undefined || path.startsWith('/') || known.some(it => path.startsWith(it))) return
  // Up to the first wildcard or template, behind which it can be anything.
  const head = /^(?:(?!\{\{|\+(?:\/|$)|\*$).)*/s.exec(path)?.[0] ?? ''
  if (known.some(it => head.startsWith(it) || it.startsWith(head) || head === it.slice(0, -1))) return
  const first = path
    .split('/')
    .slice(0, path.startsWith('auth/') ? 2 : 1)
    .join('/')
  const near = nearest(`${first}/`, known)
  const hint = near === undefined ? 'add the mount, or say in a suppression where it is made' : `did you mean ${near}?`
  yield problemOf(rule, `no mount of this repository is at ${first}/`, { hint })
}
