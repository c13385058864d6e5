import { randomBytes, randomUUID } from 'node:crypto'
import { createClient, writerOf, type Client, type Writer } from '../../src/client/index.ts'
import { systemClock } from '../../src/kernel/index.ts'
import { applyPhase, planPhase, type ApplyReport, type Consents } from '../../src/reconciler/index.ts'
import type { Plan } from '../../src/reconciler/model/index.ts'
import { NOW } from '../reconciler/harness/repository.ts'

export interface TestTarget {
  readonly client: Client
  readonly writer: Writer
  /** Method and path of every request since it was last emptied. */
  readonly requests: string[]
  plan(dir: string, env?: Readonly<Record<string, string>>): Promise<Plan>
  apply(dir: string, consents?: Consents, env?: Readonly<Record<string, string>>): Promise<ApplyReport>
}

/** A server that runs, as the reconciler sees it. */
export function targetAt(address: string, token = 'root', retries = 2): TestTarget {
  const requests: string[] = []
  const made = createClient({
    address,
    token,
    // As the command line has it: OpenBao answers 500 "transaction commit failed" when two reads of a new role meet.
    retries,
    connections: 32,
    clock: systemClock,
    random: { bytes: count => randomBytes(count), uuid: () => randomUUID() },
  })
  const client: Client = {
    ...made,
    send(request) {
      requests.push(`${request.method} ${request.path}`)
      return made.send(request)
    },
  }
  const writer = writerOf(client)
  const plan = async (dir: string, env: Readonly<Record<string, string>> = {}): Promise<Plan> => {
    const planned = await planPhase({ dir, source: 'worktree', reader: writer, target: { address }, env, now: NOW })
    if (planned.is === 'broken') throw new Error(planned.findings.map(it => `${it.at?.file ?? ''}: ${it.summary}`).join('; '))
    return planned.plan
  }
  return {
    client,
    writer,
    requests,
    plan,
    async apply(dir, consents = {}, env = {}) {
      const result = await applyPhase(await plan(dir, env), { writer, env, dir, consents, lookFirst: false })
      if (result.is === 'refused') throw new Error(result.refusals.map(it => it.summary).join('; '))
      return result.report
    },
  }
}
