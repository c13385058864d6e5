import { describe, expect, it } from 'vitest'
import { type Acl, compileAcl, DEFAULT_POLICY } from '../../src/policy/index.ts'
import { policyOf } from './policy-of.ts'
import { factsOf, filledIn, flagsOf, namespacePath, type RecordedCase, recordedCases } from './recorded-cases.ts'
import { queryOf, startingStore } from './recorded-requests.ts'

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
      const message = acl.failure?.message.replace('policy "t"', 'policy "zz-hcl-t"')
      expect(`1 error occurred:\n\t* ${message}\n\n`).toBe(recorded.capabilities_error?.errors[0])
    } else {
      const path = namespacePath(recorded.setup?.asked_in) + filledIn(recorded.path)
      expect(acl.capabilities(path)).toEqual(recorded.expected_capabilities)
    }
  })
})

describe('requests of the recorded cases', () => {
  it.each(recordedCases.filter(it => it.checks !== undefined))('$id: $note', recorded => {
    const acl = aclOf(recorded)
    const stored = startingStore()
    for (const request of recorded.checks ?? []) {
      const query = queryOf(request, stored)
      if (query === undefined) continue
      const decision = acl.decide(query)
      const what = `${request.method} ${request.path} ${JSON.stringify(request.body ?? {})}`
      if (request.status === 400 && request.errors?.[0] === 'Forbidden') expect(decision, what).toMatchObject({ reason: 'unusable' })
      else expect(decision.allowed, what).toBe(request.allowed)
      if (decision.allowed && request.wrapped === true && query.wrapTtl === undefined) expect(decision.controlGroup, what).toBeDefined()
      if (decision.allowed && query.op === 'create') stored.add(query.path)
    }
  })
})
