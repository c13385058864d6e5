/** From a folder to a server that answers: store opened, port taken, initialised on the first start, unsealed. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Seconds } from '../../kernel/index.ts'
import { isFault, type Server } from '../../server/index.ts'
import { CommandFailed, type Context } from '../command.ts'
import type { createLogSink } from '../commands/server/log-sink.ts'
import type { openListener, openServer, productFacts, Undo } from '../commands/server/serve.ts'
import { keyFileIn, readKeys, readRootToken, writeKeys } from './key-file.ts'

interface Parts {
  readonly address: { readonly host: string; readonly port: number }
  readonly lease: Seconds
  readonly createLogSink: typeof createLogSink
  readonly openServer: typeof openServer
  readonly openListener: typeof openListener
  readonly productFacts: typeof productFacts
}
export interface Ready {
  readonly url: string
  readonly rootToken: string
  /** Initialised just now. */
  readonly isNew: boolean
}

const SHARES = 5
const THRESHOLD = 3

/** @throws CommandFailed, with nothing lost: whatever was set up is undone by the caller. */
export async function makeReady(ctx: Context, data: string, undo: Undo, parts: Parts): Promise<Ready> {
  await mkdir(data, { recursive: true, mode: 0o700 }).catch((cause: unknown) => {
    throw new CommandFailed(`cannot make ${data}: ${(cause as Error).message}`, 1, { cause })
  })
  const log = await parts
    .createLogSink({ level: 'info', format: 'standard', file: join(data, 'server.log'), clock: ctx.clock, write: () => undefined })
    .catch((cause: unknown) => {
      throw new CommandFailed(`cannot open the log file: ${(cause as Error).message}`, 1, { cause })
    })
  undo.add(() => log.close())
  const server = await parts.openServer(
    ctx,
    {
      storage: { type: 'lmdb', options: { path: join(data, 'store') } },
      defaultLeaseTtl: parts.lease,
      maxLeaseTtl: parts.lease,
      audit: [],
      apiAuditCreation: false,
      auditPrefixes: false,
    },
    log,
    undo,
  )
  // The port before the keys: when it is taken, nothing has been made that could be lost.
  const listener = await parts.openListener(
    ctx,
    server,
    { address: parts.address, requireRequestHeader: false, withoutToken: { rekey: false, generateRoot: false } },
    await parts.productFacts(),
    log,
    undo,
  )
  const isNew = !(await server.core.operator.initialised())
  if (isNew) await initialise(server, data)
  await unseal(server, data)
  return { url: `http://${listener.address}`, rootToken: await readRootToken(data), isNew }
}

async function initialise({ core }: Server, data: string): Promise<void> {
  if ((await readKeys(data)) !== undefined) {
    throw new CommandFailed(
      `${keyFileIn(data)} is there, but the store beside it is empty: these keys belong to another store; put that store back, or move the file away`,
    )
  }
  const made = await core.operator.initialise({ secretShares: SHARES, secretThreshold: THRESHOLD })
  await writeKeys(data, { unsealKeys: made.keys, threshold: THRESHOLD }, made.rootToken)
}

async function unseal({ core }: Server, data: string): Promise<void> {
  const keys = await readKeys(data)
  if (keys === undefined) {
    throw new CommandFailed(
      `${keyFileIn(data)} is missing, and without the unseal keys the store beside it cannot be opened: put the file back`,
    )
  }
  const wrong = `the keys in ${keyFileIn(data)} do not open the store beside it: put back the file that belongs to it; the store is untouched`
  try {
    for (const key of keys.unsealKeys.slice(0, keys.threshold)) await core.operator.unseal(key)
  } catch (cause) {
    if (isFault(cause)) throw new CommandFailed(wrong, 1, { cause })
    throw cause
  }
  if (core.operator.sealStatus().sealed) throw new CommandFailed(wrong)
}
