import type { Checked } from '../../kernel/index.ts'
import { decodePolicyText, parsePolicy } from '../../hcl/index.ts'
import { errorAt, fileRange, finding, hasErrors, policyAddress, type Resource } from '../model/index.ts'
import { policyNameProblem } from './names.ts'

/** `policies/<name>.hcl`. The text is what is applied, to the letter; it is parsed to know that the server will take it. */
export function readPolicyFile(file: string, said: string, text: string, now: Date): Checked<Resource> {
  const name = said.toLowerCase()
  const at = fileRange(file)
  const address = policyAddress(name)
  const problem = policyNameProblem(name)
  if (problem !== undefined) {
    return {
      findings: [
        errorAt(/built in|ledger/.test(problem) ? 'LOAD0011' : 'LOAD0007', at, `the policy "${name}" cannot be managed: ${problem}`),
      ],
    }
  }
  if (text.trim() === '') {
    return { findings: [errorAt('LOAD0005', at, 'the policy is empty', 'a policy that grants nothing says so in a comment')] }
  }
  if (decodePolicyText(text) !== text) {
    return { findings: [errorAt('LOAD0004', at, 'the server would take this text for base64 and decode it', 'write the policy in clear')] }
  }
  const folded = name === said ? [] : [finding('warning', 'LOAD0013', `the server folds this name to ${name}`, { at, about: address })]
  const parsed = parsePolicy({ name: file, text }, { now })
  const findings = [...folded, ...parsed.findings.map(it => ({ ...it, about: address }))]
  if (parsed.value === undefined || hasErrors(findings)) return { findings }
  return {
    value: { address, kind: 'policy', values: { policy: text }, references: {}, from: at, at: {}, policies: [] },
    findings,
  }
}
