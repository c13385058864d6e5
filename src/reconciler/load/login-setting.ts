import type { Diagnostic } from '../../kernel/index.ts'
import { errorAt, nodeWords, type Reference, type SourceNode, type TargetSettings } from '../model/index.ts'
import { referenceOf } from '../shapes/index.ts'
import { pathProblem } from './names.ts'

/** What no auth method takes that everybody may know. */
const SECRET: ReadonlySet<string> = new Set(['jwt', 'password', 'secret_id', 'token'])

/** `login:` of a target: the mount of an auth method, and what its login is told. */
export function readLogin(node: SourceNode, findings: Diagnostic[]): Pick<TargetSettings, 'login'> {
  if (node.is !== 'map') {
    findings.push(errorAt('LOAD0004', node.at, `login: expected a map with mount, found ${nodeWords(node)}`))
    return {}
  }
  const fields: Record<string, string | Reference> = {}
  let mount: string | undefined
  for (const { key, keyAt, value } of node.entries) {
    const reference = referenceOf(value)
    if (reference !== undefined) {
      findings.push(...reference.findings)
      if (key === 'mount') findings.push(errorAt('LOAD0004', value.at, 'mount: expected text; it is no secret'))
      else if (reference.value?.from === 'vault')
        findings.push(errorAt('LOAD0004', value.at, `${key}: nothing can be read before the login`))
      else if (reference.value !== undefined) fields[key] = reference.value
    } else if (value.is !== 'scalar' || typeof value.value !== 'string' || value.value === '') {
      findings.push(
        errorAt('LOAD0004', value.at, `${key}: expected text, or a reference such as { $env: NAME }, found ${nodeWords(value)}`),
      )
    } else if (SECRET.has(key)) {
      findings.push(
        errorAt(
          'LOAD0016',
          value.at,
          `${key} is a secret, and stands in clear in a file`,
          'name where it is kept: { $env: NAME } or { $file: PATH }',
        ),
      )
    } else if (key === 'mount') {
      mount = value.value.replace(/^auth\//, '').replace(/\/$/, '')
      const problem = pathProblem(mount)
      if (problem !== undefined) findings.push(errorAt('LOAD0007', keyAt, `mount: ${problem}`))
    } else fields[key] = value.value
  }
  if (mount !== undefined) return { login: { mount, fields } }
  findings.push(errorAt('LOAD0005', node.at, 'a login needs the mount of an auth method, such as mount: approle'))
  return {}
}
