/**
 * Runs work until it has seen and changed one state of the store:
 *
 *   1. freely, beside everything else;
 *   2. after a conflict in the lane, one run at a time. Its commit is only sent there, not awaited, and the next in the
 *      lane reads what was sent, so a crowd around one record needs one flush, not one each;
 *   3. after three more conflicts (with free runs and plain writes) behind the closed gate, where there is nobody left to
 *      conflict with, so that it always ends.
 *
 * Work that throws has its reads proven as well: it may have thrown because of a state that never was.
 */
import { invariant } from '../../kernel/index.ts'
import { faults, type View } from '../logical/index.ts'
import { heldTurn, type Records } from './records.ts'
import { Transaction } from './transaction.ts'

type Work<T> = (view: View) => Promise<T>

const TRIES_IN_LANE = 3
/** Behind the gate only another process can still interfere. */
const TRIES_BEHIND_GATE = 3

/** One at a time, in order of arrival. */
export class Lane {
  #last: Promise<void> = Promise.resolve()

  async enter(): Promise<() => void> {
    invariant(heldTurn.getStore()?.held !== true, 'inside transact, use the view that it gives')
    const { promise, resolve } = Promise.withResolvers<void>()
    const before = this.#last
    this.#last = promise
    await before
    return resolve
  }
}

export async function transact<T>(records: Records, lane: Lane, prefix: string, work: Work<T>): Promise<T> {
  const free = await run(records, prefix, work)
  if (await free.send()) return free.outcome()

  for (let tries = 0; tries < TRIES_IN_LANE; tries++) {
    const leave = await lane.enter()
    let sending: Promise<boolean>
    let ran: Run<T>
    try {
      ran = await holding(() => run(records, prefix, work))
      sending = ran.send()
    } finally {
      leave()
    }
    if (await sending) return ran.outcome()
  }

  const leave = await lane.enter()
  try {
    const openGate = await records.closeGate()
    try {
      for (let tries = 0; tries < TRIES_BEHIND_GATE; tries++) {
        const ran = await holding(() => run(records, prefix, work))
        if (await ran.send('ownGate')) return ran.outcome()
      }
    } finally {
      openGate()
    }
  } finally {
    leave()
  }
  throw faults.storageFailed({ cause: new Error('a transaction conflicts although nothing else here writes: is there a second writer?') })
}

interface Run<T> {
  send(own?: 'ownGate'): Promise<boolean>
  outcome(): T
}

async function run<T>(records: Records, prefix: string, work: Work<T>): Promise<Run<T>> {
  const transaction = new Transaction(records)
  let outcome: () => T
  try {
    const result = await work(transaction.view(prefix))
    outcome = () => result
  } catch (thrown) {
    transaction.abandon()
    outcome = () => {
      throw thrown
    }
  }
  transaction.end()
  return {
    async send(own) {
      try {
        return await transaction.finish(own)
      } finally {
        transaction.release()
      }
    },
    outcome,
  }
}

async function holding<T>(work: () => Promise<T>): Promise<T> {
  const turn = { held: true }
  try {
    return await heldTurn.run(turn, work)
  } finally {
    turn.held = false
  }
}
