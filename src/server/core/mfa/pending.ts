/** Logins that wait for their second factor. In memory only: who was not done when the server ended begins again. */
import type { Clock, Random } from '../../../kernel/index.ts'
import { faults } from '../../logical/index.ts'
import type { Login } from '../login.ts'

export interface PendingLogin {
  readonly login: Login
  readonly entityId: string
}

const LIFE_MS = 300_000
/** Anybody who knows a password may begin a login as often as they like: the oldest go first. */
const MOST = 10_000

export class PendingLogins {
  readonly #clock: Clock
  readonly #random: Random
  readonly #all = new Map<string, PendingLogin & { readonly until: number }>()

  constructor(clock: Clock, random: Random) {
    this.#clock = clock
    this.#random = random
  }

  /** Gives the id under which it can be ended. */
  add(pending: PendingLogin): string {
    const now = this.#clock.now().getTime()
    for (const [id, { until }] of this.#all) {
      if (until > now && this.#all.size < MOST) break
      this.#all.delete(id)
    }
    const id = this.#random.uuid()
    this.#all.set(id, { ...pending, until: now + LIFE_MS })
    return id
  }

  /**
   * Takes the login out for `work`, so that no two end it; it waits on when that fails.
   * @throws a fault in the peer's words when there is none
   */
  async take<T>(id: string, work: (pending: PendingLogin) => Promise<T>): Promise<T> {
    const pending = this.#all.get(id)
    this.#all.delete(id)
    if (pending === undefined || pending.until <= this.#clock.now().getTime()) throw faults.refused({ why: 'invalid request ID' })
    try {
      return await work(pending)
    } catch (cause) {
      this.#all.set(id, pending)
      throw cause
    }
  }
}
