import { randomBytes, randomUUID } from 'node:crypto'
import { ManualClock, seconds, type Log } from '../../../../src/kernel/index.ts'
import { kubernetesMethod } from '../../../../src/server/auth/kubernetes/index.ts'
import { openBackend } from '../../../../src/server/framework/index.ts'
import { isFault, memoryView, ROOT_NAMESPACE, type Backend, type Grant, type OpName } from '../../../../src/server/logical/index.ts'
import { someone } from '../../../conformance/engine-replay.ts'

export interface Told {
  readonly status: number
  readonly errors?: readonly string[]
  readonly data?: Readonly<Record<string, unknown>> | null
  readonly grant?: Grant
}

/** A clock that stands unless it is moved, but on which waits of up to `passing` milliseconds pass at once. */
class PatientClock extends ManualClock {
  passing = 0

  override after(ms: number, work: () => void): () => void {
    const cancel = super.after(ms, work)
    if (ms <= this.passing) setImmediate(() => this.advance(ms))
    return cancel
  }
}

/** A mount over memory, on a clock of its own, with everything that it logs. */
export class MountedKubernetes {
  readonly clock: PatientClock = new PatientClock(new Date())
  readonly logged: string[] = []
  readonly backend: Backend

  constructor(podFolder = '/nowhere') {
    const log: Log = { write: (level, message, facts) => void this.logged.push(`${level} ${message} ${JSON.stringify(facts ?? {})}`) }
    this.backend = openBackend(
      kubernetesMethod(podFolder),
      {
        view: memoryView(),
        mount: () => ({ path: 'auth/kubernetes/', accessor: 'mount_1', type: 'kubernetes', options: {}, namespace: ROOT_NAMESPACE }),
        fillTemplate: async () => ({ is: 'no entity' }),
        passwordBy: () => Promise.reject(new Error('no password policies here')),
        leaseDefaults: () => ({ ttl: seconds(3600), maxTtl: seconds(7200) }),
        clock: this.clock,
        random: { bytes: count => randomBytes(count), uuid: () => randomUUID() },
        log,
        leases: { some: async () => false },
      },
      { strictReplies: true },
    )
  }

  async ask(
    op: OpName,
    path: string,
    data: Readonly<Record<string, unknown>> = {},
    stop: AbortController = new AbortController(),
  ): Promise<Told> {
    const { signal } = stop
    const request = { op, path, mountPath: 'auth/kubernetes/', wrapped: false, data, caller: someone, now: this.clock.now(), signal }
    try {
      const outcome = await this.backend.handle(request)
      if (outcome.is === 'auth') return { status: 200, grant: outcome.grant }
      return outcome.is === 'data' ? { status: 200, data: outcome.data } : { status: 204 }
    } catch (cause) {
      if (!isFault(cause)) throw cause
      return { status: cause.status, errors: cause.wire }
    }
  }

  /** A login during which waits of up to so many milliseconds pass at once. */
  async patientLogin(jwt: string, passing = 5_000): Promise<Told> {
    this.clock.passing = passing
    try {
      return await this.login(jwt)
    } finally {
      this.clock.passing = 0
    }
  }

  login(jwt: string, role = 'r', stop?: AbortController): Promise<Told> {
    return this.ask('write', 'login', { role, jwt }, stop)
  }
}
