/**
 * The end of a namespace, in the background: its leases at their source, its tokens, its mounts with their data, then all else that it keeps.
 * What fails is tried again; what a crash cuts short is taken up at the next unseal, from the beginning (advisory CVE-2026-42186).
 */
import type { Clock, Log } from '../../../kernel/index.ts'
import type { Barrier } from '../../barrier/index.ts'
import type { Leases } from '../leases.ts'
import { keysBelow } from '../record.ts'
import type { Tokens } from '../tokens.ts'
import { baseOf, type Realm } from './realm.ts'

export interface EndingParts {
  readonly barrier: Barrier
  readonly clock: Clock
  readonly log: Log
  readonly tokens: Tokens
  readonly leases: Leases
  /** Told when nothing is left of it but its record. */
  readonly finished: (realm: Realm) => Promise<void>
}

/** Milliseconds before the next attempt: 10 s, doubled each time up to an hour. */
const backOff = (attempts: number): number => Math.min(10_000 * 2 ** attempts, 3_600_000)

export class Ending {
  readonly #o: EndingParts
  /** By namespace: what waits for its next attempt, and how to begin that at once. */
  readonly #under = new Map<string, { attempts: number; cancel?: () => void; running: boolean }>()
  readonly #runs = new Set<Promise<void>>()
  #stopped = false

  constructor(parts: EndingParts) {
    this.#o = parts
  }

  /** Asked again, it does not wait for its next attempt. */
  begin(realm: Realm): void {
    const { id } = realm.namespace
    const state = this.#under.get(id) ?? { attempts: 0, running: false }
    this.#under.set(id, state)
    if (state.running || this.#stopped) return
    state.cancel?.()
    state.running = true
    const run = this.#attempt(realm, state).finally(() => this.#runs.delete(run))
    this.#runs.add(run)
  }

  async stop(): Promise<void> {
    this.#stopped = true
    for (const { cancel } of this.#under.values()) cancel?.()
    await Promise.all(this.#runs)
  }

  async #attempt(realm: Realm, state: { attempts: number; cancel?: () => void; running: boolean }): Promise<void> {
    const { clock, log } = this.#o
    const { id, path } = realm.namespace
    try {
      for (const step of this.#steps(realm)) {
        if (this.#stopped) return
        await step()
      }
      this.#under.delete(id)
    } catch (cause) {
      state.running = false
      if (this.#stopped) return
      const error = cause instanceof Error ? cause.message : String(cause)
      log.write('error', 'a namespace could not be deleted yet', { path, attempts: state.attempts + 1, error })
      state.cancel = clock.after(backOff(state.attempts++), () => this.begin(realm))
    }
  }

  #steps(realm: Realm): readonly (() => Promise<void>)[] {
    const { leases, tokens, finished } = this.#o
    const id = realm.namespace.suffix as string
    return [
      // What has come in before it was tainted may still make leases and tokens.
      () => realm.idle(),
      () => leases.revokePrefix('', { wait: true, force: false, toTheEnd: true }, id),
      () => tokens.revokeAllIn(id),
      () => realm.mounts.endAll(),
      () => tokens.forgetVisits(id),
      () => this.#wipe(realm),
      () => finished(realm),
    ]
  }

  async #wipe({ namespace }: Realm): Promise<void> {
    const view = this.#o.barrier.view(baseOf(namespace))
    for await (const key of keysBelow(view, '')) await view.delete(key)
  }
}
