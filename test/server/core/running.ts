/** A whole server without HTTP, on a clock that tests own: what the tests of core ask their questions to. */
import { randomBytes, randomUUID } from 'node:crypto'
import { ManualClock, parseJson, seconds, silentLog, stringifyJson, type Random } from '../../../src/kernel/index.ts'
import type { WireObject } from '../../../src/schema/index.ts'
import { createServer, type Server, type ServerOptions } from '../../../src/server/index.ts'
import { isFault, type CoreReply, type OpName } from '../../../src/server/logical/index.ts'

export const random: Random = { bytes: count => randomBytes(count), uuid: () => randomUUID() }

export interface Answered {
  readonly status: number
  readonly body: WireObject | undefined
  readonly errors?: readonly string[]
}
export interface Asking {
  readonly token?: string
  readonly wrap?: number
  readonly from?: string
  /** As in the header. */
  readonly namespace?: string
}

export interface Running {
  readonly server: Pick<Server, 'core'> & Partial<Pick<Server, 'reloadAudit'>>
  readonly clock: ManualClock
  readonly root: string
  readonly keys: readonly string[]
  ask(op: OpName, path: string, data?: WireObject, how?: Asking): Promise<Answered>
  /** The same with the token of somebody else. */
  as(token: string): (op: OpName, path: string, data?: WireObject, how?: Asking) => Promise<Answered>
  /** Lets due timers fire and their work end. */
  pass(seconds: number): Promise<void>
}

export interface StartOptions {
  readonly storage?: { readonly type: string; readonly options: Readonly<Record<string, string>> }
  readonly shares?: number
  readonly threshold?: number
  readonly clock?: ManualClock
  readonly audit?: ServerOptions['audit']
}

export async function open(options: StartOptions = {}): Promise<{ server: Server; clock: ManualClock }> {
  const clock = options.clock ?? new ManualClock(new Date('2026-01-01T00:00:00Z'))
  const server = await createServer({
    storage: options.storage ?? { type: 'inmem', options: {} },
    log: silentLog,
    clock,
    random,
    version: '2.7.2',
    defaultLeaseTtl: seconds(2_764_800),
    maxLeaseTtl: seconds(2_764_800),
    strictReplies: true,
    ...(options.audit && { audit: options.audit }),
  })
  return { server, clock }
}

export async function running(options: StartOptions = {}): Promise<Running> {
  const { server, clock } = await open(options)
  const { core } = server
  const { keys, rootToken } = await core.operator.initialise({ secretShares: options.shares ?? 1, secretThreshold: options.threshold ?? 1 })
  for (const key of keys.slice(0, options.threshold ?? 1)) await core.operator.unseal(key)
  return asking(server, clock, rootToken, keys)
}

export function asking(
  server: Pick<Server, 'core'> & Partial<Pick<Server, 'reloadAudit'>>,
  clock: ManualClock,
  root: string,
  keys: readonly string[] = [],
): Running {
  const { core } = server
  const ask = async (op: OpName, path: string, data: WireObject = {}, how: Asking = {}): Promise<Answered> => {
    try {
      const reply = await core.handle({
        id: randomUUID(),
        op,
        path,
        namespace: how.namespace ?? '',
        data,
        token: how.token ?? root,
        wrap: how.wrap === undefined ? undefined : { ttl: seconds(how.wrap), format: 'token' },
        remoteAddress: how.from ?? '127.0.0.1',
        signal: new AbortController().signal,
      })
      return { status: reply.status, body: bodyOf(reply) }
    } catch (cause) {
      if (!isFault(cause)) throw cause
      return { status: cause.status, body: undefined, errors: cause.wire }
    }
  }
  return {
    server,
    clock,
    root,
    keys,
    ask,
    as: token => (op, path, data, how) => ask(op, path, data, { ...how, token }),
    async pass(count) {
      clock.advance(count * 1000)
      for (let i = 0; i < 50; i++) await new Promise(resolve => setImmediate(resolve))
    },
  }
}

function bodyOf(reply: CoreReply): WireObject | undefined {
  switch (reply.is) {
    case 'envelope':
      return parseJson(stringifyJson({ ...reply.topLevel, ...reply.envelope })) as WireObject
    case 'bare':
      return reply.body
    case 'raw':
      return parseJson(Buffer.from(reply.body as Uint8Array).toString()) as WireObject
    case 'empty':
      return undefined
  }
}

/** `data` of an envelope. */
export const dataOf = (answered: Answered): WireObject => (answered.body?.['data'] ?? {}) as WireObject
/** `auth` of an envelope. */
export const authOf = (
  answered: Answered,
): { readonly client_token: string; readonly accessor: string; readonly lease_duration: number; readonly policies: string[] } =>
  answered.body?.['auth'] as never
