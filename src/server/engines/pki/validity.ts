/** From when to when a certificate is valid: what the request asks for, within what role, mount and issuer allow. */
import { goDuration, goQuote } from '../../../kernel/index.ts'
import { faults, type LeaseDefaults } from '../../logical/index.ts'
import type { Role } from './role.ts'
import type { Signer } from './signer.ts'
import { parseRfc3339, shownTime } from './time.ts'

export interface ValidityWishes {
  /** Seconds. */
  readonly ttl?: number
  readonly notBefore?: string
  readonly notAfter?: string
}
export interface Validity {
  readonly notBefore: Date
  readonly notAfter: Date
  readonly warnings: readonly string[]
}

const user = (why: string): Error => faults.refused({ why })
function moment(text: string): Date {
  const found = parseRfc3339(text)
  if (found instanceof Date) return found
  throw user(found.why)
}

/** @throws a fault for what cannot be had */
export function validityOf(role: Role, wishes: ValidityWishes, signer: Signer | undefined, defaults: LeaseDefaults, now: Date): Validity {
  const notBefore = wishedStart(role, wishes, now)
  const { notAfter, warnings } = endOf(role, wishes, signer, defaults, now)
  return { notBefore: notBefore ?? before(now, role.notBeforeDuration > 0 ? role.notBeforeDuration : 30), notAfter, warnings }
}

/** For a request for signing: it begins as early as the role says, whatever else is asked for, as the peer has it. */
export const forRequest = (validity: Validity, role: Role, now: Date): Validity => ({
  ...validity,
  notBefore: before(now, role.notBeforeDuration > 0 ? role.notBeforeDuration : 30),
})

/** @throws a fault for a certificate that would end before it begins */
export function checkOrder({ notBefore, notAfter }: Validity): void {
  const [from, to] = [shownTime(notBefore), shownTime(notAfter)]
  if (notBefore > notAfter) throw user(`The certificate's Not Before (${from}) is later than the certificate's Not After (${to})`)
  if (notBefore.getTime() === notAfter.getTime())
    throw user(`The certificate's Not Before (${from}) is equal to the certificate's Not After (${to})`)
}

const before = (now: Date, seconds: number): Date => new Date(now.getTime() - seconds * 1000)

function wishedStart(role: Role, wishes: ValidityWishes, now: Date): Date | undefined {
  if (role.notBefore !== '') return moment(role.notBefore)
  if (wishes.notBefore === undefined) return undefined
  switch (role.notBeforeBound) {
    case 'duration': {
      const at = moment(wishes.notBefore)
      if (at < before(now, role.notBeforeDuration))
        throw user(
          `not_before_bound is set to duration. Cannot satisfy request as it would result in notBefore of ${shownTime(at)} that is older than the allowed not_before_duration of ${goDuration(role.notBeforeDuration)}`,
        )
      return at
    }
    case 'forbid':
      throw user('not_before_bound is set to forbid. not_before cannot be provided.')
    case 'permit':
      return wishes.notBefore === '' ? undefined : moment(wishes.notBefore)
    default:
      return undefined
  }
}

function endOf(
  role: Role,
  wishes: ValidityWishes,
  signer: Signer | undefined,
  defaults: LeaseDefaults,
  now: Date,
): Omit<Validity, 'notBefore'> {
  const bound = role.notAfterBound
  const latest = ['', 'permit', 'forbid', 'ttl-limited'].includes(bound) ? undefined : moment(bound)
  let fixed = role.notAfter
  if (fixed === '' && wishes.notAfter !== undefined) {
    if (bound === 'forbid') throw user('not_after_bound is set to forbid. not_after cannot be provided.')
    moment(wishes.notAfter)
    fixed = wishes.notAfter
  }
  if ((wishes.ttl ?? 0) > 0 && fixed !== '')
    throw user('Either ttl or not_after should be provided. Both should not be provided in the same request.')
  const warnings: string[] = []
  let ttl: number = wishes.ttl || role.ttl || defaults.ttl
  const max: number = role.maxTtl || defaults.maxTtl
  if (ttl > max) {
    warnings.push(`TTL ${goQuote(goDuration(ttl))} is longer than permitted maxTTL ${goQuote(goDuration(max))}, so maxTTL is being used`)
    ttl = max
  }
  const byTtl = before(now, -ttl)
  let notAfter = fixed === '' ? byTtl : moment(fixed)
  if (bound === 'ttl-limited' && role.notAfter === '' && fixed !== '' && notAfter > byTtl)
    throw user(
      `not_after_bound is set to ttl-limited. Cannot satisfy request as that would result in notAfter of ${shownTime(notAfter)} that is beyond the TTL of ${goDuration(ttl)}`,
    )
  if (signer !== undefined && notAfter > signer.certificate.notAfter) notAfter = within(signer, notAfter, now)
  if (latest !== undefined && notAfter > latest)
    throw user(
      `not_after_bound is set to ${bound}. Cannot statisfy request as that would result in notAfter of ${shownTime(notAfter)} that is beyond the maximum timestamp of ${shownTime(latest)}`,
    )
  return { notAfter, warnings }
}

/** A certificate that would outlive its issuer. */
function within(signer: Signer, notAfter: Date, now: Date): Date {
  switch (signer.leafNotAfter) {
    case 'permit':
      return notAfter
    case 'truncate':
      if (notAfter < now) throw user(`cannot satisfy request, as NotAfter date ${shownTime(notAfter)} is in the past`)
      return signer.certificate.notAfter
    case 'err':
      throw user(
        `cannot satisfy request, as TTL would result in notAfter of ${shownTime(notAfter)} that is beyond the expiration of the CA certificate at ${shownTime(signer.certificate.notAfter)}`,
      )
  }
}
