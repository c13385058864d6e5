/**
 * Takes over a mount that was version 1 until its options were tuned: every secret becomes version 1 of a key. Each in a
 * transaction of its own, which also deletes the old record, so the records that are left are all the state there is, and
 * after a crash the next use goes on.
 */
import { parseJson } from '../../../../kernel/index.ts'
import type { WireObject } from '../../../../schema/index.ts'
import { faults, type Host, type View } from '../../../logical/index.ts'
import { secretsOf } from '../v1/index.ts'
import { textOfContents } from './contents.ts'
import { newKey, readKey, textOf, writeContents, writeKey } from './key.ts'

/** How long a request is held back before it is refused; most mounts are done sooner. */
const PATIENCE = 1000
const PAGE = 256

export class Upgrade {
  readonly #host: Host
  #done = false
  #stopped = false
  #running: Promise<void> | undefined

  constructor(host: Host) {
    this.#host = host
  }

  /** Nothing once the mount is taken over. */
  ready(): Promise<void> | undefined {
    return this.#done ? undefined : this.#wait()
  }

  /** Resolves when the mount is taken over, or cannot be now. */
  proceed(): Promise<void> {
    if (this.#done || this.#stopped) return Promise.resolve()
    this.#running ??= this.#run().finally(() => (this.#running = undefined))
    return this.#running
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.#running
  }

  async #wait(): Promise<void> {
    const running = this.proceed()
    let cancel = (): void => undefined
    const late = new Promise<void>(resolve => {
      cancel = this.#host.clock.after(PATIENCE, resolve)
    })
    await Promise.race([running, late])
    cancel()
    if (!this.#done) {
      throw faults.refused({
        why: 'Upgrading from non-versioned to versioned data. This backend will be unavailable for a brief period and will resume service shortly.',
      })
    }
  }

  async #run(): Promise<void> {
    const { view, log } = this.#host
    try {
      const count = await this.#takeOver(view, '')
      if (count > 0) log.write('info', 'upgraded secrets to version 2', { count })
      this.#done = !this.#stopped
    } catch (cause) {
      log.write('error', 'upgrading secrets to version 2 stopped, and will be tried again', { cause })
    }
  }

  /** What was taken over is gone from the listing, so its first page is always what is left. */
  async #takeOver(view: View, folder: string): Promise<number> {
    let count = 0
    for (;;) {
      const names = await secretsOf(view).list(folder, { limit: PAGE })
      if (names.length === 0 || this.#stopped) return count
      for (const name of names) {
        if (this.#stopped) return count
        if (name.endsWith('/')) count += await this.#takeOver(view, folder + name)
        else count += await view.transact(tx => this.#takeOne(tx, folder + name))
      }
    }
  }

  async #takeOne(view: View, path: string): Promise<number> {
    const old = await secretsOf(view).get(path)
    if (old === undefined) return 0
    const now = this.#host.clock.now().getTime()
    const key = (await readKey(view, path)) ?? newKey(this.#host.random.uuid(), now)
    const current = key.current + 1
    await writeContents(view, key, current, textOfContents(parseJson(textOf(old)) as WireObject))
    await writeKey(view, path, {
      ...key,
      current,
      oldest: key.oldest || current,
      versions: { ...key.versions, [current]: { created: now } },
    })
    await secretsOf(view).delete(path)
    return 1
  }
}
