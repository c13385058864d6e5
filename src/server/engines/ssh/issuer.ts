/** The keys that sign: as kept, and as requests name them. */
import { createPublicKey, type KeyObject } from 'node:crypto'
import { collection, faults, type Collection, type View } from '../../logical/index.ts'
import { parsePublicKey, publicKeyOf } from './public-key.ts'
import { readPrivateKey } from './private-key.ts'

export const DEFAULT = 'default'

/** As kept, `issuer/<id>`. */
export interface Issuer {
  readonly id: string
  /** Empty: it has none. */
  readonly name: string
  /** As it was given, or a line of an authorized_keys file. */
  readonly publicKey: string
  /** PEM. */
  readonly privateKey: string
}

interface Config {
  readonly defaultId: string
}

export const issuersOf = (view: View): Collection<Issuer> => collection<Issuer>(view, 'issuer/')
const configOf = (view: View): Collection<Config> => collection<Config>(view, 'config/')

export const defaultId = async (view: View): Promise<string> => (await configOf(view).get('issuers'))?.defaultId ?? ''
export const setDefault = (view: View, id: string): Promise<void> => configOf(view).put('issuers', { defaultId: id })

export const noDefault = (): Error => faults.refused({ why: 'no default issuer currently configured' })
export const notFound = (reference: string): Error => faults.refused({ why: `unable to find issuer for reference: ${reference}` })

/** Trimmed; `default` in any letters is one word. */
export function referenceOf(text: string): string {
  const reference = text.trim()
  return reference.toLowerCase() === DEFAULT ? DEFAULT : reference
}

/** By `default`, an id or a name. */
export async function findIssuer(view: View, reference: string): Promise<Issuer | undefined> {
  const issuers = issuersOf(view)
  if (reference === DEFAULT) {
    const id = await defaultId(view)
    return id === '' ? undefined : issuers.get(id)
  }
  const direct = reference.length === 36 ? await issuers.get(reference) : undefined
  if (direct !== undefined) return direct
  for (const id of await issuers.names()) {
    const issuer = await issuers.get(id)
    if (issuer?.name === reference) return issuer
  }
  return undefined
}

/** Refused in the peer's words when there is none. */
export async function issuerBy(view: View, reference: string): Promise<Issuer> {
  const issuer = await findIssuer(view, reference)
  if (issuer === undefined) throw reference === DEFAULT ? noDefault() : notFound(reference)
  return issuer
}

/** Whether a public key as given belongs to a private one. */
export function belong(publicKey: string, privateKey: KeyObject): boolean {
  const given = parsePublicKey(publicKey)
  return publicKeyOf(createPublicKey(privateKey))?.blob.equals(given.blob) ?? false
}

/** The issuer with this very key, if it is here already. */
export async function withKey(view: View, publicKey: string): Promise<Issuer | undefined> {
  const { blob } = parsePublicKey(publicKey)
  for (const id of await issuersOf(view).names()) {
    const issuer = await issuersOf(view).get(id)
    if (issuer !== undefined && parsePublicKey(issuer.publicKey).blob.equals(blob)) return issuer
  }
  return undefined
}

/** Parsed private keys by the text that they were kept as: a key object is made once. */
export class Signers {
  readonly #known = new Map<string, { readonly text: string; readonly key: KeyObject }>()

  of({ id, privateKey }: Issuer): KeyObject {
    const known = this.#known.get(id)
    if (known?.text === privateKey) return known.key
    const key = readPrivateKey(privateKey)
    this.#known.set(id, { text: privateKey, key })
    return key
  }

  forget(): void {
    this.#known.clear()
  }
}
