import type { Brand } from '../../kernel/index.ts'

/**
 * The one name of a managed object, as people read it in plans and write it in flags:
 *
 *     policy/payments/read        the ACL policy payments/read
 *     auth/approle/               an auth mount; the final slash says that it is a mount
 *     auth/approle/role/ci        what lives on it, by its path below /v1/
 *     engine/secret/              a secrets mount
 *     engine/secret/config        what lives on it, by its path below /v1/ behind `engine/`
 *     sys/quotas/rate-limit/all   what every server has, by its path below /v1/
 *     identity/group/name/ops     the same, of identities
 *     api/sys/config/ui/x         anything else, by its path below /v1/ behind `api/`
 */
export type Address = Brand<string, 'Address'>

/** Where mounts are listed. */
export type MountTable = 'auth' | 'engine'
/** What objects live on: a mount, or what every server has. */
export type Home = MountTable | 'sys' | 'identity'
/** Which sort of thing it is. */
export type AddressClass = 'policy' | Home | 'api'

export const policyAddress = (name: string): Address => `policy/${name}` as Address
/** `path` without slashes at its ends. */
export const mountAddress = (table: MountTable, path: string): Address => `${table}/${path}/` as Address
export const objectAddress = (mount: Address, rest: string): Address => `${mount}${rest}` as Address

/** The address below which that stands which every server has. */
export const homeAddress = (home: Exclude<Home, MountTable>): Address => `${home}/` as Address
export const apiAddress = (path: string): Address => `api/${path}` as Address

const SHAPE = /^(?:policy|auth|engine|sys|identity|api)\/[^/]/

/** Undefined for a text that is no address. */
export function parseAddress(text: string): Address | undefined {
  if (!SHAPE.test(text) || /\/\/|\p{Cc}|(?:^|\/)\.\.?(?:\/|$)/u.test(text)) return undefined
  if (!/^(?:auth|engine)\//.test(text) && text.endsWith('/')) return undefined
  return text as Address
}

export const classOf = (address: Address): AddressClass => address.slice(0, address.indexOf('/')) as AddressClass
export const isMountAddress = (address: Address): boolean => address.endsWith('/')
/** Behind the class: the policy's name, the mount's path with its final slash, or the object's path. */
export const restOf = (address: Address): string => address.slice(address.indexOf('/') + 1)

/** Where the API keeps the object, below /v1/. */
export function apiPath(address: Address): string {
  const rest = restOf(address)
  const kind = classOf(address)
  if (kind === 'policy') return `sys/policies/acl/${rest}`
  if (kind === 'sys' || kind === 'identity') return address
  if (isMountAddress(address)) return `sys/${kind === 'auth' ? 'auth' : 'mounts'}/${rest.slice(0, -1)}`
  return kind === 'auth' ? `auth/${rest}` : rest
}

/** The mount, out of those that are known, on which an object lives. Mounts never nest, so the first that fits is the one. */
export function mountBelow(address: Address, mounts: Iterable<Address>): Address | undefined {
  for (const mount of mounts) if (address.length > mount.length && address.startsWith(mount)) return mount
  return undefined
}

/** `*` stands for any run of characters, slashes too: for flags and ignore rules. */
export function addressMatcher(pattern: string): (address: Address) => boolean {
  if (!pattern.includes('*')) return address => address === pattern
  const source = pattern.split('*').map(part => part.replace(/[\\^$.|?+()[\]{}]/g, '\\$&'))
  const expression = new RegExp(`^${source.join('.*')}$`, 'su')
  return address => expression.test(address)
}
