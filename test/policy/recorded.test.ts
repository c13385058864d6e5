import { describe, expect, it } from 'vitest'

import { type Acl, compileAcl } from '../../src/policy/index.ts'
import { DEFAULT_POLICY } from '../../src/server/core/built-in-policies.ts'
import { policyOf } from './policy-of.ts'
import { factsOf, filledIn, flagsOf, namespacePath, type RecordedCase, recordedCases } from './recorded-cases.ts'

const now = new Date('2026-11-24T12:00:00Z')

function aclOf(recorded: RecordedCase): Acl {
  const namespace = namespacePath(recorded.setup?.policy_and_token_in)
  const policies = Object.entries(recorded.policies)
    .filter((entry): entry is [string, string] => entry[1] !== null)
    .map(([name, text]) => ({
      ...policyOf(name, text === 'builtin' ? DEFAULT_POLICY : filledIn(text)),
      templateFlags: flagsOf(recorded),
      namespace,
    }))
  return compileAcl(policies, { now, facts: factsOf(recorded), namespace })
}

describe('sys/capabilities of the recorded cases', () => {
  it.each(recordedCases)('$id: $note', recorded => {
    const acl = aclOf(recorded)
    if (recorded.expected_capabilities === null) {
      expect(`1 error occurred:\n\t* ${acl.failure?.message.replace('policy "t"', 'policy "zz-hcl-t"')}\n\n`).toBe(
        recorded.capabilities_error?.errors[0],
      )
    } else {
      const path = namespacePath(recorded.setup?.asked_in) + filledIn(recorded.path)
      expect(acl.capabilities(path)).toEqual(recorded.expected_capabilities)
    }
  })
})
