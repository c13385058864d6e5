import type { View } from '../logical/index.ts'
import { pathIn, prefixIn } from './paths.ts'
import { ownCopy, type Known, type Records } from './records.ts'
import { transact, type Lane } from './transact.ts'

export interface Period {
  readonly records: Records
  readonly lane: Lane
}

const NOTHING: ReadonlyMap<string, Known> = new Map()

/** The view outside of transactions. It outlives periods: `period` gives the present one or throws the fault `sealed`. */
export function recordView(period: () => Period, prefix: string): View {
  const write = async (key: string, value: Buffer | undefined): Promise<void> => {
    await period().records.send({ reads: NOTHING, writes: new Map([[pathIn(prefix, key), value]]) })
  }
  return {
    async get(key) {
      const { records } = period()
      const known = records.committed(pathIn(prefix, key))
      // Known already: no turn of the queue but the caller's own. This is the path that most requests take.
      if (!(known instanceof Promise)) return known.plain && Buffer.from(known.plain)
      const { plain } = await known
      records.live()
      return plain && Buffer.from(plain)
    },
    put: async (key, value) => write(key, ownCopy(value)),
    delete: key => write(key, undefined),
    list: async (under, page) => period().records.list(prefixIn(prefix, under), page),
    sub: under => recordView(period, prefixIn(prefix, under)),
    async transact(work) {
      const { records, lane } = period()
      return transact(records, lane, prefix, work)
    },
  }
}
