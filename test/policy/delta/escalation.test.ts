import { describe, expect, it } from 'vitest'
import { accessDelta, type HeldPolicy } from '../../../src/policy/index.ts'
import { policyOf } from '../policy-of.ts'

const now = new Date('2026-11-28T12:00:00Z')
const policy = (text: string): HeldPolicy => policyOf('p', text, now)

/** Why the first change from one text to another is an escalation. */
function escalation(before: string, after: string): string | undefined {
  return accessDelta([policy(before)], [policy(after)], { now }).changes.find(it => it.escalates !== undefined)?.escalates
}
const allow = (path: string, ...capabilities: readonly string[]): string =>
  `path "${path}" { capabilities = ${JSON.stringify(capabilities)} }\n`
const NOTHING = '# nothing'

describe('an escalation', () => {
  it.each([
    ['sys/policies/acl/*', ['create', 'update'], 'rewrite any policy, its own too'],
    ['sys/policies/acl/*', ['create', 'update', 'sudo'], 'rewrite any policy, its own too'],
    ['sys/policies/acl/*', ['patch', 'sudo'], 'rewrite any policy, its own too'],
    ['identity/group/name/ops', ['update', 'sudo'], 'give any group any policy'],
    ['auth/token/roles/+', ['update', 'sudo'], 'make tokens with any policy'],
    ['auth/token/create', ['update', 'sudo'], 'make tokens with any policy'],
    ['sys/mounts/x', ['update', 'sudo'], 'mount and unmount engines'],
    ['sys/auth/x', ['update', 'sudo'], 'mount a login method of its own'],
    ['sys/raw/*', ['read', 'sudo'], 'use root-protected paths'],
    ['*', ['update', 'sudo'], 'rewrite any policy, its own too'],
  ] as const)('is to gain %s with %j', (path, capabilities, why) => {
    expect(escalation(NOTHING, allow(path, ...capabilities))).toBe(why)
  })

  it('is to gain the one of two rights that was missing', () => {
    expect(escalation(allow('auth/token/create', 'update'), allow('auth/token/create', 'update', 'sudo'))).toBe(
      'make tokens with any policy',
    )
    expect(escalation(allow('auth/token/create', 'sudo'), allow('auth/token/create', 'update', 'sudo'))).toBe('make tokens with any policy')
  })

  it.each([
    ['sys/policies/acl/*', ['read', 'list']],
    ['auth/token/create', ['update']],
    ['secret/data/x', ['create', 'update', 'sudo']],
  ] as const)('is not to gain %s with %j', (path, capabilities) => {
    expect(escalation(NOTHING, allow(path, ...capabilities))).toBeUndefined()
  })

  it('is not to lose anything', () => {
    expect(escalation(allow('*', 'update', 'sudo'), NOTHING)).toBeUndefined()
  })
})
