/** Logins that are on their way through a browser, by their state (RFC 6749, section 10.12): known once, and for ten minutes. */
import type { Clock, Random } from '../../../kernel/index.ts'
import type { Grant } from '../../logical/index.ts'

export interface PendingLogin {
  readonly state: string
  /** Repeated by the ID token, so that one of another login will not do (OpenID Connect Core 1.0, section 3.1.2.1). */
  readonly nonce: string
  /** RFC 7636; undefined where the provider hands out the ID token itself. */
  readonly verifier: string | undefined
  readonly roleName: string
  readonly redirectUri: string
  /** What the client has to know to fetch the token; empty: nothing. */
  readonly clientNonce: string
  readonly maxAge: number
  /** Where the login was begun, for the page that asks to confirm it. */
  readonly requesterAddress: string
  /** RFC 8628; empty: not by a device code. */
  readonly deviceCode: string
  /** What a provider posted. */
  code: string
  idToken: string
  /** What a direct login came to, until the client fetches it. */
  grant: Grant | undefined
  /** When it is forgotten, in milliseconds of the clock. */
  readonly until: number
}

type Begun = Omit<PendingLogin, 'state' | 'nonce' | 'code' | 'idToken' | 'grant' | 'until'>

const LIFE_MS = 10 * 60_000
/** Anybody may begin a login, so their number is bounded: the oldest go first. */
const MOST = 20_000
const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

export class PendingLogins {
  readonly #clock: Clock
  readonly #random: Random
  readonly #logins = new Map<string, PendingLogin>()

  constructor(clock: Clock, random: Random) {
    this.#clock = clock
    this.#random = random
  }

  begin(begun: Begun): PendingLogin {
    const now = this.#clock.now().getTime()
    const login: PendingLogin = {
      ...begun,
      state: `st_${this.#text(20)}`,
      nonce: `n_${this.#text(20)}`,
      code: '',
      idToken: '',
      grant: undefined,
      until: now + LIFE_MS,
    }
    for (const [state, { until }] of this.#logins) {
      if (until > now && this.#logins.size < MOST) break
      this.#logins.delete(state)
    }
    this.#logins.set(login.state, login)
    return login
  }

  get(state: string): PendingLogin | undefined {
    const found = this.#logins.get(state)
    if (found === undefined) return undefined
    if (found.until > this.#clock.now().getTime()) return found
    this.#logins.delete(state)
    return undefined
  }

  end(state: string): void {
    this.#logins.delete(state)
  }

  /** Goes on with a login that was ended too early. */
  resume(login: PendingLogin): void {
    this.#logins.set(login.state, login)
  }

  clear(): void {
    this.#logins.clear()
  }

  /** RFC 7636, section 4.1. */
  verifier(): string {
    return Buffer.from(this.#random.bytes(32)).toString('base64url')
  }

  /** Each letter equally likely: bytes over the last full multiple of their number are thrown away. */
  #text(length: number): string {
    let text = ''
    while (text.length < length) {
      for (const byte of this.#random.bytes(length + 8)) {
        if (byte < 248 && text.length < length) text += BASE62[byte % 62]
      }
    }
    return text
  }
}
