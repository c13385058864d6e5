/**
 * Whom a token says it stands for. Bound tokens (TokenRequest, projected volumes) say it in the claim `kubernetes.io`, those of old,
 * which lay in a Secret, in flat claims; where both are there, the former count.
 */
import { faults } from '../../logical/index.ts'
import type { Claims } from './claims.ts'

export interface ServiceAccount {
  readonly namespace: string
  readonly name: string
  readonly uid: string
  /** Of the Secret that a token of old lay in. */
  readonly secretName: string
  readonly audiences: readonly string[]
}

const FLAT = 'kubernetes.io/serviceaccount'

/** Throws the peer's words for claims of the wrong form. */
export function serviceAccountOf(claims: Claims): ServiceAccount {
  const wrong: string[] = []
  const text = (of: Claims, key: string, path = key): string => {
    const value = of[key] ?? ''
    if (typeof value === 'string') return value
    wrong.push(`'${path}' expected type 'string', got unconvertible type '${goType(value)}'`)
    return ''
  }
  const struct = (of: Claims, key: string, path = key): Claims | undefined => {
    const value = of[key] ?? undefined
    if (value === undefined) return undefined
    if (typeof value === 'object' && !Array.isArray(value)) return value as Claims
    wrong.push(`'${path}' expected a map or struct, got "${goKind(value)}"`)
    return undefined
  }
  const flat = {
    name: text(claims, `${FLAT}/service-account.name`),
    uid: text(claims, `${FLAT}/service-account.uid`),
    secretName: text(claims, `${FLAT}/secret.name`),
    namespace: text(claims, `${FLAT}/namespace`),
  }
  const audiences = claims['aud'] ?? []
  if (!Array.isArray(audiences)) wrong.push(`'aud' source data must be an array or slice, got ${goKind(audiences)}`)
  const bound = struct(claims, 'kubernetes.io')
  const namespace = bound && text(bound, 'namespace', 'kubernetes.io.namespace')
  const pod = bound && struct(bound, 'pod', 'kubernetes.io.pod')
  if (pod !== undefined) for (const key of ['name', 'uid']) text(pod, key, `kubernetes.io.pod.${key}`)
  const account = bound && struct(bound, 'serviceaccount', 'kubernetes.io.serviceaccount')
  const own = account && {
    name: text(account, 'name', 'kubernetes.io.serviceaccount.name'),
    uid: text(account, 'uid', 'kubernetes.io.serviceaccount.uid'),
  }
  if (wrong.length > 0) throw faults.failed({ why: `decoding failed due to the following error(s):\n\n${wrong.join('\n')}` })
  return { ...flat, ...own, ...(namespace !== undefined && { namespace }), audiences: audiences as readonly string[] }
}

const goKind = (value: unknown): string =>
  Array.isArray(value)
    ? 'slice'
    : typeof value === 'number'
      ? 'float64'
      : typeof value === 'boolean'
        ? 'bool'
        : typeof value === 'string'
          ? 'string'
          : 'map'
const goType = (value: unknown): string =>
  Array.isArray(value) ? '[]interface {}' : typeof value === 'object' ? 'map[string]interface {}' : goKind(value)
