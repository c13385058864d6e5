/**
 * Which of several watches works. The lock is a policy of comments in the ledger's folder: no extra mount, no extra right. Whoever
 * holds it writes it anew all the time; whoever finds it unchanged for its whole term, by its own clock, takes it over. So clocks
 * need not agree, and a holder that is cut off knows when to stop: before anybody can have waited long enough.
 *
 * Where policies have versions a write is bound to the one that was read. Elsewhere what was written is read back after a moment,
 * which two watches can pass at once only if one of them was stopped in between for longer than that.
 */
import { nativeNumber, type Clock } from '../../kernel/index.ts'
import { apiPath, lockName, policyAddress, statusOf, textOf, type TargetWriter } from '../model/index.ts'

export interface LeaderLockOptions {
  readonly owner: string
  /** Tells this watch from every other: drawn at random, not a name. */
  readonly id: string
  /** Where it runs, for whoever reads the lock. */
  readonly host: string
  readonly clock: Clock
  /** Milliseconds after which a lock that nobody renews is anybody's. */
  readonly term: number
}

interface Seen {
  readonly text: string
  readonly version: number | undefined
}

export type Attempt = { readonly is: 'held' } | { readonly is: 'taken'; readonly by: string }

/** Of the term: when a holder stops, should it not have renewed. */
const SAFE_SHARE = 0.8
/** Milliseconds before what was written is read back, where writes cannot be bound to a version. */
const SETTLE = 1000

const TITLE = '# lockstep lock 1'

export class LeaderLock {
  readonly #o: LeaderLockOptions
  readonly #path: string
  #held: { readonly version: number | undefined; readonly since: number } | undefined
  #watched: { readonly text: string; readonly since: number } | undefined
  #count = 0

  constructor(options: LeaderLockOptions) {
    this.#o = options
    this.#path = apiPath(policyAddress(lockName(options.owner)))
  }

  /** Whether it is ours beyond doubt at this moment, whatever happens elsewhere. */
  get isHeld(): boolean {
    return this.#held !== undefined && this.#now() < this.#held.since + this.#o.term * SAFE_SHARE
  }

  /** When holding ends unless it is renewed before; milliseconds since 1970. */
  get until(): number {
    return this.#held === undefined ? 0 : this.#held.since + this.#o.term * SAFE_SHARE
  }

  /** Takes or renews it. Rejects when the target cannot be asked: what was held is then held until its term is nearly over. */
  async attempt(writer: TargetWriter): Promise<Attempt> {
    const asked = this.#now()
    const seen = await this.#read(writer)
    const holder = seen === undefined ? '' : holderOf(seen.text)
    if (holder !== this.#o.id) {
      this.#held = undefined
      if (holder !== '' && !this.#isAbandoned(seen?.text ?? '', asked)) return { is: 'taken', by: describe(seen?.text ?? '') }
    }
    const version = await this.#write(writer, this.#text(), seen)
    if (version === undefined) {
      this.#held = undefined
      return { is: 'taken', by: 'another watch that was faster' }
    }
    this.#watched = undefined
    this.#held = { version: version.version, since: asked }
    return { is: 'held' }
  }

  /** Lets the next one have it at once. */
  async release(writer: TargetWriter): Promise<void> {
    const held = this.#held
    this.#held = undefined
    if (held === undefined) return
    const seen = await this.#read(writer)
    if (seen === undefined || holderOf(seen.text) !== this.#o.id) return
    await this.#write(writer, `${TITLE}\n# Nobody holds this lock. It grants nothing.\n# holder\n`, seen)
  }

  /** Whether it stood there unchanged for a whole term, in our own eyes. */
  #isAbandoned(text: string, now: number): boolean {
    if (this.#watched?.text !== text) this.#watched = { text, since: now }
    return now - this.#watched.since >= this.#o.term
  }

  #text(): string {
    const { id, host } = this.#o
    return [
      TITLE,
      '# A watch of Lockstep writes this anew as long as it works, so that no second one does. It grants nothing.',
      `# holder ${id}`,
      `# at ${host.replace(/[^\w.:-]/g, '_')}`,
      // Never the same twice: that is how it is seen to live.
      `# renewed ${new Date(this.#now()).toISOString()} ${++this.#count}`,
      '',
    ].join('\n')
  }

  async #read(writer: TargetWriter): Promise<Seen | undefined> {
    const data = (await writer.read(this.#path))?.data
    if (data === undefined || data === null) return undefined
    const version = nativeNumber(data['version'])
    return { text: textOf(data['policy'] ?? data['rules']), version: typeof version === 'number' ? version : undefined }
  }

  /** Undefined: somebody else was faster. Servers without versions ignore `cas`. */
  async #write(writer: TargetWriter, text: string, seen: Seen | undefined): Promise<{ readonly version: number | undefined } | undefined> {
    const cas = seen === undefined ? { cas: -1 } : seen.version === undefined ? {} : { cas: seen.version }
    try {
      await writer.write(this.#path, { policy: text, ...cas })
    } catch (error) {
      if (statusOf(error) !== 400) throw error
      const now = await this.#read(writer)
      if (now?.text === seen?.text && now?.version === seen?.version) throw error
      return undefined
    }
    let now = await this.#read(writer)
    if (now?.version === undefined && holderOf(seen?.text ?? '') !== this.#o.id) {
      await this.#pause(SETTLE)
      now = await this.#read(writer)
    }
    return now?.text.trimEnd() === text.trimEnd() ? { version: now.version } : undefined
  }

  #pause(ms: number): Promise<void> {
    return new Promise(resolve => void this.#o.clock.after(ms, resolve))
  }

  #now(): number {
    return this.#o.clock.now().getTime()
  }
}

const holderOf = (text: string): string => /^# holder (\S+)$/m.exec(text)?.[1] ?? ''

const describe = (text: string): string => {
  const at = /^# at (\S+)$/m.exec(text)?.[1]
  return at === undefined ? 'another watch' : `the watch at ${at}`
}
