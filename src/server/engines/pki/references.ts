/** Keys and issuers by what a request calls them: `default`, an identifier, or a name. */
import type { Issuer, Key, Store } from './store.ts'

export const DEFAULT = 'default'
const UUID_LENGTH = 36

/** A reference that names nothing; `why` in the peer's words, which each caller dresses in its own way. */
export interface Unresolved {
  readonly why: string
}
export const isUnresolved = (found: object): found is Unresolved => 'why' in found

/** As it is compared: `DEFAULT` in any letters is the default. */
export const reference = (text: string): string => (text.trim().toLowerCase() === DEFAULT ? DEFAULT : text.trim())

export async function findIssuer(store: Store, ref: string): Promise<Issuer | Unresolved> {
  if (ref === DEFAULT) {
    const { default: id } = await store.issuersConfig()
    if (id === '') return { why: 'no default issuer currently configured' }
    return (await store.issuer(id)) ?? { why: `pki issuer id ${id} does not exist` }
  }
  const byId = ref.length === UUID_LENGTH ? await store.issuer(ref) : undefined
  const found = byId ?? (await store.issuers()).find(it => it.record.name === ref)
  return found ?? { why: `unable to find PKI issuer for reference: ${ref}` }
}

export async function findKey(store: Store, ref: string): Promise<Key | Unresolved> {
  if (ref === DEFAULT) {
    const id = await store.defaultKey()
    if (id === '') return { why: 'no default key currently configured' }
    return (await store.key(id)) ?? { why: `pki key id ${id} does not exist` }
  }
  const byId = ref.length === UUID_LENGTH ? await store.key(ref) : undefined
  const found = byId ?? (await store.keys()).find(it => it.record.name === ref)
  return found ?? { why: `unable to find PKI key for reference: ${ref}` }
}
