/** Names of hosts, as roles check them (RFC 5890 for their letters, RFC 6125 for wildcards). */
import { domainToASCII } from 'node:url'
import { goQuote } from '../../../kernel/index.ts'

const LABEL = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])'
const HOSTNAME = new RegExp(String.raw`^(?:\*\.)?(?:${LABEL}\.)*${LABEL}$`)
const WILD_LABEL = new RegExp(String.raw`^(?:\*|\*${LABEL}|${LABEL}\*|${LABEL}\*${LABEL})$`)
const LONGEST_LABEL = 63
const LONGEST_NAME = 253

export const isHostname = (name: string): boolean => name.length <= LONGEST_NAME && HOSTNAME.test(name)
export const isWildLabel = (label: string): boolean => label.length <= LONGEST_LABEL && WILD_LABEL.test(label)

/** The ASCII form of a name, each label of 1 to 63 characters; or what the peer says is wrong. Says nothing of which characters they are. */
export function toAscii(name: string): string | { readonly why: string } {
  const invalid = (label: string): { readonly why: string } => ({ why: `idna: invalid label ${goQuote(label)}` })
  const ascii: string[] = []
  for (const label of name.split('.')) {
    if (label === '') return invalid(name)
    // eslint-disable-next-line no-control-regex -- ASCII is what is meant
    const plain = /^[\u0000-\u007f]*$/.test(label)
    const encoded = plain && !label.toLowerCase().startsWith('xn--') ? label : domainToASCII(label)
    if (encoded === '' || encoded.length > LONGEST_LABEL) return invalid(label)
    ascii.push(plain ? label : encoded)
  }
  const whole = ascii.join('.')
  return whole.length > LONGEST_NAME ? invalid(whole) : whole
}

/** The leftmost label if it has the name's only wildcard, and what stands behind it; undefined for a wildcard elsewhere. */
export function splitWildcard(name: string): { readonly label: string; readonly rest: string } | undefined {
  if (name.split('*').length > 2) return undefined
  const dot = name.indexOf('.')
  const label = dot < 0 ? name : name.slice(0, dot)
  const rest = dot < 0 ? '' : name.slice(dot + 1)
  return rest.includes('*') ? undefined : { label, rest }
}
