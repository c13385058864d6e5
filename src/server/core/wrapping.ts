/**
 * Response wrapping (API page "sys/wrapping"): a reply kept for one reader, in the private place of a token with one use.
 *
 * What is kept is the reply as it would have been sent. A wrapping token that was used, wrongly guessed, or is no wrapping token
 * at all gives the one same fault.
 */
import { stringifyJson, type Clock } from '../../kernel/index.ts'
import { faults, type TokenEntry, type TokenFacts, type View, type WrapFacts } from '../logical/index.ts'
import { RESPONSE_WRAPPING } from './built-in-policies.ts'
import { namespaceIn } from './identifier.ts'
import { encodeRecord, readRecord } from './record.ts'
import type { Tokens } from './tokens.ts'

interface Wrapped {
  readonly response: string
  readonly creationPath: string
  readonly creationTime: number
  readonly creationTtl: number
  readonly wrappedAccessor?: string
}

const badToken = (): Error => faults.refused({ why: 'wrapping token is not valid or does not exist' })

export class Wrapping {
  readonly #view: View
  readonly #tokens: Tokens
  readonly #clock: Clock

  /** `view`: that of `sys/wrapping/`. */
  constructor(view: View, tokens: Tokens, clock: Clock) {
    this.#view = view
    this.#tokens = tokens
    this.#clock = clock
  }

  /** `namespace`: where the wrapping token shall live; absent: in the root one. */
  async wrap(
    reply: unknown,
    creationPath: string,
    ttl: number,
    namespace: string | undefined,
    wrappedAccessor?: string,
  ): Promise<WrapFacts> {
    return this.#keep(namespace, {
      response: stringifyJson(reply),
      creationPath,
      creationTime: this.#clock.now().getTime(),
      creationTtl: ttl,
      ...(wrappedAccessor !== undefined && { wrappedAccessor }),
    })
  }

  async #keep(namespace: string | undefined, wrapped: Wrapped): Promise<WrapFacts> {
    const { token, entry } = await this.#tokens.create({
      policies: [RESPONSE_WRAPPING],
      path: wrapped.creationPath,
      displayName: 'token',
      numUses: 1,
      ttl: wrapped.creationTtl,
      explicitMaxTtl: wrapped.creationTtl,
      renewable: false,
      type: 'service',
      ...(namespace !== undefined && { namespace }),
    })
    await this.#view.put(entry.id, encodeRecord(wrapped))
    return {
      token,
      accessor: entry.accessor,
      ttl: wrapped.creationTtl,
      creationTime: new Date(wrapped.creationTime).toISOString(),
      creationPath: wrapped.creationPath,
      ...(wrapped.wrappedAccessor !== undefined && { wrappedAccessor: wrapped.wrappedAccessor }),
    }
  }

  static isWrapping(entry: TokenEntry | undefined): boolean {
    return entry !== undefined && entry.policies.length === 1 && entry.policies[0] === RESPONSE_WRAPPING
  }

  /** As the token's own cubbyhole shows it: the old way, which does not end the token by itself. */
  async peek(which: TokenFacts): Promise<string | undefined> {
    return (await this.#read(this.#view, which.id))?.response
  }

  async unwrap(which: string | TokenFacts): Promise<string> {
    return (await this.#take(which)).response
  }

  /** In the namespace that the old token was of. */
  async rewrap(which: string | TokenFacts): Promise<WrapFacts> {
    const namespace = typeof which === 'string' ? namespaceIn(which) : which.namespace
    const { wrappedAccessor: _, ...wrapped } = await this.#take(which)
    return this.#keep(namespace, { ...wrapped, creationTime: this.#clock.now().getTime() })
  }

  /** Reads and destroys in one step; of two readers at once, one gets nothing. */
  async #take(which: string | TokenFacts): Promise<Wrapped> {
    const id = this.#idOf(which)
    const wrapped = await this.#view.transact(async tx => {
      const found = await this.#read(tx, id)
      if (found) await tx.delete(id)
      return found
    })
    if (wrapped === undefined) throw badToken()
    await this.#tokens.revokeTree(id)
    return wrapped
  }

  async look(
    which: string | TokenFacts,
  ): Promise<{ readonly creationPath: string; readonly creationTime: string; readonly creationTtl: number }> {
    const wrapped = await this.#read(this.#view, this.#idOf(which))
    if (wrapped === undefined) throw badToken()
    const { creationPath, creationTtl } = wrapped
    return { creationPath, creationTime: new Date(wrapped.creationTime).toISOString(), creationTtl }
  }

  /** A token that came as the request's own has its one use taken by then, so what is kept decides, not the token's record. */
  async #read(view: View, id: string): Promise<Wrapped | undefined> {
    const wrapped = await readRecord<Wrapped>(view, id)
    return wrapped && this.#clock.now().getTime() < wrapped.creationTime + wrapped.creationTtl * 1000 ? wrapped : undefined
  }

  #idOf(which: string | TokenFacts): string {
    return typeof which === 'string' ? this.#tokens.hash(which) : which.id
  }

  /** When the token ends unread. */
  drop(tokenId: string): Promise<void> {
    return this.#view.delete(tokenId)
  }
}
