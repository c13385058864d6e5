/** CIDR blocks of roles and secret ids: whether they are blocks, lie in others, hold the address that a login comes from. */
import { cidrContains, goQuote, parseAddress, parseCidr, type Cidr } from '../../../kernel/index.ts'

const block = (text: string): Cidr | undefined => parseCidr(text) ?? parseAddress(text)

/** What is wrong with a list of blocks, in the peer's words; each must have its prefix length. */
export function invalidBlock(texts: readonly string[]): string | undefined {
  const wrong = texts.find(text => parseCidr(text) === undefined)
  return wrong === undefined ? undefined : `invalid CIDR address: ${wrong}`
}

/**
 * What to say when not every block of a secret id lies in one of its role's. No block on either side: no complaint. (The
 * end of the text is the peer's slip, which clients have seen for years.)
 */
export function notASubset(ofRole: readonly string[], ofSecretId: readonly string[]): string | undefined {
  if (ofSecretId.length === 0 || ofRole.length === 0) return undefined
  const outer = ofRole.map(block)
  const isInside = (text: string): boolean => {
    const inner = block(text)
    return inner !== undefined && outer.some(it => it !== undefined && cidrContains(it, inner))
  }
  if (ofSecretId.every(isInside)) return undefined
  return `failed to verify subset relationship between CIDR blocks on the role ${quoted(ofRole.map(withLength))} and CIDR blocks on the secret ID ${quoted(ofSecretId)}: %!w(<nil>)`
}

const withLength = (text: string): string => (text.includes('/') ? text : `${text}/${text.includes(':') ? 128 : 32}`)
const quoted = (texts: readonly string[]): string => `[${texts.map(goQuote).join(' ')}]`

export function isIn(address: string, blocks: readonly string[]): boolean {
  const from = parseAddress(address)
  return (
    from !== undefined &&
    blocks.some(text => {
      const outer = block(text)
      return outer !== undefined && cidrContains(outer, from)
    })
  )
}
