/**
 * Users who are locked out after too many wrong passwords. A user is an alias of a mount, as identity will know them; the method says
 * which a login is for, and that the credentials were the fault. Nobody is counted who does not exist, so strangers cannot fill it.
 *
 * Counts live in memory alone; that a user is locked is stored too, so that a restart is no way in.
 *
 * States of a user: free → (a failure) counted → (as many as the threshold, none of them older than the last by more than the reset)
 * locked → (the time is over) counted, where one more failure locks again → (a login, or an operator) free.
 */
import type { Clock, Log } from '../../kernel/index.ts'
import {
  faults,
  type LockedUser,
  type LockoutPort,
  type LockoutSettings,
  type MountEntry,
  type NamespaceRef,
  type View,
} from '../logical/index.ts'
import { encodeRecord, keysBelow, readRecord } from './record.ts'

export interface UserLockoutOptions {
  readonly view: View
  readonly clock: Clock
  readonly log: Log
  /** What the configuration says of a type of auth method. */
  readonly settingsOf: (type: string) => Partial<LockoutSettings>
  readonly mountOf: (accessor: string) => { readonly entry: MountEntry; readonly namespace: NamespaceRef } | undefined
}

interface Failures extends Omit<LockedUser, 'namespace'> {
  readonly count: number
  readonly last: number
}

const DEFAULTS: LockoutSettings = { threshold: 5, duration: 900, counterReset: 900, disable: false }
const FEW = 1024
const keyOf = (accessor: string, alias: string): string => `${accessor}/${encodeURIComponent(alias)}`

export class UserLockout implements LockoutPort {
  readonly #o: UserLockoutOptions
  readonly #failures = new Map<string, Failures>()
  #many = FEW

  constructor(options: UserLockoutOptions) {
    this.#o = options
  }

  async open(): Promise<void> {
    for await (const key of keysBelow(this.#o.view, '')) {
      const stored = await readRecord<Failures>(this.#o.view, key)
      if (stored !== undefined) this.#failures.set(key, stored)
    }
  }

  /** Whether there is anybody to look for. */
  get idle(): boolean {
    return this.#failures.size === 0
  }

  /** Throws the fault for a user who is locked out, before anything is compared. */
  check(mount: MountEntry, alias: string): void {
    const found = this.#failures.get(keyOf(mount.accessor, alias))
    if (found !== undefined && this.#isLocked(found, this.#settings(mount))) throw faults.tokenRefused()
  }

  async failed(mount: MountEntry, alias: string): Promise<void> {
    const settings = this.#settings(mount)
    if (settings.disable) return
    const key = keyOf(mount.accessor, alias)
    const now = this.#o.clock.now().getTime()
    const before = this.#failures.get(key)
    const isOld = before !== undefined && now - before.last > settings.counterReset * 1000
    const next: Failures = { mountAccessor: mount.accessor, alias, count: before === undefined || isOld ? 1 : before.count + 1, last: now }
    if (before === undefined) this.#makeRoom(now)
    this.#failures.set(key, next)
    if (next.count < settings.threshold) return
    await this.#o.view.put(key, encodeRecord(next))
    if (next.count === settings.threshold) this.#o.log.write('warn', 'locked a user out', { mount_accessor: mount.accessor })
  }

  async succeeded(mount: MountEntry, alias: string): Promise<void> {
    await this.unlock(mount.accessor, alias)
  }

  locked(): readonly LockedUser[] {
    const locked: LockedUser[] = []
    for (const found of this.#failures.values()) {
      const mount = this.#o.mountOf(found.mountAccessor)
      if (mount !== undefined && this.#isLocked(found, this.#settings(mount.entry)))
        locked.push({ mountAccessor: found.mountAccessor, alias: found.alias, namespace: mount.namespace })
    }
    return locked
  }

  async unlock(accessor: string, alias: string): Promise<void> {
    const key = keyOf(accessor, alias)
    const found = this.#failures.get(key)
    if (found === undefined) return
    const mount = this.#o.mountOf(accessor)
    // What was never stored need not be taken out of the store.
    if (mount === undefined || found.count >= this.#settings(mount.entry).threshold) await this.#o.view.delete(key)
    this.#failures.delete(key)
  }

  #isLocked({ count, last }: Failures, { disable, threshold, duration }: LockoutSettings): boolean {
    return !disable && count >= threshold && this.#o.clock.now().getTime() < last + duration * 1000
  }

  /** Of the mount; what it leaves at zero is the configuration's, and then ours. */
  #settings({ config: { userLockout: own }, type }: MountEntry): LockoutSettings {
    const general = { ...DEFAULTS, ...this.#o.settingsOf(type) }
    if (own === undefined) return general
    return {
      threshold: own.threshold || general.threshold,
      duration: own.duration || general.duration,
      counterReset: own.counterReset || general.counterReset,
      disable: own.disable || general.disable,
    }
  }

  #makeRoom(now: number): void {
    if (this.#failures.size < this.#many) return
    for (const [key, { mountAccessor, last, count }] of this.#failures) {
      const mount = this.#o.mountOf(mountAccessor)
      const settings = mount === undefined ? undefined : this.#settings(mount.entry)
      // Those whose failures are stored are as many as there are users; the rest is forgotten when it counts no more.
      if (settings === undefined || (count < settings.threshold && now - last > settings.counterReset * 1000)) this.#failures.delete(key)
    }
    this.#many = Math.max(FEW, this.#failures.size * 2)
  }
}
