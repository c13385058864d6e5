/**
 * One writer process a store. Whoever wants to write first puts up a claim, a file `writer.<facts>`, and then looks at all
 * claims: one of a process that lives makes it withdraw its own, one of a process that is gone is cleared away. Because
 * everybody claims before looking, two can never both go on; at worst both withdraw. A claim appears whole, by rename.
 *
 * Whether a process lives is seen from its number and start time, so a claim left by `kill -9` is no obstacle, even when
 * the number has been given to another process. Where that cannot be seen (another container or machine over the same
 * folder), the claim's time tells: its holder renews it, and one that has not been renewed for `SILENCE` is void.
 * Should such a holder wake up after all, the store refuses its commits: see WRITER in commits.ts.
 */
import { readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../../../kernel/index.ts'
import { StorageError } from '../index.ts'
import { isAlive, thisProcess, type ProcessFacts } from './process-facts.ts'

const PREFIX = 'writer.'
/** What a claim is called until it is whole. */
const DRAFT = '.draft.'
const RENEWAL_MS = 5_000
const SILENCE_MS = 30_000

export interface Claim {
  /** Like no other's. */
  readonly id: string
  release(): void
}

let count = 0

/** @throws StorageError `inUse`, with who has the store */
export function claim(folder: string, clock: Clock): Claim {
  const own = thisProcess()
  const id = `${own.pid}-${own.started}-${count++}-${own.namespace.replace(/\D/g, '')}`
  const file = join(folder, PREFIX + id)
  const draft = join(folder, DRAFT + PREFIX + id)
  writeFileSync(draft, `${JSON.stringify(own)}\n`, { mode: 0o600 })
  renameSync(draft, file)
  try {
    for (const name of readdirSync(folder)) {
      if (name.startsWith(PREFIX) && name !== PREFIX + id) clearOrRefuse(folder, name, own, file)
      if (name.startsWith(DRAFT + PREFIX) && ageOf(join(folder, name), file) > SILENCE_MS) rmSync(join(folder, name), { force: true })
    }
  } catch (error) {
    rmSync(file, { force: true })
    throw error
  }
  let cancel = (): void => undefined
  const renew = (): void => {
    cancel = clock.after(RENEWAL_MS, () => {
      try {
        // By the time of the file system, which is also what it is compared with.
        writeFileSync(file, `${JSON.stringify(own)}\n`, { flag: 'r+' })
      } catch {
        // Gone or not writable: then the store itself will say so at the next commit.
      }
      renew()
    })
  }
  renew()
  return {
    id,
    release() {
      cancel()
      rmSync(file, { force: true })
    },
  }
}

function clearOrRefuse(folder: string, name: string, own: ProcessFacts, ownFile: string): void {
  const file = join(folder, name)
  const other = read(file)
  if (other !== undefined) {
    const alive = isAlive(other, own) ?? ageOf(file, ownFile) < SILENCE_MS
    if (alive) {
      const where = other.host === own.host ? '' : ` on host ${other.host}`
      throw new StorageError('inUse', `the store in ${folder} is in use by process ${other.pid}${where}; one process at a time may open it`)
    }
  }
  rmSync(file, { force: true })
}

/** How long before our own claim the other was last renewed. */
const ageOf = (file: string, ownFile: string): number =>
  statSync(ownFile).mtimeMs - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0)

/** Undefined for what is no claim, or none any more. */
function read(file: string): ProcessFacts | undefined {
  try {
    const facts = JSON.parse(readFileSync(file, 'utf8')) as Partial<ProcessFacts>
    return typeof facts.pid === 'number' ? (facts as ProcessFacts) : undefined
  } catch {
    return undefined
  }
}
