/** Other names (RFC 5280, section 4.2.1.6: otherName), as the API writes them: `<oid>;UTF8:<text>`. */
import { globFits, goQuote } from '../../../kernel/index.ts'
import type { OtherName } from '../../x509/index.ts'

export function parseOtherSans(texts: readonly string[]): readonly OtherName[] | { readonly why: string } {
  const found: OtherName[] = []
  for (const text of texts) {
    const semicolon = text.indexOf(';')
    if (semicolon < 0) return { why: `expected a semicolon in other SAN ${goQuote(text)}` }
    const rest = text.slice(semicolon + 1)
    const colon = rest.indexOf(':')
    if (colon < 0) return { why: `expected a colon in other SAN ${goQuote(text)}` }
    if (!['utf8', 'utf-8'].includes(rest.slice(0, colon).toLowerCase()))
      return { why: `only utf8 other SANs are supported; found non-supported type in other SAN ${goQuote(text)}` }
    found.push({ oid: text.slice(0, semicolon), value: rest.slice(colon + 1) })
  }
  return found
}

/** What a role has against these, or nothing. */
export function otherSansRefusal(allowed: readonly string[], requested: readonly OtherName[]): string | undefined {
  if (allowed.length === 1 && allowed[0] === '*') return undefined
  const patterns = parseOtherSans(allowed)
  if ('why' in patterns) return `error parsing role's allowed SANs: ${patterns.why}`
  for (const { oid, value } of requested) {
    const globs = patterns.filter(it => it.oid === oid)
    if (globs.length === 0) return `other SAN OID ${oid} not allowed by this role`
    if (!globs.some(it => globFits(it.value, value)))
      return value === '' ? `other SAN OID ${oid} not allowed by this role` : `other SAN ${value} not allowed for OID ${oid} by this role`
  }
  return undefined
}
