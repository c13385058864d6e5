/** The issuer of a configuration: its keys and, where it is an OpenID provider, its endpoints. Asked when first needed. */
import type { Clock } from '../../../kernel/index.ts'
import type { Config } from './config-record.ts'
import { discover, WORDS, type Discovered } from './discovery.ts'
import { PublishedKeys, publicKeyOf, staticKeys, type KeySource } from './keys.ts'
import { Outside } from './outside.ts'

/** How often a provider that cannot be discovered is tried again. */
const TRIES = 10
const SPAN_MS = 60_000

export class Issuer {
  readonly #config: Config
  readonly #clock: Clock
  #outside: Outside | undefined
  #keys: KeySource | undefined
  #discovered: Discovered | undefined
  #discovering: Promise<Discovered> | undefined
  #failures: { readonly at: number; readonly cause: unknown }[] = []

  constructor(config: Config, clock: Clock) {
    this.#config = config
    this.#clock = clock
  }

  close(): void {
    this.#outside?.close()
    this.#outside = undefined
  }

  /** Connections that trust as the configuration says. */
  outside(): Outside {
    const { jwksUrl, jwksCaPem, oidcDiscoveryCaPem, overrideAllowedServerNames: serverNames } = this.#config
    this.#outside ??= new Outside({ ca: jwksUrl === '' ? oidcDiscoveryCaPem : jwksCaPem, serverNames }, this.#clock)
    return this.#outside
  }

  /** Rejects with NotDiscovered. */
  async keys(signal: AbortSignal): Promise<KeySource> {
    if (this.#keys !== undefined) return this.#keys
    const { jwtValidationPubkeys, jwksUrl } = this.#config
    if (jwtValidationPubkeys.length > 0) this.#keys = staticKeys(jwtValidationPubkeys.map(publicKeyOf))
    else this.#keys = new PublishedKeys(jwksUrl === '' ? (await this.discovered(signal)).jwksUri : jwksUrl, this.outside(), this.#clock)
    return this.#keys
  }

  /** Rejects with NotDiscovered; a provider that fails time and again is not asked for a while. */
  async discovered(signal: AbortSignal): Promise<Discovered> {
    if (this.#discovered !== undefined) return this.#discovered
    const now = this.#clock.now().getTime()
    this.#failures = this.#failures.filter(({ at }) => at > now - SPAN_MS)
    const last = this.#failures.at(-1)
    if (last !== undefined && this.#failures.length >= TRIES) throw last.cause
    this.#discovering ??= this.#discover(now).finally(() => (this.#discovering = undefined))
    const found = await this.#discovering
    signal.throwIfAborted()
    return found
  }

  async #discover(now: number): Promise<Discovered> {
    try {
      // Not by the signal of whoever happened to be the first.
      this.#discovered = await discover(this.#config.oidcDiscoveryUrl, this.outside(), WORDS.keys, new AbortController().signal)
      return this.#discovered
    } catch (cause) {
      this.#failures.push({ at: now, cause })
      throw cause
    }
  }
}
