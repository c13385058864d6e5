/**
 * Revocation lists in the store:
 *
 *     crl/state               which issuer has which list, their numbers, when they end
 *     crl/list/<id>           the complete list of an issuer (or of several with one key and name): where its parts are
 *     crl/list/<id>-delta     its delta
 *     crl/part/<name>.<generation>/<n>
 *
 * A list may have megabytes, which not every store takes as one value; so it is kept in parts. The parts of a new generation are written
 * before the record that names it, and those of the one before go after it: a crash leaves a list whole, and at worst some parts behind,
 * which the next build removes.
 */
import { collection, type Collection, type View } from '../../logical/index.ts'

export interface ListState {
  /** Of the next list. */
  readonly number: number
  /** Number of the latest complete list, which deltas are about. */
  readonly lastComplete: number
  /** Epoch milliseconds. */
  readonly expires: number
}
export interface CrlState {
  readonly lists: Readonly<Record<string, ListState>>
  readonly issuers: Readonly<Record<string, string>>
  /** Epoch milliseconds; 0: never. */
  readonly lastModified: number
  readonly deltaLastModified: number
  /** The latest serial number that a delta knows. */
  readonly deltaSerial: string
}
const noState: CrlState = { lists: {}, issuers: {}, lastModified: 0, deltaLastModified: 0, deltaSerial: '' }

interface Parts {
  readonly generation: string
  readonly parts: number
}
const PART = 512 * 1024
/** Lists that are kept in one piece, in bytes. */
const CACHE = 32 * 1024 * 1024

export class CrlStore {
  readonly #view: View
  readonly #lists: Collection<Parts>
  readonly #whole = new Map<string, Buffer>()

  constructor(view: View) {
    this.#view = view
    this.#lists = collection(view, 'crl/list/')
  }

  async state(): Promise<CrlState> {
    return (await collection<CrlState>(this.#view, 'crl/').get('state')) ?? noState
  }
  putState = (state: CrlState): Promise<void> => collection<CrlState>(this.#view, 'crl/').put('state', state)

  /** The list of an issuer; undefined when it has none. */
  async read(issuer: string, isDelta: boolean): Promise<Buffer | undefined> {
    const id = (await this.state()).issuers[issuer]
    return id === undefined ? undefined : this.#read(isDelta ? `${id}-delta` : id)
  }

  async #read(name: string): Promise<Buffer | undefined> {
    const parts = await this.#lists.get(name)
    if (parts === undefined) return undefined
    const at = `${name}.${parts.generation}`
    const known = this.#whole.get(at)
    if (known !== undefined) return known
    const found = await Promise.all(Array.from({ length: parts.parts }, (_, i) => this.#view.get(`crl/part/${at}/${i}`)))
    // Gone between the two reads: there is a newer one.
    if (found.includes(undefined)) return this.#read(name)
    const whole = Buffer.concat(found as Uint8Array[])
    this.#remember(at, whole)
    return whole
  }

  #remember(at: string, list: Buffer): void {
    this.#whole.set(at, list)
    let size = [...this.#whole.values()].reduce((sum, it) => sum + it.length, 0)
    for (const [oldest, it] of this.#whole) {
      if (size <= CACHE) break
      this.#whole.delete(oldest)
      size -= it.length
    }
  }

  async write(name: string, list: Buffer, generation: string): Promise<void> {
    const before = await this.#lists.get(name)
    const parts = Math.max(1, Math.ceil(list.length / PART))
    for (let i = 0; i < parts; i++) await this.#view.put(`crl/part/${name}.${generation}/${i}`, list.subarray(i * PART, (i + 1) * PART))
    await this.#lists.put(name, { generation, parts })
    if (before !== undefined) this.#whole.delete(`${name}.${before.generation}`)
    await this.#dropParts(name, generation)
  }

  async drop(name: string): Promise<void> {
    await this.#lists.delete(name)
    await this.#dropParts(name, undefined)
  }

  /** All parts of a list but those of one generation. */
  async #dropParts(name: string, kept: string | undefined): Promise<void> {
    for (const folder of await this.#view.list('crl/part/')) {
      if (!folder.startsWith(`${name}.`) || folder === `${name}.${kept}/`) continue
      for (const part of await this.#view.list(`crl/part/${folder}`)) await this.#view.delete(`crl/part/${folder}${part}`)
    }
  }

  clear(): void {
    this.#whole.clear()
  }
}
