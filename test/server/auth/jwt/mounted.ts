import { randomBytes, randomUUID } from 'node:crypto'
import { ManualClock, seconds, type Log } from '../../../../src/kernel/index.ts'
import { jwt } from '../../../../src/server/auth/jwt/index.ts'
import { openBackend } from '../../../../src/server/framework/index.ts'
import { isFault, memoryView, ROOT_NAMESPACE, type Backend, type Grant, type OpName } from '../../../../src/server/logical/index.ts'
import { someone } from '../../../conformance/engine-replay.ts'

export interface Told {
  readonly status: number
  readonly errors?: readonly string[]
  readonly data?: Readonly<Record<string, unknown>> | null
  readonly warnings?: readonly string[]
  readonly grant?: Grant
  readonly page?: string
}

/** A mount over memory, on a clock of its own, with everything that it logs. */
export class MountedJwt {
  readonly clock: ManualClock = new ManualClock(new Date())
  readonly logged: string[] = []
  readonly backend: Backend

  constructor() {
    const log: Log = { write: (level, message, facts) => void this.logged.push(`${level} ${message} ${JSON.stringify(facts ?? {})}`) }
    this.backend = openBackend(
      jwt,
      {
        view: memoryView(),
        mount: () => ({ path: 'auth/jwt/', accessor: 'mount_1', type: 'jwt', options: {}, namespace: ROOT_NAMESPACE }),
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

  async ask(op: OpName, path: string, data: Readonly<Record<string, unknown>> = {}, from: string = someone.remoteAddress): Promise<Told> {
    const { signal } = new AbortController()
    const caller = { ...someone, remoteAddress: from }
    const request = { op, path, mountPath: 'auth/jwt/', wrapped: false, data, caller, now: this.clock.now(), signal }
    try {
      const outcome = await this.backend.handle(request)
      if (outcome.is === 'auth') return { status: 200, grant: outcome.grant }
      if (outcome.is === 'raw') return { status: outcome.status, page: Buffer.from(outcome.body as Uint8Array).toString() }
      if (outcome.is === 'nothing') return { status: 204 }
      const { warnings } = outcome as { readonly warnings?: readonly string[] }
      return {
        status: 200,
        ...('data' in outcome && { data: outcome.data as Readonly<Record<string, unknown>> }),
        ...(warnings !== undefined && warnings.length > 0 && { warnings }),
      }
    } catch (cause) {
      if (isFault(cause)) return { status: cause.status, errors: cause.wire }
      throw cause
    }
  }

  login(token: string, role = 'r'): Promise<Told> {
    return this.ask('write', 'login', { role, jwt: token })
  }
}
