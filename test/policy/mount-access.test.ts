import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { compileAcl, rootAcl } from '../../src/policy/index.ts'
import { policyOf } from './policy-of.ts'

const now = new Date('2026-11-24T12:00:00Z')
/** Recorded from the real server: a policy, and which of three mounts sys/internal/ui/mounts shows to its holder. */
const recorded: readonly { readonly policy: string; readonly shown: readonly string[] }[] = JSON.parse(
  readFileSync(new URL('../vectors/acl-mounts.json', import.meta.url), 'utf8'),
)

describe('the mounts shown to a token', () => {
  it.each(recorded)('are those of the server for $policy', ({ policy, shown }) => {
    const acl = compileAcl([policyOf('p', policy)], { now })
    expect(['acl1', 'm', 'deep/a/b'].filter(it => acl.mayReachMount(`${it}/`))).toEqual(shown)
  })

  it('are all those of its namespace for root', () => {
    expect(rootAcl().mayReachMount('any/')).toBe(true)
    expect(rootAcl('team/').mayReachMount('team/any/')).toBe(true)
    expect(rootAcl('team/').mayReachMount('any/')).toBe(false)
  })
})
