/** How long a new token lives: what was asked for, its role, the mount. */
import { f } from '../../../schema/index.ts'
import { effectiveTtl, faults, type LeaseDefaults } from '../../logical/index.ts'
import type { TokenRole } from './role.ts'

interface Question {
  readonly input: { readonly ttl?: string; readonly lease?: string; readonly explicitMaxTtl?: string; readonly period?: string }
  readonly type: 'service' | 'batch'
  readonly sudo: boolean
  readonly role: TokenRole | undefined
  readonly policies: readonly string[]
  readonly defaults: LeaseDefaults
  readonly now: Date
}
interface Times {
  readonly ttl: number
  /** As asked for, without the role's: what the token itself remembers. */
  readonly ownExplicitMaxTtl: number
  readonly ownPeriod: number
  readonly warnings: readonly string[]
}

export function childTtl({ input, type, sudo, role, policies, defaults, now }: Question): Times {
  const warnings: string[] = []
  const ownExplicitMaxTtl = span('explicit_max_ttl', input.explicitMaxTtl)
  const ownPeriod = span('period', input.period)
  if (ownPeriod > 0 && !sudo) throw faults.refused({ why: 'root or sudo privileges required to create periodic token' })
  const asked = input.ttl ? span('ttl', input.ttl) : span('lease', input.lease)
  const lesser = (what: string, own: number, limit: number): number => {
    if (role === undefined || type === 'batch' || limit === 0) return own
    if (own === 0) return limit
    const least = Math.min(own, limit)
    warnings.push(`${what} specified both during creation call and in role; using the lesser value of ${least} seconds`)
    return least
  }
  const explicitMaxTtl = lesser('Explicit max TTL', ownExplicitMaxTtl, role?.tokenExplicitMaxTtl ?? 0)
  const period = lesser('Period', ownPeriod, role?.tokenPeriod ?? 0)
  let ttl = asked
  if (period > 0 || asked > 0 || !policies.includes('root')) {
    const effective = effectiveTtl(defaults, { backendTtl: asked, period, explicitMaxTtl, now: now.getTime() })
    ttl = effective.ttl
    warnings.push(...effective.warnings)
  }
  // A root token is bound by an explicit maximum like any other.
  if (ttl === 0 && explicitMaxTtl > 0) ttl = explicitMaxTtl
  return { ttl, ownExplicitMaxTtl, ownPeriod, warnings }
}

const anySpan = f.signedDuration('A span of time, of either sign.')

function span(name: string, value: string | undefined): number {
  if (value === undefined || value === '') return 0
  const refuse = (why: string): never => {
    throw faults.refused({ why })
  }
  const seconds = anySpan.decode(value, refuse) ?? 0
  if (seconds < 0) throw faults.refused({ why: `${name} must be positive` })
  return seconds
}
