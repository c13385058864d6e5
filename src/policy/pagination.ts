import { nativeNumber } from '../kernel/index.ts'
import type { RequestData } from './parameters.ts'
import type { MergedRule } from './rule.ts'

const NAME = 'limit'

/** What the parameter `limit` of a list becomes; undefined if it stays as it was sent, false if it is refused. */
export function pageLimit({ paginationLimit, requiredParameters }: MergedRule, data: RequestData | undefined): string | false | undefined {
  const sent = data !== undefined && Object.hasOwn(data, NAME) ? data[NAME] : undefined
  if (paginationLimit <= 0) return sent === 'max' ? '0' : undefined
  // A caller that knows nothing of pages gets the first one, unless the policy asks every caller to say how much it wants.
  if (sent === undefined) return requiredParameters.includes(NAME) ? false : String(paginationLimit)
  if (sent === 'max') return String(paginationLimit)
  const count = wholeNumber(sent)
  if (count === undefined || count > paginationLimit || count < 0) return false
  return count === 0n ? String(paginationLimit) : undefined
}

/** As the server reads a count: a whole number of 64 bits, as text or not; an empty text is 0. */
function wholeNumber(sent: unknown): bigint | undefined {
  const value = nativeNumber(sent)
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : undefined
  if (typeof value !== 'string') return undefined
  if (value === '') return 0n
  if (!/^[+-]?[0-9]+$/.test(value)) return undefined
  const count = BigInt(value.startsWith('+') ? value.slice(1) : value)
  return BigInt.asIntN(64, count) === count ? count : undefined
}
