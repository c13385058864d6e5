/**
 * What falls due when: a binary heap and one timer, never a timer a lease.
 *
 * Invariants: (1) `#at` holds the one true due time of each id; (2) a heap entry whose time is not that of `#at` is stale
 * and is skipped when it surfaces; (3) while running, the timer is set for the head of the heap.
 */
import type { Clock } from '../../kernel/index.ts'

interface Entry {
  readonly at: number
  readonly id: string
}

export class Expiry {
  readonly #clock: Clock
  readonly #due: (id: string) => void
  readonly #at = new Map<string, number>()
  readonly #heap: Entry[] = []
  #cancel: (() => void) | undefined
  #armedFor = Infinity
  #running = false

  constructor(clock: Clock, due: (id: string) => void) {
    this.#clock = clock
    this.#due = due
  }

  get size(): number {
    return this.#at.size
  }

  /** `at` in epoch milliseconds. */
  set(id: string, at: number): void {
    if (this.#at.get(id) === at) return
    this.#at.set(id, at)
    push(this.#heap, { at, id })
    if (at < this.#armedFor) this.#arm()
  }

  delete(id: string): void {
    this.#at.delete(id)
    // Stale entries are usually skipped in passing; a heap that is mostly stale is made anew.
    if (this.#heap.length > 1024 && this.#heap.length > 4 * this.#at.size) this.#rebuild()
  }

  start(): void {
    this.#running = true
    this.#arm()
  }

  stop(): void {
    this.#running = false
    this.#cancel?.()
    this.#cancel = undefined
    this.#armedFor = Infinity
  }

  clear(): void {
    this.stop()
    this.#at.clear()
    this.#heap.length = 0
  }

  #arm(): void {
    this.#cancel?.()
    this.#cancel = undefined
    this.#armedFor = Infinity
    const head = this.#heap[0]
    if (!this.#running || head === undefined) return
    this.#armedFor = head.at
    this.#cancel = this.#clock.after(head.at - this.#clock.now().getTime(), () => this.#fire())
  }

  #fire(): void {
    const now = this.#clock.now().getTime()
    for (let head = this.#heap[0]; head !== undefined && head.at <= now; head = this.#heap[0]) {
      pop(this.#heap)
      if (this.#at.get(head.id) !== head.at) continue
      this.#at.delete(head.id)
      this.#due(head.id)
    }
    this.#arm()
  }

  #rebuild(): void {
    this.#heap.length = 0
    for (const [id, at] of this.#at) push(this.#heap, { at, id })
  }
}

function push(heap: Entry[], entry: Entry): void {
  let i = heap.length
  heap.push(entry)
  while (i > 0) {
    const up = (i - 1) >> 1
    const parent = heap[up] as Entry
    if (parent.at <= entry.at) break
    heap[i] = parent
    i = up
  }
  heap[i] = entry
}

function pop(heap: Entry[]): void {
  const last = heap.pop()
  if (last === undefined || heap.length === 0) return
  let i = 0
  for (;;) {
    let child = 2 * i + 1
    if (child >= heap.length) break
    if (child + 1 < heap.length && (heap[child + 1] as Entry).at < (heap[child] as Entry).at) child++
    if ((heap[child] as Entry).at >= last.at) break
    heap[i] = heap[child] as Entry
    i = child
  }
  heap[i] = last
}
