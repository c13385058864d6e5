/** Who a token stands for: the alias, its metadata and its groups, as the role reads them out of the claims. */
import { goPrinted, goQuote } from '../../../kernel/index.ts'
import type { Grant } from '../../logical/index.ts'
import { ClaimsRefused, type Claims } from './claims.ts'
import type { Outside } from './outside.ts'
import { claimAt } from './pointer.ts'
import { providerOf } from './provider-config.ts'
import type { Role } from './role.ts'

export interface Person {
  readonly alias: NonNullable<Grant['alias']>
  readonly groups: readonly string[]
  /** The claims, with the groups as the provider's own way gives them. */
  readonly claims: Claims
}

export interface PersonQuestion {
  readonly claims: Claims
  readonly role: Role
  readonly roleName: string
  readonly providerConfig: Readonly<Record<string, unknown>>
  readonly accessToken: string | undefined
  readonly outside: () => Outside
  readonly signal: AbortSignal
}

/** Rejects with ClaimsRefused. */
export async function personOf(question: PersonQuestion): Promise<Person> {
  const { claims, role, roleName } = question
  const name = userName(claims, role)
  const metadata: Record<string, string> = {}
  for (const [source, target] of Object.entries(role.claimMappings ?? {})) {
    const value = claimAt(claims, source)
    if (value === undefined) continue
    if (typeof value !== 'string') throw new ClaimsRefused(`error converting claim '${source}' to string`)
    metadata[target] = value
  }
  const alias = { name, metadata: { ...metadata, role: roleName } }
  if (role.groupsClaim === '') return { alias, groups: [], claims }
  let value: unknown
  try {
    value = await groupsValue(question)
  } catch (cause) {
    if (cause instanceof ClaimsRefused) throw new ClaimsRefused(`failed to fetch groups: ${cause.message}`, { cause })
    throw cause
  }
  return { alias, groups: groupNames(value, role.groupsClaim), claims: withClaim(claims, role.groupsClaim, value) }
}

function userName(claims: Claims, { userClaim, userClaimJsonPointer }: Role): string {
  const plain = Object.hasOwn(claims, userClaim) ? (claims[userClaim] ?? undefined) : undefined
  const value = userClaimJsonPointer ? claimAt(claims, userClaim) : plain
  if (value === undefined) throw new ClaimsRefused(`claim ${goQuote(userClaim)} not found in token`)
  if (typeof value !== 'string') throw new ClaimsRefused(`claim ${goQuote(userClaim)} could not be converted to string`)
  return value
}

async function groupsValue({ claims, role, providerConfig, accessToken, outside, signal }: PersonQuestion): Promise<unknown> {
  const name = role.groupsClaim
  const provider = providerOf(providerConfig)
  const value = provider ? await provider.groups({ claims, name, accessToken, outside, signal }) : claimAt(claims, name)
  if (value === undefined || value === null) throw new ClaimsRefused(`${goQuote(name)} claim not found in token`)
  return value
}

function groupNames(value: unknown, claim: string): readonly string[] {
  if (!Array.isArray(value) && typeof value === 'object') {
    throw new ClaimsRefused(`${goQuote(claim)} claim could not be converted to string list`)
  }
  return [value]
    .flat()
    .map(it => {
      if (typeof it !== 'string') throw new ClaimsRefused(`value ${goPrinted(it)} in groups claim could not be parsed as string`)
      return it
    })
    .filter(it => it !== '')
}

/** Where the groups were fetched, what a role binds is to be held against them. A pointer leads to where they were all along. */
const withClaim = (claims: Claims, name: string, value: unknown): Claims => (name.startsWith('/') ? claims : { ...claims, [name]: value })
