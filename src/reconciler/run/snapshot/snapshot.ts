/**
 * What a target answered to everything that planning asks: so that a pull request of a stranger can be planned where no secret, no token
 * and no way to the target is. It holds what plans show anyway (policies, roles, mounts), and no secret: references are not followed
 * while it is taken, objects of the `api` kind (which may be anything) are left out, and what our tables call a secret is dropped.
 */
import { statusOf, type TargetAnswer, type TargetReader } from '../../model/index.ts'

export interface SnapshotBody {
  readonly takenAt: Date
  /** From when on no plan is made with it. */
  readonly expiresAt: Date
  readonly target: { readonly address: string; readonly namespace?: string }
  /** What each request was answered; `null`: there is no such thing. */
  readonly answers: Readonly<Record<string, Recorded>>
}

export type Recorded =
  | { readonly is: 'answer'; readonly body: Readonly<Record<string, unknown>> }
  | { readonly is: 'names'; readonly names: readonly string[] }
  | { readonly is: 'absent' }
  | { readonly is: 'refused'; readonly status: number; readonly message: string }

/** The snapshot says nothing of what was asked. Never taken for an absence. */
export class SnapshotLacks extends Error {
  constructor(path: string, takenAt: Date) {
    super(
      `the snapshot of ${takenAt.toISOString()} knows nothing of ${path}: it was taken before the server or the repository had it; take a new one`,
    )
  }
}

/** What the target refused while the snapshot was taken, or what nobody may know: with its status, as a client would throw it. */
class SnapshotRefusal extends Error {
  readonly status: number
  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/** Of whoever took it, and nobody else's business. */
const PRIVATE = 'auth/token/lookup-self'
/** Many at once is a way of asking, and not an answer of its own. */
const READ_MANY = 'sys/internal/read-many'

type Query = Readonly<Record<string, string | readonly string[]>> | undefined

const readKey = (path: string, query: Query): string =>
  query === undefined
    ? `GET ${path}`
    : `GET ${path}?${Object.keys(query)
        .sort()
        .map(it => `${it}=${String(query[it])}`)
        .join('&')}`
const listKey = (path: string): string => `LIST ${path}`

/** Passes on what is asked, and remembers what was answered. */
export class Recorder implements TargetReader {
  readonly #reader: TargetReader
  readonly #isSecret: (key: string) => boolean
  readonly #answers = new Map<string, Recorded>()

  constructor(reader: TargetReader, isSecret: (key: string) => boolean) {
    this.#reader = reader
    this.#isSecret = isSecret
  }

  get answers(): Readonly<Record<string, Recorded>> {
    return Object.fromEntries([...this.#answers].sort(([a], [b]) => (a < b ? -1 : 1)))
  }

  async read(path: string, query?: Query): Promise<TargetAnswer | undefined> {
    if (path === READ_MANY) throw new SnapshotRefusal(404, 'unsupported path')
    if (path === PRIVATE) return await this.#reader.read(path, query)
    return await this.#noted(readKey(path, query), async () => {
      const answer = await this.#reader.read(path, query)
      const recorded: Recorded =
        answer === undefined ? { is: 'absent' } : { is: 'answer', body: this.#withoutSecrets(answer) as Readonly<Record<string, unknown>> }
      return [answer, recorded]
    })
  }

  async list(path: string): Promise<readonly string[]> {
    return await this.#noted(listKey(path), async () => {
      const names = await this.#reader.list(path)
      return [names, { is: 'names', names }]
    })
  }

  async #noted<T>(key: string, work: () => Promise<readonly [T, Recorded]>): Promise<T> {
    try {
      const [value, recorded] = await work()
      this.#answers.set(key, recorded)
      return value
    } catch (thrown) {
      const status = statusOf(thrown)
      // What was no answer at all ends the run, and the snapshot with it.
      if (status !== undefined && status < 500) this.#answers.set(key, { is: 'refused', status, message: (thrown as Error).message })
      throw thrown
    }
  }

  /** Request ids and warnings are of one moment, and prove nothing later. */
  #withoutSecrets(answer: TargetAnswer): unknown {
    const { data, ...rest } = answer as TargetAnswer & Readonly<Record<string, unknown>>
    const kept = Object.fromEntries(Object.entries(rest).filter(([key]) => SEAL_STATUS.has(key)))
    return data === undefined ? kept : { ...kept, data: this.#cleaned(data) }
  }

  #cleaned(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(it => this.#cleaned(it))
    if (typeof value !== 'object' || value === null || isNumber(value)) return value
    return Object.fromEntries(
      Object.entries(value)
        .filter(([key, it]) => !this.#isSecret(key) && !(typeof it === 'string' && it.startsWith('otpauth:')))
        .map(([key, it]) => [key, this.#cleaned(it)]),
    )
  }
}

const isNumber = (value: object): boolean => (JSON as unknown as { isRawJSON(value: unknown): boolean }).isRawJSON(value)

/** Of `sys/seal-status`, which has no envelope: what tells servers apart. */
const SEAL_STATUS: ReadonlySet<string> = new Set(['sealed', 'initialized', 'version', 'lockstep_version', 'cluster_id', 'cluster_name'])

/** Answers as the target did. What it was not asked then rejects, and is never taken for absent. */
export function snapshotReader({ answers, takenAt }: SnapshotBody): TargetReader {
  const find = (key: string): Recorded | undefined => (Object.hasOwn(answers, key) ? answers[key] : undefined)
  const refuse = (recorded: Recorded): void => {
    if (recorded.is === 'refused') throw new SnapshotRefusal(recorded.status, recorded.message)
  }
  return {
    async read(path, query) {
      if (path === READ_MANY) throw new SnapshotRefusal(404, 'unsupported path')
      if (path === PRIVATE) throw new SnapshotRefusal(403, 'a snapshot has no token')
      const recorded = find(readKey(path, query))
      if (recorded === undefined) throw new SnapshotLacks(path, takenAt)
      refuse(recorded)
      return recorded.is === 'answer' ? recorded.body : undefined
    },
    async list(path) {
      const recorded = find(listKey(path))
      // As where a token may not list: nothing is known of what is there.
      if (recorded === undefined) throw new SnapshotRefusal(403, `the snapshot has no list of ${path}`)
      refuse(recorded)
      return recorded.is === 'names' ? recorded.names : []
    },
  }
}
