/**
 * Requests an interval, for each address by itself: an interval begins with the first request from there, and gives its whole number
 * again when it is over. Whoever asks for more may be kept out for a while.
 */
export interface Taken {
  readonly allowed: boolean
  /** How many are left in this interval. Absent: kept out, without another look. */
  readonly left?: number
  /** Milliseconds until the interval ends. */
  readonly resetIn: number
  /** Milliseconds until it makes sense to come again; 0 when it was allowed. */
  readonly retryIn: number
}

interface Bucket {
  readonly start: number
  tick: number
  left: number
  blockedUntil: number
}

/** As many addresses are kept before those that have been quiet are looked for. */
const FEW = 1024

export class Limiter {
  /** Requests an interval. */
  readonly limit: number
  readonly #interval: number
  readonly #block: number
  readonly #buckets = new Map<string, Bucket>()
  #many = FEW

  /** Times in seconds. */
  constructor(rate: number, interval: number, blockInterval: number) {
    this.limit = Math.max(1, Math.round(rate))
    this.#interval = interval * 1000
    this.#block = blockInterval * 1000
  }

  /** How many addresses it remembers. */
  get size(): number {
    return this.#buckets.size
  }

  take(address: string, now: number): Taken {
    let bucket = this.#buckets.get(address)
    if (bucket === undefined) {
      this.#makeRoom(now)
      bucket = { start: now, tick: 0, left: this.limit, blockedUntil: 0 }
      this.#buckets.set(address, bucket)
    }
    if (bucket.blockedUntil > now) return { allowed: false, resetIn: 0, retryIn: bucket.blockedUntil - now }
    // A clock that is set back begins no interval anew.
    const tick = Math.max(bucket.tick, Math.floor((now - bucket.start) / this.#interval))
    if (tick > bucket.tick) {
      bucket.tick = tick
      bucket.left = this.limit
    }
    const resetIn = bucket.start + (tick + 1) * this.#interval - now
    if (bucket.left > 0) {
      bucket.left--
      return { allowed: true, left: bucket.left, resetIn, retryIn: 0 }
    }
    if (this.#block > 0) bucket.blockedUntil = now + this.#block
    return { allowed: false, left: 0, resetIn, retryIn: this.#block > 0 ? this.#block : resetIn }
  }

  /** An address whose interval is over is as good as one that never came. */
  #makeRoom(now: number): void {
    if (this.#buckets.size < this.#many) return
    for (const [address, { start, tick, blockedUntil }] of this.#buckets)
      if (blockedUntil <= now && start + (tick + 1) * this.#interval <= now) this.#buckets.delete(address)
    this.#many = Math.max(FEW, this.#buckets.size * 2)
  }
}
