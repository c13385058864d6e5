/** When the encryption key is replaced by itself: after so many encryptions, or after so long. */
import { goDuration, type Clock, type Log } from '../../kernel/index.ts'
import type { Barrier } from '../barrier/index.ts'
import { faults, type RotationConfig, type View } from '../logical/index.ts'
import { encodeRecord, readRecord } from './record.ts'

/** AES-GCM with random nonces is safe for 2^32 records a key (NIST SP 800-38D, section 8.3); the peer stops at nine tenths of it. */
const MOST_OPERATIONS = 3_865_470_566
const FEWEST_OPERATIONS = 1_000_000
const SHORTEST_INTERVAL = 24 * 3600

const KEY = 'rotation'

export class KeyRotation {
  readonly #view: View
  readonly #barrier: Barrier
  readonly #clock: Clock
  readonly #log: Log
  #config: RotationConfig = { enabled: true, maxOperations: MOST_OPERATIONS, interval: 0 }

  constructor(view: View, barrier: Barrier, clock: Clock, log: Log) {
    this.#view = view
    this.#barrier = barrier
    this.#clock = clock
    this.#log = log
  }

  async open(): Promise<void> {
    this.#config = (await readRecord<RotationConfig>(this.#view, KEY)) ?? this.#config
  }

  get config(): RotationConfig {
    return this.#config
  }

  async configure(change: Partial<RotationConfig>): Promise<void> {
    const next = { ...this.#config, ...change }
    if (next.maxOperations < FEWEST_OPERATIONS || next.maxOperations > MOST_OPERATIONS)
      throw faults.refused({ why: `max_operations must be in the range [${FEWEST_OPERATIONS},${MOST_OPERATIONS}]` })
    if (next.interval !== 0 && next.interval < SHORTEST_INTERVAL)
      throw faults.refused({ why: `interval must be greater or equal to ${goDuration(SHORTEST_INTERVAL)}` })
    await this.#view.put(KEY, encodeRecord(next))
    this.#config = next
  }

  async tick(): Promise<void> {
    const { enabled, maxOperations, interval } = this.#config
    if (!enabled) return
    const { encryptions, installTime } = this.#barrier.term()
    const age = (this.#clock.now().getTime() - installTime.getTime()) / 1000
    if (encryptions < maxOperations && (interval === 0 || age < interval)) return
    const { term } = await this.#barrier.rotate()
    this.#log.write('info', 'the encryption key was rotated by itself', { term })
  }
}
