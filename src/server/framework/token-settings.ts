/**
 * What the roles and users of every auth method say about the tokens that they are granted: the `token_*` fields, what
 * they mean together, how they are shown, and the grant that they make.
 */
import { cidrContains, formatCidr, goQuote, parseAddress, parseCidr, seconds, type Seconds } from '../../kernel/index.ts'
import { f, type FieldsOf, type WireObject } from '../../schema/index.ts'
import { faults, type Grant } from '../logical/index.ts'

/** As kept. Spans in seconds, 0: not set. */
export interface TokenSettings {
  /** null: never given, which a few endpoints tell from an empty list. */
  readonly tokenBoundCidrs: readonly string[] | null
  readonly tokenExplicitMaxTtl: number
  readonly tokenMaxTtl: number
  readonly tokenNoDefaultPolicy: boolean
  readonly tokenNumUses: number
  readonly tokenPeriod: number
  readonly tokenPolicies: readonly string[]
  readonly tokenStrictlyBindIp: boolean
  readonly tokenTtl: number
  readonly tokenType: 'default' | 'service' | 'batch'
}

export const noTokenSettings: TokenSettings = {
  tokenBoundCidrs: null,
  tokenExplicitMaxTtl: 0,
  tokenMaxTtl: 0,
  tokenNoDefaultPolicy: false,
  tokenNumUses: 0,
  tokenPeriod: 0,
  tokenPolicies: [],
  tokenStrictlyBindIp: false,
  tokenTtl: 0,
  tokenType: 'default',
}

/** As given: what is absent stays as it was. */
export interface TokenWishes {
  readonly tokenBoundCidrs?: readonly string[]
  readonly tokenExplicitMaxTtl?: Seconds
  readonly tokenMaxTtl?: Seconds
  readonly tokenNoDefaultPolicy?: boolean
  readonly tokenNumUses?: number
  readonly tokenPeriod?: Seconds
  readonly tokenPolicies?: readonly string[]
  readonly tokenStrictlyBindIp?: boolean
  readonly tokenTtl?: Seconds
  readonly tokenType?: string
}

/** Input, and also what a reply declares. */
export const tokenFields: FieldsOf<TokenWishes> = {
  token_bound_cidrs: f.strings('Addresses and CIDR blocks that the token may be used from.'),
  token_explicit_max_ttl: f.duration('How long the token may live at most, whatever is changed later.'),
  token_max_ttl: f.duration('How long the token may live at most.'),
  token_no_default_policy: f.bool('Whether the token goes without the policy `default`.'),
  token_num_uses: f.int('How often the token may be used; 0: any number of times.'),
  token_period: f.duration('How long each renewal of a periodic token reaches; such a token lives as long as it is renewed.'),
  token_policies: f.strings('Policies of the token.'),
  token_strictly_bind_ip: f.bool('Whether the token may be used only from the address of its login.'),
  token_ttl: f.duration('How long the token lives at first.'),
  token_type: f.string('What kind of token: default, service or batch.'),
}

const TYPES: Readonly<Record<string, TokenSettings['tokenType']>> = {
  '': 'default',
  default: 'default',
  service: 'service',
  batch: 'batch',
}

/** The settings with the wishes in, as far as they go together: the first that does not is refused in the peer's words. */
export function withTokenWishes<T extends TokenSettings>(before: T, wishes: TokenWishes): T {
  const { tokenType, tokenBoundCidrs, ...plain } = wishes
  const type = tokenType === undefined ? before.tokenType : Object.hasOwn(TYPES, tokenType) ? TYPES[tokenType] : undefined
  const next: T = {
    ...before,
    ...plain,
    ...(tokenBoundCidrs !== undefined && { tokenBoundCidrs: parsedAddresses(tokenBoundCidrs) }),
    ...(type !== undefined && { tokenType: type }),
  }
  if (type === undefined) throw faults.refused({ why: `invalid 'token_type' value ${goQuote(tokenType ?? '')}` })
  const why = conflict(next)
  if (why !== undefined) throw faults.refused({ why })
  return next
}

function conflict(next: TokenSettings): string | undefined {
  if (next.tokenNumUses < 0) return "'token_num_uses' cannot be negative"
  if (next.tokenType === 'batch') {
    if (next.tokenPeriod !== 0) return "'token_type' cannot be 'batch' or 'default_batch' when set to generate periodic tokens"
    if (next.tokenNumUses !== 0) {
      return "'token_type' cannot be 'batch' or 'default_batch' when set to generate tokens with limited use count"
    }
  }
  if (next.tokenTtl > 0 && next.tokenMaxTtl > 0 && next.tokenTtl > next.tokenMaxTtl) {
    return "'token_ttl' cannot be greater than 'token_max_ttl'"
  }
  if (next.tokenStrictlyBindIp && (next.tokenBoundCidrs ?? []).length > 0) {
    return "'token_strictly_bind_ip' conflicts with 'token_bound_cidrs'; set only one"
  }
  return undefined
}

/**
 * In their shortest form. What the peer would take for a socket path, because it has a slash and is no address
 * (`10.0.0.0/33`), is refused here: a token bound to it could be used from nowhere.
 */
export function parsedAddresses(texts: readonly string[]): readonly string[] {
  return texts.map(text => {
    const block = parseCidr(text) ?? parseAddress(text)
    if (block !== undefined) return formatCidr(block)
    const name = goQuote(text)
    throw faults.refused({
      why: `error parsing address ${name}: Unable to convert ${name} to an IPv4 or IPv6 address, or a UNIX Socket`,
    })
  })
}

/** Whether a login comes from one of the blocks that `parsedAddresses` made. */
export function isFrom(address: string, blocks: readonly string[]): boolean {
  const from = parseAddress(address)
  return (
    from !== undefined &&
    blocks.some(text => {
      const block = parseCidr(text) ?? parseAddress(text)
      return block !== undefined && cidrContains(block, from)
    })
  )
}

/** In wire form, every field. */
export const shownTokenSettings = (it: TokenSettings): WireObject => ({
  token_bound_cidrs: it.tokenBoundCidrs ?? [],
  token_explicit_max_ttl: it.tokenExplicitMaxTtl,
  token_max_ttl: it.tokenMaxTtl,
  token_no_default_policy: it.tokenNoDefaultPolicy,
  token_num_uses: it.tokenNumUses,
  token_period: it.tokenPeriod,
  token_policies: it.tokenPolicies,
  token_strictly_bind_ip: it.tokenStrictlyBindIp,
  token_ttl: it.tokenTtl,
  token_type: it.tokenType,
})

/** What of a grant follows from the settings alone, for a login from this address. */
export const grantBy = (it: TokenSettings, remoteAddress: string): Omit<Grant, 'displayName'> => ({
  policies: it.tokenPolicies,
  ttl: seconds(it.tokenTtl),
  maxTtl: seconds(it.tokenMaxTtl),
  period: seconds(it.tokenPeriod),
  explicitMaxTtl: seconds(it.tokenExplicitMaxTtl),
  numUses: it.tokenNumUses,
  tokenType: it.tokenType,
  boundCidrs: it.tokenStrictlyBindIp ? parsedAddresses([remoteAddress]) : (it.tokenBoundCidrs ?? []),
  noDefaultPolicy: it.tokenNoDefaultPolicy,
})
