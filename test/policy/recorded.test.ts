import { describe, expect, it } from 'vitest'

import { type Acl, compileAcl } from '../../src/policy/index.ts'
import { readPolicy } from './read-policy.ts'
import { factsOf, filledIn, flagsOf, namespacePath, type RecordedCase, recordedCases } from './recorded-cases.ts'

const now = new Date('2026-11-24T12:00:00Z')

function aclOf(recorded: RecordedCase): Acl {
  const namespace = namespacePath(recorded.setup?.policy_and_token_in)
  const policies = Object.entries(recorded.policies)
    .filter((entry): entry is [string, string] => entry[1] !== null)
    .map(([name, text]) => ({ ...readPolicy(name, filledIn(text)), templateFlags: flagsOf(recorded), namespace }))
  return compileAcl(policies, { now, facts: factsOf(recorded), namespace })
}

const builtIn = ({ policies }: RecordedCase): boolean =>
  Object.values(policies).some(it => it === 'builtin' || it?.startsWith('{') === true)

describe('sys/capabilities of the recorded cases', () => {
  it.each(recordedCases.filter(it => !builtIn(it)))('$id: $note', recorded => {
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
