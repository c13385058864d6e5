/** A server with an engine that leases accounts of an outside system, over a store that a test can look into and break. */
import { ManualClock, seconds, silentLog, type Seconds } from '../../../src/kernel/index.ts'
import { f } from '../../../src/schema/index.ts'
import { AuditLog } from '../../../src/server/audit/index.ts'
import { tokenMethod } from '../../../src/server/auth/token/index.ts'
import { userpass } from '../../../src/server/auth/userpass/index.ts'
import { createBarrier, createSealStore } from '../../../src/server/barrier/index.ts'
import { createCore, type RunningCore } from '../../../src/server/core/index.ts'
import { identityEngine } from '../../../src/server/engines/identity/index.ts'
import { cubbyhole, dropToken } from '../../../src/server/engines/cubbyhole/index.ts'
import { kv } from '../../../src/server/engines/kv/index.ts'
import { defineEngine, family, gives, op, route, type SecretsEngine } from '../../../src/server/framework/index.ts'
import { combine, split } from '../../../src/server/seal/shamir/index.ts'
import { openMemory } from '../../../src/server/storage/memory/index.ts'
import { systemBackend } from '../../../src/server/system/index.ts'
import { asking, random, type Running } from './running.ts'

type Storage = ReturnType<typeof openMemory>

/** An outside system that hands out accounts, and can be out of order. */
export class Outside {
  readonly accounts: Set<string> = new Set()
  broken: boolean = false
  revocations: number = 0
  /** One account that cannot be ended. */
  stuck: string | undefined
  /** Asked before each account is handed out. */
  gate: Promise<void> | undefined
  #next = 0

  issue(): string {
    const name = `account-${++this.#next}`
    this.accounts.add(name)
    return name
  }
  revoke(name: string): void {
    this.revocations++
    if (this.broken || name === this.stuck) throw new Error('out of order')
    this.accounts.delete(name)
  }
}

const routes = {
  creds: route('creds', {
    doc: 'An account.',
    ops: { read: op({ doc: 'Get an account.', gives: gives.lease({ account: f.string('Its name.').required() }) }) },
  }),
}
const outsideEngine = (outside: Outside): SecretsEngine =>
  defineEngine({
    type: 'outside',
    doc: 'Accounts of an outside system.',
    families: [
      family(routes, {
        creds: {
          async read() {
            await outside.gate
            const account = outside.issue()
            return {
              is: 'lease',
              data: { account },
              secret: { kind: 'account', internal: { account }, ttl: seconds(3600), maxTtl: seconds(7200), renewable: true },
            }
          },
        },
      }),
    ],
    secrets: [
      { name: 'account', doc: 'An account.', revoke: async (_, internal) => outside.revoke((internal as { account: string }).account) },
    ],
  })

export function openCore(outside: Outside, storage: Storage, clock: ManualClock, horizon?: Seconds): Promise<RunningCore> {
  return createCore({
    barrier: createBarrier({ storage, random, clock }),
    sealStore: createSealStore(storage),
    shares: { split, combine },
    recipient: () => unasked(),
    snapshots: { take: () => unasked(), read: () => unasked() },
    storageType: 'inmem',
    closeStorage: () => storage.close(),
    engines: { outside: outsideEngine(outside), kv },
    authMethods: { userpass },
    system: systemBackend,
    tokenMethod,
    identityEngine,
    apiAddress: () => '',
    cubbyhole,
    audit: new AuditLog({ kinds: {}, declared: [], apiCreation: false, prefixAllowed: false, clock, random, log: silentLog }),
    dropCubbyhole: dropToken,
    clock,
    random,
    log: silentLog,
    version: '2.7.2',
    defaultLeaseTtl: seconds(86_400),
    maxLeaseTtl: seconds(864_000),
    leaseRevocationHorizon: horizon,
    strictReplies: true,
  })
}

export async function runningOutside(outside: Outside, storage: Storage = openMemory(), horizon?: Seconds): Promise<Running> {
  const clock = new ManualClock(new Date('2026-01-01T00:00:00Z'))
  const core = await openCore(outside, storage, clock, horizon)
  const { keys, rootToken } = await core.operator.initialise({ secretShares: 1, secretThreshold: 1 })
  await core.operator.unseal(keys[0] as string)
  return asking({ core }, clock, rootToken, keys)
}

function unasked(): never {
  throw new Error('nobody asks for it')
}
