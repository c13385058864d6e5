/** How long a lease or token may live: one calculation for creation and renewal (API page "Lease, renew, and revoke"). */
import { goDuration } from '../../kernel/index.ts'
import { faults } from './faults.ts'
import type { LeaseDefaults } from './mount.ts'

export interface TtlQuestion {
  /** All in seconds; 0 or absent: not said. */
  readonly increment?: number
  readonly backendTtl?: number
  readonly period?: number
  readonly backendMaxTtl?: number
  readonly explicitMaxTtl?: number
  /** Epoch milliseconds; absent: now. */
  readonly start?: number
  readonly now: number
}

/** Seconds from now, and what had to be cut. */
export function effectiveTtl(defaults: LeaseDefaults, q: TtlQuestion): { readonly ttl: number; readonly warnings: readonly string[] } {
  const now = Math.floor(q.now / 1000)
  const start = q.start === undefined ? now : Math.floor(q.start / 1000)
  let maxTtl: number = defaults.maxTtl
  for (const limit of [q.backendMaxTtl ?? 0, q.explicitMaxTtl ?? 0]) if (limit > 0 && limit < maxTtl) maxTtl = limit
  // A mount may be tuned to a negative maximum; nothing can be leased from it then.
  if (maxTtl <= 0) throw faults.failed({ why: 'max TTL must be greater than zero' })
  const warnings: string[] = []
  let ttl: number
  let last: number | undefined
  if (q.period !== undefined && q.period > 0) {
    let period = q.period
    if (period > maxTtl) {
      warnings.push(
        `period of "${shortDuration(period)}" exceeded the effective max_ttl of "${shortDuration(maxTtl)}"; period value is capped accordingly`,
      )
      period = maxTtl
    }
    ttl = period
    if (q.explicitMaxTtl !== undefined && q.explicitMaxTtl > 0) last = start + q.explicitMaxTtl
  } else {
    ttl = q.increment && q.increment > 0 ? q.increment : q.backendTtl && q.backendTtl > 0 ? q.backendTtl : defaults.ttl
    last = start + maxTtl
  }
  if (last !== undefined) {
    const left = last - now
    if (left <= 0) throw faults.failed({ why: 'past the max TTL, cannot renew' })
    if (ttl > left) {
      warnings.push(
        `TTL of "${shortDuration(ttl)}" exceeded the effective max_ttl of "${shortDuration(left)}"; TTL value is capped accordingly`,
      )
      ttl = left
    }
  }
  return { ttl, warnings }
}

/** A Go duration without its zero parts: `768h`, `1h30m`. */
function shortDuration(seconds: number): string {
  let text = goDuration(seconds)
  if (text.endsWith('m0s')) text = text.slice(0, -2)
  const at = text.indexOf('h0m')
  return at > 0 ? text.slice(0, at + 1) + text.slice(at + 3) : text
}
