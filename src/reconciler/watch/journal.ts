import { outcomes, type RunOutcome, type RunRecord } from './run.ts'

/** What a watch has done: the last runs whole, all of them as numbers. */
export class Journal {
  readonly #kept: number
  readonly #runs: RunRecord[] = []
  readonly counts: Record<RunOutcome, number> = Object.fromEntries(outcomes.map(it => [it, 0])) as Record<RunOutcome, number>
  /** Milliseconds that runs took, all together. */
  took = 0
  /** When the target was last seen to be as a commit says. */
  lastGood: Date | undefined
  noticesSent = 0
  noticesFailed = 0

  constructor(kept: number) {
    this.#kept = Math.max(1, kept)
  }

  add(record: RunRecord): void {
    this.#runs.push(record)
    if (this.#runs.length > this.#kept) this.#runs.shift()
    this.counts[record.outcome]++
    this.took += record.took
    if (record.outcome === 'clean' || record.outcome === 'applied') this.lastGood = new Date(record.begunAt.getTime() + record.took)
  }

  /** Newest first. */
  get runs(): readonly RunRecord[] {
    return this.#runs.toReversed()
  }

  get last(): RunRecord | undefined {
    return this.#runs.at(-1)
  }
}
