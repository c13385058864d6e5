import { parsePolicy, type PolicyDoc } from '../../src/hcl/policy/index.ts'

/** The document of a policy that is known to be good. */
export function policyOf(name: string, text: string, now: Date = new Date('2026-11-24T12:00:00Z')): PolicyDoc {
  const { value, findings } = parsePolicy({ name: `${name}.hcl`, text }, { now })
  if (value === undefined) throw new Error(`${name}: ${findings.map(it => it.summary).join(', ')}`)
  return { ...value, name }
}
