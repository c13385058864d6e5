/** What a request's headers say of who asks and how the answer is wanted. */
import type { IncomingMessage } from 'node:http'
import { parseDuration, seconds } from '../../kernel/index.ts'
import { type CoreRequest, faults } from '../logical/index.ts'
import { quoteText } from './go-quote.ts'

/** The first of a header's values: Node joins those of an unknown header. */
export function header(request: IncomingMessage, name: string): string {
  const value = request.headers[name]
  if (value === undefined) return ''
  if (typeof value !== 'string') return value[0] ?? ''
  return value.includes(', ') ? (request.headersDistinct[name]?.[0] ?? value) : value
}

/** X-Vault-Token goes before `Authorization: Bearer`, spelt exactly so; '' counts for none. */
export function tokenOf(request: IncomingMessage): string | undefined {
  const token = header(request, 'x-vault-token')
  if (token !== '') return token
  const { authorization } = request.headers
  if (authorization === undefined || !authorization.startsWith('Bearer ')) return undefined
  const bearer = authorization.slice(7).trim()
  return bearer === '' ? undefined : bearer
}

/** Go's time.Duration counts nanoseconds in 63 bits. */
const LONGEST = 9_223_372_036

export function wrapOf(request: IncomingMessage): CoreRequest['wrap'] {
  const text = header(request, 'x-vault-wrap-ttl')
  if (text === '') return undefined
  const span = parseDuration(text)
  if (span === undefined) throw badWrap(goDurationError(text))
  if (Math.abs(span) > LONGEST)
    throw badWrap(
      /^[+-]?\d+d?$/.test(text)
        ? 'multiplication of durations resulted in overflow, one operand may be too large'
        : `time: invalid duration ${quoteText(text)}`,
    )
  if (span < 0) throw badWrap('requested wrap ttl cannot be negative')
  if (span === 0) return undefined
  // A part of a second is still a wish to have the reply wrapped.
  return { ttl: seconds(Math.max(1, span)), format: header(request, 'x-vault-wrap-format') === 'jwt' ? 'jwt' : 'token' }
}

const badWrap = (why: string): Error => faults.refused({ why: `error parsing X-Vault-Wrap-TTL header: ${why}` })

/** The words of Go's time.ParseDuration for a text that it does not take. */
function goDurationError(text: string): string {
  const quoted = quoteText(text)
  let rest = text.replace(/^[+-]/, '')
  if (/^(?!.*\d)[.]d$/.test(rest)) return `strconv.ParseInt: parsing ${quoteText(text.slice(0, -1))}: invalid syntax`
  while (rest !== '') {
    const count = /^(?:\d+\.?\d*|\.\d+)/.exec(rest)?.[0]
    if (count === undefined) break
    const unit = /^[^\d.]+/.exec(rest.slice(count.length))?.[0]
    if (unit === undefined) return `time: missing unit in duration ${quoted}`
    if (!/^(?:ns|us|µs|μs|ms|s|m|h)$/.test(unit)) return `time: unknown unit ${quoteText(unit)} in duration ${quoted}`
    rest = rest.slice(count.length + unit.length)
  }
  return `time: invalid duration ${quoted}`
}
